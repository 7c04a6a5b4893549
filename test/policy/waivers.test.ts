import { describe, expect, it } from 'vitest';
import { audit, evidenceDigest, failing, type AuditRun, type Facts, type PolicySet, type Waiver } from '../../modules/policy/index.ts';
import { names, policies, world } from './world.ts';

const facts: Promise<Facts> = world({
  declarations: `
sites:
  - { id: hub, kind: hub, ${names}, owner: a }
links:
  - { id: full, kind: level-1, owner: a, from: hub, to: hub, network: tslcd, capacityMbps: 100, plannedLoadMbps: 90 }
  - { id: calm, kind: level-1, owner: a, from: hub, to: hub, network: tslcd, capacityMbps: 100, plannedLoadMbps: 10 }
  - { id: operator, kind: level-1, owner: mst, from: hub, to: hub, network: tslcd, capacityMbps: 100, plannedLoadMbps: 90 }
networks:
  - { id: one, owner: a, zone: enterprise, ipv6: none }
  - { id: two, owner: a, zone: enterprise, ipv6: planned }
`,
});

const base: Waiver = {
  id: 'w',
  rule: 'net-link-load',
  agency: 'a',
  finding: 'net-link-load@a:link/full',
  justification: 'x'.repeat(60),
  compensatingControls: [],
  owner: { unit: 'Unit A', role: 'network' },
  approver: { unit: 'Unit B', role: 'network' },
  decision: { number: 'D/1', date: '2026-11-01' },
  approvedAt: '2026-11-01',
  expiresAt: '2027-01-01',
  place: { file: 'policies/waivers/w.yaml', line: 4, column: 5 },
};
async function run(waiver: Partial<Waiver>, asOf = '2026-11-22', ignoreWaivers = false): Promise<AuditRun> {
  const set: PolicySet = { ...policies(), waivers: [{ ...base, ...waiver }] };
  return audit(await facts, set, { asOf, ignoreWaivers });
}
const bySubject = { finding: undefined };

describe('waivers', () => {
  it('lay over a failure, keep it visible and take it out of what fails', async () => {
    const waived = await run({});
    const finding = waived.findings.find((one) => one.fingerprint === base.finding);
    expect(finding).toMatchObject({ status: 'fail', waiver: { id: 'w', owner: 'Unit A, network', approver: 'Unit B, network', expires: '2027-01-01' } });
    expect(waived.totals.waived).toBe(1);
    expect(waived.waivers).toEqual([{ id: 'w', state: 'applied', findings: ['net-link-load@a:link/full'], reason: undefined }]);
    expect(failing(waived.findings, 'mandatory').map(({ fingerprint }) => fingerprint)).not.toContain(base.finding);
    expect(waived.notices).toEqual([]);
  });

  it('can be ignored altogether', async () => {
    const bare = await run({}, '2026-11-22', true);
    expect(bare.totals.waived).toBe(0);
    expect(failing(bare.findings, 'mandatory').map(({ fingerprint }) => fingerprint)).toContain(base.finding);
  });

  it('end on the day they expire: the finding returns with a warning', async () => {
    const last = await run({}, '2026-12-31');
    expect(last.waivers[0]?.state).toBe('expiring');
    expect(last.notices.map(({ code }) => code)).toEqual(['POL-WAIVER-EXPIRING']);
    const after = await run({}, '2027-01-01');
    expect(after.totals.waived).toBe(0);
    expect(after.notices).toMatchObject([{ code: 'POL-WAIVER-EXPIRED', severity: 'warning', file: 'policies/waivers/w.yaml', line: 4, column: 5 }]);
    expect(after.notices[0]?.message).toContain('1 finding returned');
  });

  it('do not hold before their approval', async () => {
    const early = await run({}, '2026-10-31');
    expect(early.totals.waived).toBe(0);
    expect(early.waivers[0]?.state).toBe('not-yet');
  });

  it('are reported when they cover nothing', async () => {
    for (const waiver of [
      { finding: 'net-link-load@a:link/calm' },
      { finding: 'net-link-load@a:link/gone' },
      { ...bySubject, subject: 'link/full', agency: 'b' },
    ]) {
      const unused = await run(waiver);
      expect(unused.waivers[0]?.state).toBe('unused');
      expect(unused.notices.map(({ code }) => code)).toEqual(['POL-WAIVER-UNUSED']);
      expect(unused.totals.waived).toBe(0);
    }
  });

  it('are refused by a hard rule', async () => {
    const hard = await run({ agency: 'mst', finding: 'net-link-load@mst:link/operator' });
    expect(hard.waivers[0]).toMatchObject({ state: 'refused', findings: ['net-link-load@mst:link/operator'] });
    expect(hard.notices.map(({ code }) => code)).toEqual(['POL-WAIVER-REFUSED']);
    expect(hard.findings.find((one) => one.subject.id === 'operator')?.waiver).toBeUndefined();
  });

  it('may name a pattern only where the rule is advisory', async () => {
    expect((await run({ ...bySubject, subject: 'link/*' })).waivers[0]?.state).toBe('refused');
    const advisory = await run({ ...bySubject, rule: 'net-ipv6', subject: 'network/*' });
    expect(advisory.waivers[0]).toMatchObject({ state: 'applied', findings: ['net-ipv6@a:network/one', 'net-ipv6@a:network/two'] });
    expect(advisory.totals.waived).toBe(2);
  });

  it('end when the facts they were granted for change', async () => {
    const finding = (await run({}, '2026-11-22', true)).findings.find((one) => one.fingerprint === base.finding);
    const evidence = finding ? evidenceDigest(finding) : '';
    expect((await run({ evidence })).waivers[0]?.state).toBe('applied');
    expect((await run({ evidence: `sha256:${'0'.repeat(64)}` })).waivers[0]).toMatchObject({
      state: 'refused',
      reason: 'the facts changed since it was granted',
    });
  });

  it('of rules that were not selected are neither used nor unused', async () => {
    const set: PolicySet = { ...policies(), waivers: [base] };
    const other = audit(await facts, set, { asOf: '2026-11-22', rules: ['net-ipv6'] });
    expect(other.waivers).toEqual([]);
    expect(other.notices).toEqual([]);
  });
});
