import type { Verb } from './kit.ts';
import { auditVerbs } from './commands/audit.ts';
import { blueprintVerbs } from './commands/blueprints.ts';
import { coreVerbs } from './commands/core.ts';
import { dnsVerbs } from './commands/dns.ts';
import { engineVerbs } from './commands/engine.ts';
import { federateVerbs } from './commands/federate.ts';
import { bundleVerbs } from './commands/bundle.ts';
import { inventoryVerbs } from './commands/inventory.ts';
import { helpVerbs } from './commands/help.ts';
import { initVerbs } from './commands/init.ts';
import { migrateVerbs } from './commands/migrate.ts';
import { netAdoptVerbs } from './commands/net-adopt.ts';
import { netEditVerbs } from './commands/net-edit.ts';
import { netRulesVerbs } from './commands/net-rules.ts';
import { netVerbs } from './commands/net.ts';
import { netOwnersVerbs } from './commands/net-owners.ts';
import { netExportVerbs } from './commands/net-export.ts';
import { netViewVerbs } from './commands/net-view.ts';
import { schemaVerbs } from './commands/schema.ts';
import { synthVerbs } from './commands/synth.ts';
import { systemVerbs } from './commands/system.ts';
import { vpnVerbs } from './commands/vpn.ts';

/** Every verb of the command line. A new area adds its list here. */
export const verbs: readonly Verb[] = [
  ...coreVerbs,
  ...federateVerbs,
  ...initVerbs,
  ...schemaVerbs,
  ...migrateVerbs,
  ...netViewVerbs,
  ...netVerbs,
  ...netRulesVerbs,
  ...netEditVerbs,
  ...netAdoptVerbs,
  ...netOwnersVerbs,
  ...netExportVerbs,
  ...dnsVerbs,
  ...vpnVerbs,
  ...engineVerbs,
  ...inventoryVerbs,
  ...bundleVerbs,
  ...synthVerbs,
  ...systemVerbs,
  ...blueprintVerbs,
  ...auditVerbs,
  ...helpVerbs,
];
