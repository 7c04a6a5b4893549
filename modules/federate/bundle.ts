import type { AuditRun } from '../policy/types.ts';
import type { CreatedBundle } from '../inventory/index.ts';
import type { States } from '../inventory/index.ts';
import type { Prepared } from './prepare.ts';

export interface BundleInput extends Prepared {
  /** Absent where the member has no policies. */
  readonly audit?: AuditRun | undefined;
  /** By stack path; a stack that is absent has no known state. */
  readonly states?: States | undefined;
}

/**
 * Signs what this member tells the centre. Of the blocks the centre delegated it says how full they are; what lies in them only
 * where both want that: the member (`bundle.detail` in vcloud.yaml) and the centre (`detail` of the delegation, if it declares one).
 * @throws ProblemError BUNDLE-SECRET, BUNDLE-DETAIL
 */
export async function makeBundle(root: string, run: BundleInput, asOf: string, folder?: string): Promise<CreatedBundle> {
  const [{ collectRecords, createBundle }, { answerLines, utilisationLines, withheldBlocks }] = await Promise.all([
    import('../inventory/index.ts'),
    import('../network/index.ts'),
  ]);
  const { settings } = run.federation;
  const { delegation } = run.plans;
  const { received } = delegation;
  return createBundle(root, {
    member: settings.member.id,
    asOf,
    expiresAfterDays: settings.bundle.expiresAfterDays,
    records: collectRecords({ ...run, asOf }),
    zones: run.zones,
    overlays: run.overlays,
    audit: run.audit,
    prefixes: [...run.addresses.pools.values()].map(({ prefix }) => prefix),
    delegation: received && {
      utilisation: utilisationLines(run.addresses, received),
      answers: answerLines(run.addresses, delegation),
      withheld: withheldBlocks(received, settings.bundle.detail),
    },
    folder,
  });
}
