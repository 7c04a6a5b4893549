import { describe, expect, it } from 'vitest';
import { names, statuses, world } from './world.ts';

/** What every case needs: where things stand, and clouds of two owners. */
const places = `
sites:
  - { id: hub, kind: hub, ${names}, owner: mst, location: { lat: 21.0, lon: 105.8 } }
  - { id: hub-two, kind: hub, ${names}, owner: mst, location: { lat: 21.0, lon: 105.9 } }
  - { id: far, kind: hub, ${names}, owner: mst, location: { lat: 16.0, lon: 108.2 } }
  - { id: nowhere, kind: hub, ${names}, owner: mst }
`;

describe('rules on links', () => {
  it('net-link-load: the planned share against the limit of the text', async () => {
    const facts = await world({
      declarations: `${places}
links:
  - { id: at-limit, kind: level-1, from: hub, to: far, network: tslcd, capacityMbps: 1000, plannedLoadMbps: 500 }
  - { id: above, kind: level-1, from: hub, to: far, network: tslcd, capacityMbps: 1000, plannedLoadMbps: 501 }
  - { id: unstated, kind: level-1, from: hub, to: far, network: tslcd, capacityMbps: 1000 }
  - { id: elsewhere, kind: level-1, from: hub, to: far, network: internet, capacityMbps: 1000, plannedLoadMbps: 900 }
`,
    });
    expect(statuses(facts, 'net-link-load')).toEqual({ 'at-limit': 'pass', above: 'fail', unstated: 'unknown', elsewhere: 'not-applicable' });
  });

  it('net-link-backup: another link to the same site; a backup needs none itself', async () => {
    const facts = await world({
      declarations: `${places}
links:
  - { id: main, kind: level-1, from: hub, to: far, network: tslcd, backup: second }
  - { id: second, kind: level-1, from: hub, to: hub-two, network: tslcd }
  - { id: alone, kind: level-1, from: hub, to: far, network: tslcd }
  - { id: astray, kind: level-1, from: far, to: hub-two, network: tslcd, backup: second }
  - { id: access, kind: level-1-access, from: hub, to: far, network: tslcd }
`,
    });
    expect(statuses(facts, 'net-link-backup')).toEqual({ main: 'pass', second: 'not-applicable', alone: 'fail', astray: 'fail', access: 'not-applicable' });
  });

  it('net-link-encrypted, net-link-carrier, net-link-class', async () => {
    const facts = await world({
      declarations: `${places}
links:
  - { id: yes, kind: extended, from: hub, to: far, network: extended, carrier: c, encrypted: true, profile: p, capacityMbps: 50 }
  - { id: no, kind: extended, from: hub, to: far, encrypted: false }
  - { id: silent, kind: level-1, from: hub, to: far, carrier: c, network: tslcd }
`,
    });
    expect(statuses(facts, 'net-link-encrypted')).toEqual({ yes: 'pass', no: 'fail', silent: 'unknown' });
    expect(statuses(facts, 'net-link-carrier')).toEqual({ yes: 'pass', no: 'fail', silent: 'pass' });
    expect(statuses(facts, 'net-link-class')).toEqual({ yes: 'pass', no: 'fail', silent: 'not-applicable' });
  });
});

describe('rules on sites', () => {
  it('dc-tier, dc-mutual-backup, dc-standard, net-site-exchange, net-site-upstreams', async () => {
    const facts = await world({
      declarations: `
sites:
  - { id: one, kind: egidc, ${names}, owner: a, backup: two, tier: { level: 3, standard: S }, exchanges: [vnix], upstreams: [x, y] }
  - { id: two, kind: egidc, ${names}, owner: a, backup: one, tier: { level: 2, standard: S }, exchanges: [], upstreams: [x, x] }
  - { id: three, kind: egidc, ${names}, owner: a, backup: one, tier: { level: 4, standard: S, until: "2026-01-01" } }
  - { id: four, kind: egidc, ${names}, owner: a }
  - { id: office, kind: office, ${names}, owner: a }
`,
    });
    expect(statuses(facts, 'dc-tier')).toEqual({ one: 'pass', two: 'fail', three: 'fail', four: 'unknown', office: 'not-applicable' });
    expect(statuses(facts, 'dc-mutual-backup')).toEqual({ one: 'pass', two: 'pass', three: 'fail', four: 'unknown', office: 'not-applicable' });
    expect(statuses(facts, 'dc-standard')).toEqual({ one: 'pass', two: 'pass', three: 'pass', four: 'fail', office: 'not-applicable' });
    expect(statuses(facts, 'net-site-exchange')).toEqual({ one: 'pass', two: 'fail', three: 'unknown', four: 'unknown', office: 'not-applicable' });
    // The number behind multi-homing is the project's own reading: too few is a note, never a failure.
    expect(statuses(facts, 'net-site-upstreams')).toEqual({ one: 'pass', two: 'manual', three: 'unknown', four: 'unknown', office: 'not-applicable' });
  });
});

