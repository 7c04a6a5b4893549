import * as path from 'node:path';
import { loadFederation } from '../../modules/federation/index.ts';
import { audit, loadPolicies, type AuditOptions, type AuditRun, type Facts, type Finding, type PolicySet } from '../../modules/policy/index.ts';
import type { SynthesisedStack } from '../../modules/engine/types.ts';
import { folderWith } from '../helpers/folder.ts';

/** The policies of the reference federation: what ships is what is tested. */
export const root = path.resolve(import.meta.dirname, '../..');
let loaded: PolicySet | undefined;
export function policies(): PolicySet {
  loaded ??= { ...loadPolicies(root), waivers: [] };
  return loaded;
}

const settings = 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M }, organisation: nation }\n';
const organisations = `
organisations:
  - { id: nation, kind: nation, names: { vi: Q, en: N } }
  - { id: a, kind: ministry, names: { vi: A, en: A }, parent: nation }
  - { id: b, kind: province, names: { vi: B, en: B }, parent: nation }
  - { id: mst, kind: ministry, names: { vi: M, en: M }, parent: nation }
  - { id: seller, kind: provider, names: { vi: S, en: S }, parent: nation }
`;

export interface World {
  readonly declarations?: string;
  readonly numbering?: 'documentation' | 'production';
  readonly zones?: Facts['zones']['zones'];
  readonly overlays?: Facts['overlays']['overlays'];
  readonly asns?: Readonly<Record<string, number>>;
  readonly stacks?: readonly SynthesisedStack[];
  readonly asOf?: string;
}

/** Facts loaded from real declarations, with the generated parts as the other rooms would hand them over. */
export async function world({
  declarations = '',
  numbering = 'production',
  zones = [],
  overlays = [],
  asns = {},
  stacks = [],
  asOf = '2026-11-22',
}: World): Promise<Facts> {
  const folder = folderWith({
    'vcloud.yaml': `${settings}numbering: ${numbering}\n`,
    'stacks/a/a.yaml': `apiVersion: vcloud/v1\nkind: Declarations\n${organisations}${declarations}`,
  });
  return {
    federation: await loadFederation(folder, { asOf }),
    addresses: { allocations: new Map(), released: [], pools: new Map(), domains: new Map(), asns: new Map(Object.entries(asns)) },
    zones: { zones, files: new Map() },
    overlays: { overlays, files: new Map() },
    synthesis: { stacks, cached: 0 },
  };
}

/** A stack as synthesis hands it over, in the sandbox's form or the provider's own. */
export function stack(tenant: string, resources: Readonly<Record<string, unknown>>, sandbox = true): SynthesisedStack {
  const body: Record<string, Record<string, unknown>> = {};
  const list = Object.entries(resources).map(([address, written]) => {
    const [type = '', name = ''] = address.split('.');
    const planned = sandbox ? `terraform_data.${type}__${name}` : address;
    const [plannedType = '', plannedName = ''] = planned.split('.');
    (body[plannedType] ??= {})[plannedName] = sandbox ? { input: written } : written;
    return { address, type, planned, construct: address, subject: `tenant/${tenant}`, place: { file: 'stacks/a/a.yaml', line: 1, column: 1 } };
  });
  const json = JSON.stringify({ resource: body });
  return {
    path: `a.${tenant}.workload`,
    agency: 'a',
    tenant,
    environment: sandbox ? 'sandbox' : 'production',
    json,
    digest: '',
    dependsOn: [],
    reads: [],
    resources: list,
  };
}

/** The findings of one rule on one subject, by their sub-key. */
export function findings(run: AuditRun, rule: string, subject: string): Record<string, Finding> {
  const found = run.findings.filter((finding) => finding.rule === rule && `${finding.subject.kind}/${finding.subject.id}` === subject);
  return Object.fromEntries(found.map((finding) => [finding.fingerprint.split('#')[1] ?? '', finding]));
}

/** Status by subject of one rule; several findings on one subject are joined in the order of their sub-keys. */
export function statuses(facts: Facts, rule: string, options: Partial<AuditOptions> = {}, by: PolicySet = policies()): Record<string, string> {
  const run = audit(facts, by, { asOf: '2026-11-22', ...options, rules: [rule] });
  const result: Record<string, string> = {};
  for (const finding of run.findings) {
    result[finding.subject.id] = [result[finding.subject.id], finding.status].filter((part) => part !== undefined).join(' ');
  }
  return result;
}

export const names = 'names: { vi: X, en: X }';
