import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFederation, type Federation } from '../../modules/federation/index.ts';
import type { InventoryRecord } from '../../modules/inventory/types.ts';
import type { AddressPlan, Allocation } from '../../modules/network/types.ts';
import type { AuditRun, Finding } from '../../modules/policy/types.ts';
import { buildReportData, type ReportSources } from '../../modules/report/index.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
const place = { file: 'network-plans/national.yaml', line: 1, column: 1 };
let federation: Federation;

beforeAll(async () => {
  fs.mkdirSync(path.join(root, 'stacks/all'), { recursive: true });
  fs.writeFileSync(
    path.join(root, 'vcloud.yaml'),
    'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: centre, names: { vi: Trung tâm, en: Centre }, organisation: mst }\n',
  );
  fs.writeFileSync(
    path.join(root, 'stacks/all/all.yaml'),
    `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: viet-nam, kind: nation, names: { vi: Việt Nam, en: Viet Nam } }
  - { id: mst, kind: ministry, names: { vi: Bộ KH&CN, en: MST }, parent: viet-nam, location: { lat: 21, lon: 105.8 } }
  - { id: provider, kind: provider, names: { vi: Nhà cung cấp, en: Provider } }
sites:
  - { id: hub, kind: data-centre, names: { vi: Trung tâm, en: Hub }, owner: mst, role: hub }
clouds:
  - { id: gov, kind: openstack, names: { vi: Đám mây, en: Cloud }, owner: mst, regions: [{ name: one, site: hub }] }
systems:
  - { id: safe, names: { vi: A, en: A }, owner: mst, disasterRecovery: { site: hub, rpoMinutes: 5 } }
  - { id: unsafe, names: { vi: B, en: B }, owner: mst, level: { value: 3 } }
`,
  );
  federation = await loadFederation(root, { asOf: '2026-03-01' });
});

afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const addresses: AddressPlan = {
  allocations: new Map<string, Allocation>([
    ['agency/moh', { key: 'agency/moh', v4: '10.1.0.0/16', pool4: 'gov-v4', v6: '3fff:1::/32', pool6: 'gov-v6', place, container: true, role: 'container' }],
    ['site/hub', { key: 'site/hub', v4: '10.2.0.0/24', pool4: 'gov-v4', place, container: false, role: 'block' }],
  ]),
  pools: new Map([
    ['gov-v4', { name: 'gov-v4', prefix: '10.0.0.0/8', domain: 'tslcd', place }],
    ['gov-v6', { name: 'gov-v6', prefix: '3fff::/20', domain: 'tslcd', place }],
  ]),
  domains: new Map(),
  asns: new Map(),
  released: [],
};

function record(member: string, kind: string, id: string, owner: string, attributes: InventoryRecord['attributes']): InventoryRecord {
  const names = { vi: id, en: id };
  return {
    urn: `urn:vcloud:${member}:${kind}:${id}`,
    kind,
    layer: 'declared',
    member,
    owner,
    owners: [owner],
    names,
    observed: '2026-03-01',
    relations: [],
    attributes,
  };
}

const records = [
  record('moh', 'resource', 'moh.a.b/x.y', 'moh', {}),
  record('centre', 'prefix', 'site/hub/v4', 'mst', { key: 'site/hub', prefix: '10.2.0.0/24' }),
  record('moh', 'organisation', 'moh', 'moh', { kind: 'ministry', parent: 'viet-nam', location: { lat: 21.1, lon: 105.9 } }),
  record('moh', 'cloud', 'moh-cloud', 'moh', { kind: 'openstack', regions: [{ name: 'one', site: 'moh-dc' }] }),
  record('moh', 'site', 'moh-dc', 'moh', { kind: 'data-centre', location: { lat: 21, lon: 105.7 } }),
  record('moh', 'prefix', 'site/moh-dc/v4', 'moh', { key: 'site/moh-dc', prefix: '10.1.0.0/24', domain: 'tslcd' }),
  record('moh', 'system', 'records', 'moh', { level: { value: 4 }, shared: true, disasterRecovery: { site: 'hub' } }),
  record('moh', 'stack', 'moh.a.b', 'moh', { agency: 'moh', resources: 12, environment: 'sandbox' }),
  record('moh', 'link', 'l1', 'moh', { kind: 'mpls', from: 'moh-dc', to: 'hub' }),
  record('moh', 'zone', 'moh.gov.vn', 'moh', { records: 4 }),
];

function build(extra: Partial<ReportSources> = {}): ReturnType<typeof buildReportData> {
  return buildReportData({ federation, records, addresses, ...extra });
}