describe('rules on networks and clouds', () => {
  it('net-ipv6 and net-address-origin', async () => {
    const facts = await world({
      declarations: `
networks:
  - { id: dual, owner: a, zone: public, ipv6: dual, addressOrigin: independent }
  - { id: old, owner: a, zone: public, ipv6: none, addressOrigin: provider }
  - { id: silent, owner: a, zone: public }
  - { id: inner, owner: a, zone: enterprise, ipv6: planned }
`,
    });
    expect(statuses(facts, 'net-ipv6')).toEqual({ dual: 'pass', old: 'fail', silent: 'unknown', inner: 'fail' });
    expect(statuses(facts, 'net-address-origin')).toEqual({ dual: 'pass', old: 'fail', silent: 'unknown', inner: 'not-applicable' });
  });

  it('cld-certificates: each standard by itself, on the date', async () => {
    const region = 'regions: [{ name: main, site: hub }]';
    const facts = await world({
      declarations: `${places}
clouds:
  - { id: full, kind: openstack, ${names}, owner: seller, ${region}, certificates: [{ standard: "ISO/IEC 27001:2022" }, { standard: ISO/IEC 27002 }, { standard: ISO/IEC 17788 }, { standard: ISO/IEC 22123-3, until: "2026-11-23" }] }
  - { id: part, kind: openstack, ${names}, owner: seller, ${region}, certificates: [{ standard: ISO 27001, until: "2026-11-22" }, { standard: ISO/IEC 27002, from: "2026-12-01" }, { standard: ISO/IEC 17788 }] }
  - { id: silent, kind: kubernetes, ${names}, owner: seller, ${region} }
  - { id: none, kind: none, ${names}, owner: seller, ${region} }
`,
    });
    expect(statuses(facts, 'cld-certificates')).toEqual({
      full: 'pass pass pass pass',
      part: 'pass fail fail fail',
      silent: 'unknown',
      none: 'not-applicable',
    });
  });
});

const clouds = `
clouds:
  - { id: own, kind: openstack, ${names}, owner: a, regions: [{ name: main, site: hub }, { name: other, site: far }] }
  - { id: rented, kind: openstack, ${names}, owner: seller, regions: [{ name: main, site: hub-two }] }
  - { id: distant, kind: openstack, ${names}, owner: b, regions: [{ name: main, site: far }] }
  - { id: unplaced, kind: openstack, ${names}, owner: b, regions: [{ name: main, site: nowhere }] }
tenants:
  - { id: t-own, ${names}, owner: a, cloud: own, region: main }
  - { id: t-own-other, ${names}, owner: a, cloud: own, region: other }
  - { id: t-rented, ${names}, owner: a, cloud: rented }
  - { id: t-distant, ${names}, owner: a, cloud: distant }
  - { id: t-unplaced, ${names}, owner: a, cloud: unplaced }
`;

