import { TenantStack } from '../program/stack.ts';
import type { Construct } from 'constructs';

/** What is asked for by purpose and found in the cloud by its name there. */
export type CatalogueKind = 'images' | 'flavors' | 'networks' | 'volumeTypes';

/** What the cloud a construct stands in calls something; its own name where the declaration of the cloud says nothing else. */
export function called(construct: Construct, kind: CatalogueKind, name: string): string {
  return TenantStack.of(construct).cloud.catalogue?.[kind]?.[name] ?? name;
}
