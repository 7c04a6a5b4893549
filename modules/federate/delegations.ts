import * as fs from 'node:fs';
import * as path from 'node:path';
import { ProblemError, sortedBy } from '../core/index.ts';
import { loadSettings, type Federation, type Settings } from '../federation/index.ts';
import type { AddressPlan, ConcernedByProposal, MemberReport, ProposalView } from '../network/index.ts';
import type { AnswerLine, UtilisationLine } from '../network/types.ts';

/** The inventory bundles are taken into, below a federation's folder. */
const inventoryFile = '.vcloud/inventory.sqlite';

/**
 * What the centre in `root` knows of its members' blocks: keys from vcloud.yaml, figures and answers from the last bundle of
 * each. A member without a bundle, or an inventory that cannot be read, leaves them unknown.
 */
export async function memberReports(root: string, settings?: Settings): Promise<MemberReport[]> {
  const members = (settings ?? settingsIn(root))?.members ?? [];
  const unknown = members.map(({ id, scope }): MemberReport => ({ member: id, keys: scope.keys, utilisation: [], answers: [] }));
  // Most federations have no members, and the store is a library of its own.
  if (members.length === 0 || !fs.existsSync(path.join(root, inventoryFile))) return unknown;
  const { lastSubmission, openInventory, readAttachment } = await import('../inventory/index.ts');
  try {
    const store = openInventory(root, { readOnly: true });
    try {
      return unknown.map((report) => {
        const last = lastSubmission(store, report.member);
        if (last === undefined) return report;
        return {
          ...report,
          date: last.observed,
          utilisation: readAttachment(store, report.member, 'utilisation') as UtilisationLine[],
          answers: readAttachment(store, report.member, 'answers') as AnswerLine[],
        };
      });
    } finally {
      store.close();
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return unknown;
  }
}

function settingsIn(root: string): Settings | undefined {
  return fs.existsSync(path.join(root, 'vcloud.yaml')) ? loadSettings(root) : undefined;
}

/**
 * The zones and overlays of this member that use addresses a proposal would take: names and node ids, for the person who must
 * answer. Works out zones and overlays from the address plan; writes nothing.
 * @throws ProblemError with the problems of zone and overlay plans
 */
export async function concernedBy(
  root: string,
  federation: Federation,
  addresses: AddressPlan,
  views: readonly ProposalView[],
): Promise<(ProposalView & ConcernedByProposal)[]> {
  const [{ planZones }, { planOverlays }, { prefixContains, canonicalText }, { reversePrefix }] = await Promise.all([
    import('../dns/index.ts'),
    import('../vpn/index.ts'),
    import('../network/index.ts'),
    import('../inventory/index.ts'),
  ]);
  const zones = planZones(root, federation, addresses).zones;
  const overlays = planOverlays(root, federation, addresses).overlays;
  return views.map((view) => {
    const inside = (text: string | undefined): boolean =>
      text !== undefined && canonicalText(text) !== undefined && view.gives.some((prefix) => prefixContains(prefix, text));
    return {
      ...view,
      zones: sortedBy(
        zones.flatMap(({ name, records }) => {
          if (inside(reversePrefix(name))) return [{ zone: name, records: records.reduce((sum, { data }) => sum + data.length, 0) }];
          const count = records.reduce((sum, { type, data }) => sum + (type === 'A' || type === 'AAAA' ? data.filter(inside).length : 0), 0);
          return count === 0 ? [] : [{ zone: name, records: count }];
        }),
        ({ zone }) => zone,
      ),
      overlays: sortedBy(
        overlays.flatMap(({ name, nodes }) => {
          const ids = nodes.filter((node) => [...node.prefixes, ...node.endpoints, node.inner?.v4, node.inner?.v6].some(inside)).map(({ id }) => id);
          return ids.length === 0 ? [] : [{ overlay: name, nodes: ids.sort() }];
        }),
        ({ overlay }) => overlay,
      ),
    };
  });
}
