import * as path from 'node:path';
import { fail, keyIdOf, plural, ProblemError } from '../core/index.ts';
import { enrolledCentre, loadFederation, loadSettings, readExtract, receiveExtract, verifyExtract } from '../federation/index.ts';
import { memberReports } from './delegations.ts';

/** What handing over an extract leaves. */
export interface HandedOver {
  readonly file: string;
  readonly member: string;
  readonly sequence: number;
  readonly created: string;
  readonly expires: string;
  readonly blocks: number;
  readonly proposals: number;
  readonly policies: number;
  readonly changed: boolean;
  readonly centreKey: string;
}

/** Where the extract of a member is written by default. */
export function extractFileOf(member: string): string {
  return `out/extracts/${member}.json`;
}

/**
 * Writes the signed extract of one member, with the policies it names, as one file to be carried to a member whose folder does
 * not lie here. Nothing is handed out that is not in the locks.
 * @throws ProblemError INV-EXTRACT-MEMBER, INV-EXTRACT-PENDING, INV-EXTRACT-KEY, and those of plans and overlays
 */
export async function handOverExtract(
  root: string,
  member: string,
  options: { readonly asOf: string; readonly output?: string | undefined },
): Promise<HandedOver> {
  const { asOf } = options;
  const federation = await loadFederation(root, { asOf });
  const { settings } = federation;
  const found = settings.members.find(({ id }) => id === member);
  if (!found) {
    fail('INV-EXTRACT-MEMBER', `"${member}" is no member of this federation`, {
      file: 'vcloud.yaml',
      hint: settings.members.length > 0 ? `members: ${settings.members.map(({ id }) => id).join(', ')}` : 'list it under `members:` with its scope',
    });
  }
  const [{ loadAddressPlans, planAddresses }, { planOverlays }, { createExtract, writeExtractFile }] = await Promise.all([
    import('../network/index.ts'),
    import('../vpn/index.ts'),
    import('../inventory/index.ts'),
  ]);
  const plans = await loadAddressPlans(root, federation, { members: await memberReports(root, settings) });
  const planned = planAddresses(plans);
  if (planned.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(planned.problems);
  const { add, release, move, change } = planned.diff;
  const open = [...add, ...release, ...move, ...change].filter(({ key, from, to }) => from !== to && found.scope.keys.includes(key));
  if (open.length > 0) {
    fail(
      'INV-EXTRACT-PENDING',
      `${plural(open.length, 'block')} of member "${member}" are not in the locks as planned: ${open.map(({ key, to, from }) => `${key} ${to ?? from ?? ''}`).join(', ')}`,
      {
        hint: 'run `vcloud net allocate` first: what is handed out must be recorded',
      },
    );
  }
  const { envelope, extract, policies, changed } = createExtract(root, found, {
    settings,
    addresses: planned.addressPlan,
    overlays: planOverlays(root, federation, planned.addressPlan),
    delegations: plans.delegation.declared,
    asOf,
  });
  const file = options.output ?? extractFileOf(member);
  writeExtractFile(path.resolve(root, file), envelope, policies);
  const { sequence, created, expires, blocks, delegations = [], centreKey } = extract;
  const proposals = delegations.reduce((sum, delegation) => sum + delegation.proposals.length, 0);
  return { file, member, sequence, created, expires, blocks: blocks.length, proposals, policies: policies.size, changed, centreKey };
}

/** What taking an extract in leaves. */
export interface TakenExtract {
  readonly member: string;
  readonly sequence: number;
  readonly created: string;
  readonly expires: string;
  /** Whether it differs from the one held before. */
  readonly changed: boolean;
  /** Whether the centre's key was unknown before. */
  readonly enrolled: boolean;
  readonly blocks: number;
  readonly proposals: number;
  /** Ids of proposals no plan of this member answers. */
  readonly unanswered: readonly string[];
}

/**
 * Takes an extract that came as a file: verified against the centre's key this member keeps, or the one given where it keeps
 * none yet. Trust on first use is for folders that lie side by side; a file may have passed through any hands.
 * @throws ProblemError FED-EXTRACT-*; what was held before stays
 */
export async function takeExtract(root: string, file: string, options: { readonly asOf: string; readonly key?: string | undefined }): Promise<TakenExtract> {
  const { asOf } = options;
  const { readExtractFile } = await import('../inventory/index.ts');
  const settings = loadSettings(root);
  const { envelope, policies } = readExtractFile(file);
  const pinned = enrolledCentre(root);
  const key = options.key?.trim();
  if (pinned === undefined && key === undefined) {
    const { extract } = verifyExtract(JSON.stringify(envelope), undefined);
    fail('FED-EXTRACT-KEY', `this member does not know the centre's key yet; the file is signed by key ${keyIdOf(extract.centreKey).slice(0, 16)}...`, {
      file: path.basename(file),
      hint: 'ask the centre for its key over another channel (`vcloud bundle keygen` prints it there) and name it with --key',
    });
  }
  const changed = receiveExtract(root, envelope, { asOf, member: settings.member.id, policies, centreKey: key });
  const extract = readExtract(root, { asOf, member: settings.member.id });
  if (!extract) fail('FED-EXTRACT-FORMAT', 'the extract was not kept', { file: path.basename(file), hint: 'take it in again' });
  const proposed = (extract.delegations ?? []).flatMap(({ proposals }) => proposals.map(({ id }) => id));
  return {
    member: extract.member,
    sequence: extract.sequence,
    created: extract.created,
    expires: extract.expires,
    changed,
    enrolled: pinned === undefined,
    blocks: extract.blocks.length,
    proposals: proposed.length,
    unanswered: await unanswered(root, proposed),
  };
}

/** Answers are read from the plans alone: they count whatever else a plan has wrong. */
async function unanswered(root: string, proposed: readonly string[]): Promise<string[]> {
  if (proposed.length === 0) return [];
  const { readAnswers } = await import('../network/index.ts');
  const answered = new Set(readAnswers(root));
  return proposed.filter((id) => !answered.has(id));
}
