import { canonicalJson, compareCodeUnits, formatPlace, sortedBy } from '../../core/index.ts';
import type { ZoneSet } from '../../dns/types.ts';
import type { AnswerLine, UtilisationLine } from '../../network/types.ts';
import type { AuditRun } from '../../policy/types.ts';
import type { OverlaySet } from '../../vpn/types.ts';
import { sortRecords } from '../records/collect.ts';
import type { InventoryRecord } from '../types.ts';
import type { FindingLine, NodeLine, ZoneLine } from './manifest.ts';

/** What a member tells the centre. */
export interface BundleContent {
  readonly records: readonly InventoryRecord[];
  readonly zones?: ZoneSet | undefined;
  readonly overlays?: OverlaySet | undefined;
  readonly audit?: AuditRun | undefined;
  /** What it says of the blocks the centre delegated; absent where it was delegated none. */
  readonly delegation?: DelegationContent | undefined;
}

/** How full delegated blocks are, and what the member answers to proposals about them. */
export interface DelegationContent {
  readonly utilisation: readonly UtilisationLine[];
  readonly answers: readonly AnswerLine[];
  /** Blocks of which nothing else is shown. */
  readonly withheld: readonly string[];
}

/** The attached files: name to lines, each one value as canonical JSON. Public facts only. */
export function attachmentLines(content: BundleContent): Map<string, string[]> {
  const text = (values: readonly unknown[]): string[] => values.map((value) => canonicalJson(value));
  return new Map([
    ['records.ndjson', text(sortRecords([...content.records]))],
    ['zones.ndjson', text(zoneLines(content.zones))],
    ['tunnels.ndjson', text(nodeLines(content.overlays))],
    ['audit.ndjson', text(findingLines(content.audit))],
    ...(content.delegation ? delegationLines(content.delegation).map(([name, values]) => [name, text(values)] as const) : []),
  ]);
}

/** Beside the four files every bundle has: centres that do not know these yet pass over them. */
function delegationLines({ utilisation, answers }: DelegationContent): [string, readonly unknown[]][] {
  return [
    ['utilisation.ndjson', utilisation],
    ['answers.ndjson', answers],
  ];
}

function zoneLines(set: ZoneSet | undefined): ZoneLine[] {
  const lines = (set?.zones ?? []).map((zone): ZoneLine => {
    const nameServers = zone.records.find(({ name, type }) => type === 'NS' && name === zone.name)?.data ?? [];
    const inside = new Set(nameServers.filter((server) => server === zone.name || server.endsWith(`.${zone.name}`)));
    return {
      name: zone.name,
      direction: zone.kind,
      owner: zone.owner,
      policy: zone.policy,
      nameServers: [...nameServers],
      glue: zone.records
        .filter(({ name, type }) => (type === 'A' || type === 'AAAA') && inside.has(name))
        .map(({ name, type, data }) => ({ name, type: type as 'A' | 'AAAA', data: [...data] })),
    };
  });
  return sortedBy(lines, ({ name }) => name);
}

function nodeLines(set: OverlaySet | undefined): NodeLine[] {
  const lines = (set?.overlays ?? []).flatMap((overlay) =>
    overlay.nodes
      .filter(({ elsewhere }) => elsewhere !== true)
      .map((node): NodeLine => ({
        overlay: overlay.name,
        profile: overlay.profile.name,
        protection: overlay.profile.kind,
        id: node.id,
        role: node.role,
        owner: node.owner,
        site: node.site,
        endpoints: [...node.endpoints],
        prefixes: [...node.prefixes],
        asn: node.asn,
        publicKey: node.publicKey,
      })),
  );
  return lines.sort((a, b) => compareCodeUnits(a.overlay, b.overlay) || compareCodeUnits(a.id, b.id));
}

function findingLines(run: AuditRun | undefined): FindingLine[] {
  return (run?.findings ?? []).map((finding) => ({
    fingerprint: finding.fingerprint,
    rule: finding.rule,
    severity: finding.severity,
    enforcement: finding.enforcement,
    status: finding.status,
    agency: finding.agency,
    subject: { kind: finding.subject.kind, id: finding.subject.id },
    declaredAt: finding.place === undefined ? undefined : formatPlace(finding.place),
    basis: finding.basis.map(({ instrument, number, clause, grade }) => ({ instrument, number, clause, grade })),
    message: { vi: finding.message.vi, en: finding.message.en },
    waived: finding.waiver !== undefined,
  }));
}