describe('rules on systems', () => {
  it('sys-level-decided: a level is a decided fact', async () => {
    const facts = await world({
      asOf: '2026-11-22',
      declarations: `
systems:
  - { id: decided, ${names}, owner: a, level: { value: 3, decision: D/1, date: "2026-11-22" } }
  - { id: early, ${names}, owner: a, level: { value: 3, decision: D/1, date: "2026-11-23" } }
  - { id: claimed, ${names}, owner: a, level: { value: 3 } }
  - { id: undated, ${names}, owner: a, level: { value: 3, decision: D/2 } }
  - { id: silent, ${names}, owner: a }
`,
    });
    expect(statuses(facts, 'sys-level-decided')).toEqual({ decided: 'pass', early: 'fail', claimed: 'fail', undated: 'unknown', silent: 'unknown' });
  });

  it('sys-level-minimum, sys-data-class, sys-contact', async () => {
    const facts = await world({
      declarations: `
systems:
  - { id: enough, ${names}, owner: a, dataClass: personal, level: { value: 3 }, measures: { basic_data_subjects: 100000 }, shared: true, contact: { unit: U } }
  - { id: low, ${names}, owner: a, dataClass: personal, level: { value: 2 }, measures: { sensitive_data_subjects: 10000 }, shared: true }
  - { id: few, ${names}, owner: a, dataClass: personal, level: { value: 2 }, measures: { basic_data_subjects: 99999 } }
  - { id: uncounted, ${names}, owner: a, dataClass: personal, level: { value: 2 } }
  - { id: open, ${names}, owner: a, dataClass: open }
  - { id: silent, ${names}, owner: a }
`,
    });
    expect(statuses(facts, 'sys-level-minimum')).toEqual({
      enough: 'pass',
      low: 'fail',
      few: 'pass',
      uncounted: 'unknown',
      open: 'not-applicable',
      silent: 'unknown',
    });
    expect(statuses(facts, 'sys-data-class')).toEqual({ enough: 'pass', low: 'pass', few: 'pass', uncounted: 'pass', open: 'pass', silent: 'fail' });
    expect(statuses(facts, 'sys-contact')).toMatchObject({ enough: 'pass', low: 'fail', few: 'not-applicable' });
  });

  it('sys-log-retention, sys-restore-interval, sec-tls-version: numbers and lists by level', async () => {
    const facts = await world({
      declarations: `
systems:
  - { id: four, ${names}, owner: a, level: { value: 4 }, measures: { log_retention: 6, restore_test_interval: 6, tls_version: "1.3" } }
  - { id: five, ${names}, owner: a, level: { value: 5 }, measures: { log_retention: 11, restore_test_interval: 6, tls_version: ["1.3", "1.0"] } }
  - { id: one, ${names}, owner: a, level: { value: 1 }, measures: { log_retention: 0 } }
  - { id: silent, ${names}, owner: a, level: { value: 4 } }
`,
    });
    expect(statuses(facts, 'sys-log-retention')).toEqual({ four: 'pass', five: 'fail', one: 'not-applicable', silent: 'unknown' });
    expect(statuses(facts, 'sys-restore-interval')).toEqual({ four: 'pass', five: 'fail', one: 'not-applicable', silent: 'unknown' });
    expect(statuses(facts, 'sec-tls-version')).toEqual({ four: 'pass', five: 'fail', one: 'unknown', silent: 'unknown' });
  });

  it('sys-network-zones: all zones of the level, the conditional ones only where they exist', async () => {
    const facts = await world({
      asOf: '2026-06-30',
      declarations: `
systems:
  - { id: whole, ${names}, owner: a, level: { value: 2 }, measures: { network_zone: [internal, border, dmz, internal-server] } }
  - { id: gap, ${names}, owner: a, level: { value: 2 }, measures: { network_zone: [internal, border, dmz] } }
  - { id: unstated, ${names}, owner: a, level: { value: 2 } }
  - { id: silent, ${names}, owner: a }
`,
    });
    expect(statuses(facts, 'sys-network-zones', { asOf: '2026-06-30' })).toEqual({ whole: 'pass', gap: 'fail', unstated: 'unknown', silent: 'unknown' });
  });

  it('sys-recovery-elsewhere: another site and another cloud', async () => {
    const facts = await world({
      declarations: `${places}${clouds}
systems:
  - { id: apart, ${names}, owner: a, tenants: [t-own], disasterRecovery: { tenant: t-distant } }
  - { id: same-cloud, ${names}, owner: a, tenants: [t-own], disasterRecovery: { tenant: t-own-other } }
  - { id: same-site, ${names}, owner: a, tenants: [t-own], disasterRecovery: { site: hub } }
  - { id: site-only, ${names}, owner: a, site: hub, disasterRecovery: { site: far } }
  - { id: vague, ${names}, owner: a, tenants: [t-own], disasterRecovery: { mode: backup } }
  - { id: silent, ${names}, owner: a, tenants: [t-own] }
`,
    });
    expect(statuses(facts, 'sys-recovery-elsewhere')).toEqual({
      apart: 'pass',
      'same-cloud': 'fail',
      'same-site': 'fail',
      'site-only': 'pass',
      vague: 'unknown',
      silent: 'unknown',
    });
  });

  it('sys-recovery-distance: kilometres between the sites, at the level that sets one', async () => {
    const facts = await world({
      declarations: `${places}${clouds}
systems:
  - { id: far-enough, ${names}, owner: a, level: { value: 5 }, tenants: [t-own], disasterRecovery: { tenant: t-distant } }
  - { id: too-near, ${names}, owner: a, level: { value: 5 }, tenants: [t-own], disasterRecovery: { tenant: t-rented } }
  - { id: no-place, ${names}, owner: a, level: { value: 5 }, tenants: [t-own], disasterRecovery: { tenant: t-unplaced } }
  - { id: level-four, ${names}, owner: a, level: { value: 4 }, tenants: [t-own], disasterRecovery: { tenant: t-rented } }
`,
    });
    expect(statuses(facts, 'sys-recovery-distance')).toEqual({
      'far-enough': 'pass',
      'too-near': 'fail',
      'no-place': 'unknown',
      'level-four': 'not-applicable',
    });
  });

  it('sys-recovery-tested: within the interval, counted in months', async () => {
    const facts = await world({
      declarations: `
systems:
  - { id: in-time, ${names}, owner: a, level: { value: 4 }, disasterRecovery: { lastTest: "2026-05-22" } }
  - { id: late, ${names}, owner: a, level: { value: 4 }, disasterRecovery: { lastTest: "2026-05-21" } }
  - { id: ahead, ${names}, owner: a, level: { value: 4 }, disasterRecovery: { lastTest: "2026-11-23" } }
  - { id: never, ${names}, owner: a, level: { value: 4 }, disasterRecovery: { mode: backup } }
  - { id: low, ${names}, owner: a, level: { value: 3 } }
`,
    });
    expect(statuses(facts, 'sys-recovery-tested')).toEqual({ 'in-time': 'pass', late: 'fail', ahead: 'fail', never: 'unknown', low: 'not-applicable' });
  });

  it('cld-assessment: a reason has to be read by a person', async () => {
    const facts = await world({
      declarations: `
systems:
  - { id: cloud, ${names}, owner: a, serviceModel: iaas }
  - { id: reasoned, ${names}, owner: a, serviceModel: none, cloudAssessment: why }
  - { id: bare, ${names}, owner: a, serviceModel: none }
  - { id: silent, ${names}, owner: a }
`,
    });
    expect(statuses(facts, 'cld-assessment')).toEqual({ cloud: 'not-applicable', reasoned: 'manual', bare: 'fail', silent: 'unknown' });
  });

  it('sys-record-unique: one holder of each original', async () => {
    const facts = await world({
      declarations: `
systems:
  - { id: one, ${names}, owner: a, systemOfRecord: [citizens, land] }
  - { id: two, ${names}, owner: b, systemOfRecord: [citizens] }
  - { id: reader, ${names}, owner: b }
`,
    });
    expect(statuses(facts, 'sys-record-unique')).toEqual({ one: 'fail pass', two: 'fail', reader: 'not-applicable' });
  });
});

