import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { audit, explainRule, failing, toSarif } from '../../modules/policy/index.ts';
import { findings, names, policies, stack, statuses, world } from './world.ts';

const hosted = `
sites:
  - { id: hub, kind: hub, ${names}, owner: a }
clouds:
  - { id: rented, kind: openstack, ${names}, owner: seller, regions: [{ name: main, site: hub }] }
tenants:
  - { id: t, ${names}, owner: a, cloud: rented }
systems:
  - { id: s, ${names}, owner: a, level: { value: 4 }, tenants: [t], measures: { cloud_separation_system: logical, cloud_separation_zone: logical, cloud_separation_storage: logical, cloud_separation_main_devices: logical } }
`;

const overloaded = `
sites:
  - { id: hub, kind: hub, ${names}, owner: a }
links:
  - { id: full, kind: level-1, owner: a, from: hub, to: hub, network: tslcd, capacityMbps: 100, plannedLoadMbps: 90 }
  - { id: other, kind: level-1, owner: b, from: hub, to: hub, network: tslcd, capacityMbps: 100, plannedLoadMbps: 90 }
  - { id: operator, kind: level-1, owner: mst, from: hub, to: hub, network: tslcd, capacityMbps: 100, plannedLoadMbps: 90 }
`;

function problems(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map((found) => found.code);
    throw error;
  }
  return [];
}

describe('texts and dates', () => {
  it('judges level-4 separation by the circular alone before the decree, and by both after', async () => {
    const facts = await world({ declarations: hosted });
    const before = findings(audit(facts, policies(), { asOf: '2026-06-30', rules: ['cld-separation'] }), 'cld-separation', 'system/s');
    expect(Object.keys(before)).toEqual(['cloud_separation_main_devices', 'cloud_separation_storage', 'cloud_separation_system', 'cloud_separation_zone']);
    expect(before['cloud_separation_system']).toMatchObject({
      status: 'fail',
      enforcement: 'mandatory',
      basis: [{ instrument: 'tt-12-2022', clause: 'Art. 9.10(a)', grade: 'official', validity: 'in-force' }],
    });
    expect(before['cloud_separation_system']?.message.en).toContain('Art. 9.10(a)');

    const after = findings(audit(facts, policies(), { asOf: '2026-08-19', rules: ['cld-separation'] }), 'cld-separation', 'system/s');
    expect(Object.keys(after)).toHaveLength(7);
    // The circular's validity is disputed by now: it is shown, and a person decides.
    expect(after['cloud_separation_system']).toMatchObject({ status: 'manual', basis: [{ instrument: 'tt-12-2022', validity: 'disputed' }] });
    expect(after['cloud_separation_system']?.message.vi).toContain('tranh chấp');
    expect(after['nd-331-2026.cloud_separation_system']).toMatchObject({
      status: 'pass',
      basis: [{ instrument: 'nd-331-2026', clause: 'Art. 30.8(a)', validity: 'in-force' }],
    });
  });

  it('says of a rule without any text in force that it does not apply, instead of leaving it out', async () => {
    const facts = await world({ declarations: hosted });
    const run = audit(facts, policies(), { asOf: '2020-01-01', rules: ['cld-separation'] });
    expect(run.findings).toHaveLength(1);
    expect(run.findings[0]).toMatchObject({ status: 'not-applicable', subject: { kind: 'rule', id: 'cld-separation' }, basis: [] });
    expect(run.rules).toBe(0);
  });

  it('shows a failure in a transition as advisory until its last day', async () => {
    const facts = await world({
      declarations: `systems:\n  - { id: s, ${names}, owner: a, level: { value: 5 }, measures: { log_retention: 1 } }\n`,
    });
    const on = (asOf: string): unknown => findings(audit(facts, policies(), { asOf, rules: ['sys-log-retention'] }), 'sys-log-retention', 'system/s')[''];
    expect(on('2027-06-30')).toMatchObject({ status: 'fail', enforcement: 'advisory', basis: [{ due: '2027-07-01' }] });
    expect(on('2027-07-01')).toMatchObject({ status: 'fail', enforcement: 'mandatory' });
    expect((on('2027-06-30') as { message: { en: string } }).message.en).toContain('until 2027-07-01');
  });

  it('never fails anybody on an unconfirmed text', async () => {
    const facts = await world({ declarations: `sites:\n  - { id: dc, kind: data-centre, ${names}, owner: a, upstreams: [one] }\n` });
    const run = audit(facts, policies(), { asOf: '2026-11-22' });
    const note = findings(run, 'net-site-upstreams', 'site/dc')[''];
    expect(note).toMatchObject({ status: 'manual', basis: [{ grade: 'unconfirmed' }] });
    expect(note?.message.en).toContain('a note only');
    for (const finding of run.findings) if (finding.status === 'fail') expect(finding.basis.some(({ grade }) => grade !== 'unconfirmed')).toBe(true);
  });

  it('answers once where the texts differ but the facts are silent', async () => {
    const facts = await world({ declarations: `systems:\n  - { id: s, ${names}, owner: a }\n` });
    const found = findings(audit(facts, policies(), { asOf: '2026-11-22', rules: ['cld-separation'] }), 'cld-separation', 'system/s');
    expect(Object.keys(found)).toEqual(['']);
    expect(found['']).toMatchObject({ status: 'unknown', missing: 'level' });
    expect(found['']?.basis.map(({ instrument }) => instrument)).toEqual(['tt-12-2022', 'nd-331-2026']);
  });
});

