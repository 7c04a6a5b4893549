import type { InventoryRecord } from '../../modules/inventory/types.ts';
import type { ReportData } from '../../modules/report/index.ts';

const asOf = '2026-03-01';

function record(kind: string, id: string, owner: string, owners: string[], vi: string, en: string, extra: Partial<InventoryRecord> = {}): InventoryRecord {
  return {
    urn: `urn:vcloud:centre:${kind}:${id}`,
    kind,
    layer: 'declared',
    member: 'centre',
    owner,
    owners,
    names: { vi, en },
    observed: asOf,
    relations: [],
    attributes: {},
    ...extra,
  };
}

/** A country of one ministry, one city and three communes, with something in every part of the page. */
export const small: ReportData = {
  asOf,
  language: 'vi',
  federation: { id: 'centre', names: { vi: 'Việt Nam', en: 'Viet Nam' } },
  madeBy: { command: 'vcloud federate', version: '0.0.0' },
  members: [
    { id: 'centre', names: { vi: 'Trung tâm', en: 'Centre' } },
    { id: 'moh', names: { vi: 'Bộ Y tế', en: 'Ministry of Health' }, sequence: 7 },
  ],
  totals: {
    organisations: 6,
    sites: 2,
    clouds: 1,
    prefixes4: 4,
    prefixes6: 1,
    zones: 1,
    zoneRecords: 9,
    tunnels: 1,
    stacks: 2,
    resources: 5,
    systems: 2,
    records: 6,
  },
  organisations: [
    { id: 'viet-nam', kind: 'nation', names: { vi: 'Việt Nam', en: 'Viet Nam' } },
    { id: 'moh', kind: 'ministry', names: { vi: 'Bộ Y tế', en: 'Ministry of Health' }, parent: 'viet-nam' },
    { id: 'da-nang', kind: 'city', names: { vi: 'Thành phố Đà Nẵng', en: 'Da Nang City' }, parent: 'viet-nam', location: { lat: 15.6, lon: 107.9 } },
    {
      id: 'commune-20194',
      kind: 'ward',
      names: { vi: 'Phường Hải Vân', en: 'Hai Van Ward' },
      parent: 'da-nang',
      location: { lat: 16.1, lon: 108.1 },
    },
    {
      id: 'commune-20257',
      kind: 'ward',
      names: { vi: 'Phường An Khê', en: 'An Khe Ward' },
      parent: 'da-nang',
      location: { lat: 16.05, lon: 108.2 },
    },
    {
      id: 'commune-20333',
      kind: 'special-zone',
      names: { vi: 'Đặc khu Hoàng Sa', en: 'Hoang Sa Special Zone' },
      parent: 'da-nang',
      location: { lat: 16.57, lon: 112.1 },
    },
  ],
  sites: [
    {
      id: 'da-nang-hub',
      kind: 'data-centre',
      names: { vi: 'Trung tâm miền Đà Nẵng', en: 'Da Nang regional centre' },
      owner: 'da-nang',
      role: 'hub',
      location: { lat: 16.07, lon: 108.21 },
      clouds: ['da-nang-cloud'],
    },
    {
      id: 'moh-dc',
      kind: 'data-centre',
      names: { vi: 'TTDL Bộ Y tế', en: 'MoH data centre' },
      owner: 'moh',
      location: { lat: 21.03, lon: 105.84 },
      clouds: [],
    },
  ],
  clouds: [{ id: 'da-nang-cloud', names: { vi: 'Đám mây Đà Nẵng', en: 'Da Nang cloud' }, kind: 'openstack', owner: 'da-nang' }],
  connections: [
    { id: 'backbone', layer: 'link', kind: 'mpls', from: 'moh-dc', to: 'da-nang-hub', capacityMbps: 10_000 },
    { id: 'ipsec-1', layer: 'tunnel', kind: 'extended', from: 'commune-20194', to: 'da-nang-hub' },
  ],
  pools: [
    { name: 'gov-v4', prefix: '10.0.0.0/8', domain: 'tslcd' },
    { name: 'gov-v6', prefix: '3fff::/20', domain: 'tslcd' },
  ],
  prefixes: [
    { key: 'agency/da-nang', prefix: '10.5.0.0/16', domain: 'tslcd', owner: 'da-nang', member: 'centre' },
    { key: 'agency/da-nang', prefix: '3fff:0:5000::/36', domain: 'tslcd', owner: 'da-nang', member: 'centre' },
    { key: 'agency/moh', prefix: '10.31.0.0/16', domain: 'tslcd', owner: 'moh', member: 'centre' },
    { key: 'tenant/health/data', prefix: '10.31.4.0/26', domain: 'tslcd', owner: 'moh', member: 'moh' },
    { key: 'commune/20194', prefix: '10.5.1.0/26', domain: 'tslcd', owner: 'commune-20194', member: 'centre' },
  ],
  question: '10.31.4.10',
  systems: [
    {
      id: 'health',
      names: { vi: 'Hồ sơ sức khoẻ </script><b>', en: 'Health records' },
      owner: 'moh',
      member: 'moh',
      level: 4,
      shared: true,
      tenants: ['health'],
      recovery: { place: 'health-dr', mode: 'asynchronous', rpoMinutes: 15, rtoMinutes: 60 },
    },
    { id: 'one-stop', names: { vi: 'Một cửa điện tử', en: 'One-stop shop' }, owner: 'da-nang', member: 'centre', level: 3, shared: false, tenants: [] },
  ],
  overlays: [{ name: 'extended', profile: 'standard (ipsec)', trial: false, hubs: 1, spokes: 1, tunnels: 1 }],
  plan: { id: 'p1', engine: 'terraform 1.11.4', environment: 'sandbox' },
  offers: [
    {
      id: 'servers',
      urn: 'urn:vcloud:centre:offer:servers',
      member: 'centre',
      kind: 'iaas',
      names: { vi: 'Máy chủ ảo', en: 'Virtual servers' },
      owner: 'moh',
      cloud: 'moh-cloud',
      plans: [{ name: 'small', sizes: { vcpus: 2 }, quota: { instances: 20 } }],
      conditions: { levelUpTo: 3, below: ['moh'] },
    },
  ],
  stacks: [
    {
      path: 'da-nang.apps.workload',
      agency: 'da-nang',
      environment: 'sandbox',
      resources: 3,
      state: 'planned',
      add: 3,
      change: 0,
      destroy: 0,
      waitsFor: [],
      milliseconds: 900,
    },
    {
      path: 'moh.health.workload',
      agency: 'moh',
      environment: 'sandbox',
      resources: 2,
      state: 'waits',
      add: 0,
      change: 0,
      destroy: 0,
      waitsFor: ['da-nang.apps.workload'],
      milliseconds: 0,
    },
  ],
  audit: {
    asOf,
    rules: [{ id: 'sys-recovery', severity: 'high', counts: { pass: 1, fail: 1, unknown: 0, 'not-applicable': 0, manual: 0, waived: 0 } }],
    instruments: ['law-a'],
    findings: [
      {
        rule: 'sys-recovery',
        status: 'fail',
        severity: 'high',
        agency: 'da-nang',
        subject: 'system/one-stop',
        message: { vi: 'không nêu nơi dự phòng', en: 'states no place to recover' },
        remediation: { vi: 'nêu nơi dự phòng', en: 'state a place to recover' },
        basis: ['A/2026, 4 [official]'],
        instruments: ['law-a'],
        evidence: ['disasterRecovery = -'],
        place: 'stacks/da-nang/da-nang.yaml:9:3',
      },
    ],
    omitted: 0,
  },
  inventory: [
    record('organisation', 'moh', 'moh', ['moh', 'viet-nam'], 'Bộ Y tế', 'Ministry of Health', { attributes: { kind: 'ministry', acronym: 'BYT' } }),
    record('organisation', 'da-nang', 'da-nang', ['da-nang', 'viet-nam'], 'Thành phố Đà Nẵng', 'Da Nang City', {
      declaredAt: 'stacks/da-nang/da-nang.yaml:4:5',
      attributes: { location: { lat: 15.6, lon: 107.9 } },
    }),
    record('stack', 'moh.health.workload', 'moh', ['moh', 'viet-nam'], 'moh.health.workload', 'moh.health.workload', {
      relations: [
        { type: 'partOf', to: 'urn:vcloud:centre:tenant:health' },
        { type: 'dependsOn', to: 'urn:vcloud:centre:stack:da-nang.apps.workload' },
      ],
      attributes: { environment: 'sandbox' },
    }),
    record('stack', 'da-nang.apps.workload', 'da-nang', ['da-nang', 'viet-nam'], 'da-nang.apps.workload', 'da-nang.apps.workload', {
      attributes: { environment: 'sandbox' },
    }),
    record('resource', 'moh.health.workload/openstack_compute_instance_v2.web', 'moh', ['moh', 'viet-nam'], 'health-web-1', 'health-web-1', {
      drift: 'missing',
      relations: [{ type: 'partOf', to: 'urn:vcloud:centre:stack:moh.health.workload' }],
      attributes: { type: 'openstack_compute_instance_v2', differs: ['image', 'flavor'], long: 'x'.repeat(500) },
    }),
    record('system', 'one-stop', 'da-nang', ['da-nang', 'viet-nam'], 'Một cửa điện tử', 'One-stop shop', { attributes: { level: 3, shared: false } }),
  ],
  timings: [
    { step: 'load', milliseconds: 120, summary: '6 organisations' },
    { step: 'plan', milliseconds: 4200 },
  ],
};

/** The same page with as many records as a nation has. */
export function large(count: number): ReportData {
  const inventory = Array.from({ length: count }, (_, index): InventoryRecord => {
    const commune = `commune-${String(index % 3321).padStart(5, '0')}`;
    const prefix = `10.${(index >> 10) & 255}.${(index >> 2) & 255}.${(index & 3) * 64}/26`;
    return record(
      'prefix',
      `${commune}/${index}/v4`,
      commune,
      [commune, `province-${index % 34}`, 'viet-nam'],
      `${prefix} ${commune}`,
      `${prefix} ${commune}`,
      {
        declaredAt: `network-plans/data/communes.csv:${index + 2}:1`,
        relations: [{ type: 'partOf', to: `urn:vcloud:centre:prefix:agency/province-${index % 34}/v4` }],
        attributes: { prefix, family: 'v4', key: `commune/${index}`, pool: 'gov-v4', domain: 'tslcd', container: false },
      },
    );
  });
  return { ...small, inventory };
}