describe('rules on exchange', () => {
  it('ndx-exchange, ndx-sharing-platform, ndx-legal-basis, ndx-service-described', async () => {
    const facts = await world({
      declarations: `
services:
  - { id: of-a, kind: api, ${names}, owner: a, protocol: rest, version: "1" }
  - { id: of-b, kind: api, ${names}, owner: b, protocol: rest }
  - { id: of-platform, kind: exchange, ${names}, owner: mst, system: ndxp, protocol: rest, version: "2" }
systems:
  - { id: ndxp, ${names}, owner: mst }
  - { id: proper, ${names}, owner: a, consumes: [{ service: of-b, via: ndxp, legalBasis: L }] }
  - { id: direct, ${names}, owner: a, consumes: [{ service: of-b, via: internet }] }
  - { id: silent, ${names}, owner: a, consumes: [{ service: of-b }] }
  - { id: inside, ${names}, owner: a, consumes: [{ service: of-a }] }
  - { id: platform-user, ${names}, owner: a, consumes: [{ service: of-platform }] }
  - { id: foreign, ${names}, owner: a, consumes: [{ service: of-another-member, via: ndxp }] }
`,
    });
    expect(statuses(facts, 'ndx-exchange')).toEqual({
      ndxp: 'not-applicable',
      proper: 'pass',
      direct: 'fail',
      silent: 'unknown',
      inside: 'not-applicable',
      'platform-user': 'pass',
      foreign: 'unknown',
    });
    expect(statuses(facts, 'ndx-sharing-platform')).toMatchObject({ proper: 'fail', silent: 'unknown', inside: 'not-applicable' });
    expect(statuses(facts, 'ndx-legal-basis')).toMatchObject({ proper: 'pass', direct: 'fail', foreign: 'unknown', inside: 'not-applicable' });
    expect(statuses(facts, 'ndx-service-described')).toEqual({ 'of-a': 'pass', 'of-b': 'fail', 'of-platform': 'pass' });
  });
});

describe('cld-separation', () => {
  const systems = (measures: string, level = 4): string => `${places}${clouds}
systems:
  - { id: hosted, ${names}, owner: a, level: { value: ${level} }, tenants: [t-rented], measures: { ${measures} } }
  - { id: at-home, ${names}, owner: a, level: { value: ${level} }, tenants: [t-own] }
  - { id: silent, ${names}, owner: a, level: { value: ${level} } }
`;
  const all = (value: string): string =>
    ['system', 'zone', 'storage', 'main_devices'].map((part) => `cloud_separation_${part}: ${part === 'zone' ? 'logical' : value}`).join(', ');

  it('passes, fails, does not concern, or does not know', async () => {
    expect(statuses(await world({ declarations: systems(all('physical'), 5) }), 'cld-separation', { asOf: '2026-06-30' })).toEqual({
      hosted: 'pass pass pass pass',
      'at-home': 'not-applicable',
      silent: 'unknown',
    });
    expect(statuses(await world({ declarations: systems(all('logical'), 5) }), 'cld-separation', { asOf: '2026-06-30' })['hosted']).toBe('fail fail fail pass');
  });
});