describe('findings', () => {
  it('carry the place, the evidence read, the threshold and the article in both languages', async () => {
    const facts = await world({ declarations: overloaded });
    const run = audit(facts, policies(), { asOf: '2026-11-22', rules: ['net-link-load'] });
    const [finding] = run.findings.filter(({ subject }) => subject.id === 'full');
    expect(finding).toMatchObject({
      fingerprint: 'net-link-load@a:link/full',
      agency: 'a',
      severity: 'high',
      place: { file: 'stacks/a/a.yaml' },
      evidence: { network: 'tslcd', capacityMbps: 100, plannedLoadMbps: 90, 'load share in percent': 90 },
    });
    expect(finding?.message.en).toBe('planned load 90 Mbps of 100 Mbps is 90 %, limit 50 % (S0 (2019), NET-16)');
    expect(finding?.message.vi).toContain('giới hạn 50 %');
  });

  it('are the same bytes each time, sorted, and no fingerprint stands twice', async () => {
    const facts = await world({
      declarations: `${overloaded}${hosted.replace(/sites:\n.*\n/u, '')}`,
      stacks: [stack('t', { 'openstack_networking_secgroup_v2.g': { delete_default_rules: true } })],
    });
    const first = audit(facts, policies(), { asOf: '2026-11-22' });
    const second = audit(facts, policies(), { asOf: '2026-11-22' });
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    const ids = first.findings.map((finding) => finding.fingerprint);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
    const counted =
      Object.values(first.totals).reduce((sum, number) => sum + number, 0) - first.totals.low - first.totals.medium - first.totals.high - first.totals.critical;
    expect(counted).toBe(first.findings.length);
  });

  it('stay the same findings when something else is declared beside them', async () => {
    const before = audit(await world({ declarations: overloaded }), policies(), { asOf: '2026-11-22' });
    const more = `${overloaded}networks:\n  - { id: n, owner: a, zone: public }\n`;
    const after = new Map(
      audit(await world({ declarations: more }), policies(), { asOf: '2026-11-22' }).findings.map((finding) => [finding.fingerprint, finding]),
    );
    for (const finding of before.findings) expect(after.get(finding.fingerprint)?.status).toBe(finding.status);
  });
});

