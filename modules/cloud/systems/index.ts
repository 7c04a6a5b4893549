import { archive } from './blueprints/archive.ts';
import { crawler } from './blueprints/crawler.ts';
import { dataStore } from './blueprints/data-store.ts';
import { edge } from './blueprints/edge.ts';
import { exchangeNode } from './blueprints/exchange-node.ts';
import { integrationBus } from './blueprints/integration-bus.ts';
import type { Blueprint } from './blueprints/kit.ts';
import { messageBroker } from './blueprints/message-broker.ts';
import { sharedService } from './blueprints/shared-service.ts';
import { webSystem } from './blueprints/web-system.ts';

export type * from './shape.ts';
export type { Blueprint } from './blueprints/kit.ts';

/** Kinds of systems a tenant can be declared to be (`blueprint:`), by name. They know no cloud. */
export const systemBlueprints: ReadonlyMap<string, Blueprint> = new Map(
  [archive, crawler, dataStore, edge, exchangeNode, integrationBus, messageBroker, sharedService, webSystem].map((one) => [one.name, one]),
);
export { blueprintNamed, blueprintReference, blueprintText, describeBlueprint, exampleIntent, type BlueprintDescription } from './describe.ts';
