import type { Check } from '../check.ts';
import { linkBackup, linkEncrypted, linkLoad } from './links.ts';
import { siteExchanges, siteMutualBackup, siteTier, siteUpstreams } from './sites.ts';
import { statedChecks } from './stated.ts';

/** Every check `policies/rules.yaml` may name. A new one is added here. */
export const checks: ReadonlyMap<string, Check> = new Map(
  [linkBackup, linkEncrypted, linkLoad, siteExchanges, siteMutualBackup, siteTier, siteUpstreams, ...statedChecks].map((check) => [check.id, check]),
);