describe('what the page shows', () => {
  it('is named after what stands above the member', () => {
    expect(build().federation).toEqual({ id: 'centre', names: { vi: 'Việt Nam', en: 'Viet Nam' } });
  });

  it('joins what the member declares with what other members report', () => {
    const data = build();
    expect(data.organisations.map(({ id }) => id)).toEqual(['moh', 'mst', 'provider', 'viet-nam']);
    expect(data.organisations.find(({ id }) => id === 'moh')).toMatchObject({ parent: 'viet-nam', location: { lat: 21.1, lon: 105.9 } });
    expect(data.sites.map(({ id, clouds }) => [id, clouds])).toEqual([
      ['hub', ['gov']],
      ['moh-dc', ['moh-cloud']],
    ]);
    expect(data.connections).toMatchObject([{ id: 'l1', from: 'moh-dc', to: 'hub' }]);
    expect(data.stacks).toMatchObject([{ path: 'moh.a.b', agency: 'moh', resources: 12 }]);
    expect(data.stacks[0]?.state).toBeUndefined();
    expect(data.totals).toMatchObject({ organisations: 4, sites: 2, clouds: 2, systems: 3, stacks: 1, resources: 12, zones: 1, zoneRecords: 4, records: 10 });
  });

  it('gives a site without coordinates the place of its owner', () => {
    expect(build().sites.find(({ id }) => id === 'hub')?.location).toEqual({ lat: 21, lon: 105.8 });
  });

  it('knows who answers for each block, a member for the one held for it', () => {
    expect(build().prefixes.map(({ key, prefix, owner, member }) => [key, prefix, owner, member])).toEqual([
      ['agency/moh', '10.1.0.0/16', 'moh', 'centre'],
      ['agency/moh', '3fff:1::/32', 'moh', 'centre'],
      ['site/hub', '10.2.0.0/24', 'mst', 'centre'],
      ['site/moh-dc', '10.1.0.0/24', 'moh', 'moh'],
    ]);
    expect(build().totals).toMatchObject({ prefixes4: 3, prefixes6: 1 });
  });

  it('tells systems without recovery from those with', () => {
    expect(build().systems.map(({ id, level, recovery }) => [id, level, recovery?.place])).toEqual([
      ['records', 4, 'hub'],
      ['safe', undefined, 'hub'],
      ['unsafe', 3, undefined],
    ]);
  });

  it('lists records in the order of kinds, whatever order they come in', () => {
    const kinds = build().inventory.map(({ kind }) => kind);
    expect(kinds[0]).toBe('organisation');
    expect(kinds.at(-1)).toBe('resource');
    expect(build({ records: [...records].reverse() })).toEqual(build());
  });

  it('takes counts of a plan only from the plan', () => {
    const stack = { path: 'mst.a.b', agency: 'mst', waitsFor: [], change: 1, destroy: 0, changes: [], milliseconds: 10 };
    const data = build({
      plans: [{ id: 'p', environment: 'sandbox', stacks: [{ ...stack, state: 'planned', add: 2 }], engine: { name: 'tofu', version: '1.8.0' } }],
    });
    expect(data.stacks.find(({ path: name }) => name === 'mst.a.b')).toMatchObject({ state: 'planned', add: 2, change: 1, resources: 0 });
    expect(data.plan).toMatchObject({ id: 'p', engine: 'tofu 1.8.0', environment: 'sandbox' });
  });
});

describe('the audit on the page', () => {
  const finding = (status: Finding['status'], severity: Finding['severity'], extra: Partial<Finding> = {}): Finding => ({
    fingerprint: `${status}${severity}`,
    rule: 'r1',
    severity,
    enforcement: 'mandatory',
    status,
    subject: { kind: 'system', id: 'unsafe' },
    agency: 'mst',
    basis: [{ instrument: 'i1', number: '1/2026', clause: '4', grade: 'official' }],
    message: { vi: 'a', en: 'b' },
    evidence: { z: undefined, a: { b: 1 }, c: 'y'.repeat(400) },
    ...extra,
  });
  const run = (findings: Finding[]): AuditRun =>
    ({ asOf: '2026-03-01', findings, rules: 1, instruments: 1, totals: {}, waivers: [], notices: [] }) as unknown as AuditRun;

  it('lists what somebody should read, gravest first, and counts the rest', () => {
    const waiver = { id: 'w1', owner: 'a', approver: 'b', expires: '2027-01-01' };
    const { audit } = build({
      audits: [
        run([finding('pass', 'high'), finding('unknown', 'low'), finding('fail', 'low'), finding('fail', 'critical'), finding('fail', 'high', { waiver })]),
      ],
    });
    expect(audit?.findings.map(({ status, severity }) => `${status} ${severity}`)).toEqual(['fail critical', 'fail low', 'unknown low', 'waived high']);
    expect(audit?.rules[0]?.counts).toEqual({ pass: 1, fail: 2, unknown: 1, 'not-applicable': 0, manual: 0, waived: 1 });
    expect(audit?.findings[0]).toMatchObject({ basis: ['1/2026, 4 [official]'], instruments: ['i1'] });
    expect(audit?.findings[0]?.evidence.slice(0, 1)).toEqual(['a = {"b":1}']);
    expect(audit?.findings[0]?.evidence[1]).toHaveLength(304);
    expect(audit?.findings[0]?.evidence[2]).toBe('z = -');
  });

  it('says how many it left out', () => {
    const { audit } = build({ audits: [run(Array.from({ length: 4100 }, (_, index) => finding('unknown', 'low', { fingerprint: String(index) })))] });
    expect([audit?.findings.length, audit?.omitted]).toEqual([4000, 100]);
  });

  it('is absent where no audit ran', () => {
    expect(build().audit).toBeUndefined();
  });
});