describe('selection and profiles', () => {
  it('refuses to audit nothing', async () => {
    const facts = await world({ declarations: overloaded });
    const run = (options: { rules?: string[]; agencies?: string[] }): string[] => problems(() => audit(facts, policies(), { asOf: '2026-11-22', ...options }));
    expect(run({ rules: ['net-link-lod'] })).toEqual(['POL-SELECTION']);
    expect(run({ rules: [] })).toEqual(['POL-SELECTION']);
    expect(run({ agencies: ['nobody'] })).toEqual(['POL-SELECTION']);
    expect(run({ agencies: [] })).toEqual(['POL-SELECTION']);
    expect(run({ agencies: ['a'] })).toEqual([]);
  });

  it('takes only what counts for the agencies chosen', async () => {
    const facts = await world({ declarations: overloaded });
    expect(statuses(facts, 'net-link-load', { agencies: ['b'] })).toEqual({ other: 'fail' });
  });

  it('lets the strictest of the profiles hold, and judges nothing no profile asks for', async () => {
    const facts = await world({ declarations: overloaded });
    const run = audit(facts, policies(), { asOf: '2026-11-22', rules: ['net-link-load'] });
    const strictness = Object.fromEntries(run.findings.map((finding) => [finding.subject.id, finding.enforcement]));
    expect(strictness).toEqual({ full: 'mandatory', other: 'mandatory', operator: 'hard' });
    const narrow = { ...policies(), profiles: policies().profiles.filter((profile) => profile.id !== 'national') };
    expect(statuses(facts, 'net-link-load', {}, narrow)).toEqual({ operator: 'fail' });
  });

  it('fails by enforcement, or by severity whatever the enforcement', async () => {
    const facts = await world({ declarations: `${overloaded}networks:\n  - { id: n, owner: a, zone: public, ipv6: none, addressOrigin: provider }\n` });
    const run = audit(facts, policies(), { asOf: '2026-11-22', rules: ['net-link-load', 'net-ipv6'] });
    expect(failing(run.findings, 'mandatory').map(({ rule }) => rule)).toEqual(['net-link-load', 'net-link-load', 'net-link-load']);
    expect(failing(run.findings, 'low')).toHaveLength(4);
    expect(failing(run.findings, 'critical')).toHaveLength(0);
  });
});

describe('outputs', () => {
  it('explains a rule with its texts, clauses, thresholds and profiles', () => {
    const rule = explainRule(policies(), 'sys-recovery-distance', '2026-11-22');
    expect(rule.texts.map(({ instrument, validity }) => [instrument, validity])).toEqual([
      ['tt-12-2022', 'disputed'],
      ['tcvn-14423-2026', 'undated'],
    ]);
    expect(rule.texts[0]?.thresholds).toEqual([
      { clause: 'Annex V II.1.b.xviii', parameter: 'dr_distance', level: '5', operator: 'min', value: '30', unit: 'km', grade: 'official' },
    ]);
    expect(rule.profiles).toMatchObject([{ id: 'national', enforcement: 'mandatory' }]);
    expect(problems(() => explainRule(policies(), 'no-such-rule', '2026-11-22'))).toEqual(['POL-SELECTION']);
  });

  it('writes SARIF with one result per finding and the rule’s own id', async () => {
    const facts = await world({ declarations: overloaded });
    const run = audit(facts, policies(), { asOf: '2026-11-22', rules: ['net-link-load'] });
    const log = JSON.parse(toSarif(run, policies(), 'vi')) as {
      version: string;
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: { ruleId: string; kind: string; level: string; locations: { physicalLocation: { region: { startLine: number } } }[] }[];
      }[];
    };
    expect(log.version).toBe('2.1.0');
    expect(log.runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual(['net-link-load']);
    expect(log.runs[0]?.results).toHaveLength(3);
    for (const result of log.runs[0]?.results ?? []) {
      expect(result).toMatchObject({ ruleId: 'net-link-load', kind: 'fail', level: 'error' });
      expect(result.locations[0]?.physicalLocation.region.startLine).toBeGreaterThan(0);
    }
  });
});
