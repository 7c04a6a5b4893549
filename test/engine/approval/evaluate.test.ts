import { describe, expect, it } from 'vitest';
import { approvalPolicySchema, missingApprovals, requiredApprovals, type ApprovalPolicy } from '../../../modules/engine/approval/index.ts';
import { nextBaseline } from '../../../modules/engine/review/baseline.ts';
import { declaredEffects, stackEffects } from '../../../modules/engine/review/effects.ts';
import type { Effect, ReviewStack } from '../../../modules/engine/review/index.ts';

const key = { ed25519: 'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' };
const policyOf = (...rules: Record<string, unknown>[]): ApprovalPolicy =>
  approvalPolicySchema.parse({
    apiVersion: 'vcloud/v1',
    kind: 'ApprovalPolicy',
    principals: [
      { id: 'moh.security', organisation: 'moh', keys: [key], users: ['guard@desk'] },
      { id: 'mst.operations', organisation: 'mst', keys: [key] },
      { id: 'mst.security', organisation: 'mst', keys: [key] },
    ],
    rules,
  });
const effect = (given: Partial<Effect>): Effect => ({ effect: 'destroy', agency: 'moh', stack: 'moh.portal.workload', subjects: ['x.y'], ...given });
const rulesFor = (policy: ApprovalPolicy, ...effects: Effect[]): string[] =>
  requiredApprovals(policy, effects, 'production').map(({ rule, agency, of }) => `${rule}${agency === undefined ? '' : `@${agency}`}: ${of.join(',')}`);

describe('which approvals a plan needs', () => {
  const one = { require: { of: ['moh.security'] } };
  it('follows from effect, agency, stack, level and environment, all of one effect', () => {
    const policy = policyOf(
      { id: 'gone', when: { effects: ['destroy', 'replace'] }, ...one },
      { id: 'moh', when: { agencies: ['moh'] }, ...one },
      { id: 'platforms', when: { stacks: ['*.platform'] }, ...one },
      { id: 'level', when: { minimumLevel: 3, effects: ['update'] }, ...one },
      { id: 'trial', when: { environments: ['sandbox'] }, ...one },
    );
    expect(rulesFor(policy)).toEqual([]);
    expect(rulesFor(policy, effect({}))).toEqual(['gone: moh.security', 'moh: moh.security']);
    expect(rulesFor(policy, effect({ effect: 'update', agency: 'mst', stack: 'mst.lab.platform', level: 2 }))).toEqual(['platforms: moh.security']);
    expect(rulesFor(policy, effect({ effect: 'update', agency: 'mst', stack: 'mst.lab.workload', level: 3 }))).toEqual(['level: moh.security']);
    // Level 3 and the update are of two different stacks.
    expect(rulesFor(policy, effect({ effect: 'create', agency: 'mst', level: 4 }), effect({ effect: 'update', agency: 'mst', level: 1 }))).toEqual([]);
  });

  it('is asked of every agency for its own', () => {
    const policy = policyOf({ id: 'own', when: {}, require: { ofAgency: true } });
    expect(rulesFor(policy, effect({}), effect({ agency: 'mst' }), effect({ agency: 'vss' }))).toEqual([
      'own@moh: moh.security',
      'own@mst: mst.operations,mst.security',
      'own@vss: ',
    ]);
  });
});

describe('which approvals count', () => {
  const rule = {
    id: 'gone',
    when: {},
    require: { count: 2, of: ['mst.operations', 'mst.security', 'moh.security'] },
    validFor: 7,
    notBy: ['planner', 'applier'],
  };
  const policy = policyOf(rule);
  const required = requiredApprovals(policy, [effect({})], 'production');
  const approval = (principal: string, user = `${principal}@desk`, date = '2026-11-20'): Parameters<typeof missingApprovals>[2]['approvals'][number] => ({
    principal,
    by: { user, key: principal },
    date,
  });
  const missing = (approvals: ReturnType<typeof approval>[], given: Partial<Parameters<typeof missingApprovals>[2]> = {}): string[] =>
    missingApprovals(policy, required, {
      approvals,
      planners: [{ user: 'planner@desk' }],
      applier: { user: 'applier@desk' },
      asOf: '2026-11-22',
      ...given,
    }).flatMap(({ counted, refused }) => [`${counted.length} counted`, ...refused]);

  it('one per principal, as many as are asked for', () => {
    expect(missing([approval('mst.operations'), approval('mst.security')])).toEqual([]);
    expect(missing([approval('mst.operations'), approval('mst.operations', 'other@desk')])).toEqual(['1 counted']);
    expect(missing([])).toEqual(['0 counted']);
  });

  it('as long as the rule says, not before they were given', () => {
    expect(missing([approval('mst.operations', 'a@b', '2026-11-15'), approval('mst.security')])).toEqual([]);
    expect(missing([approval('mst.operations', 'a@b', '2026-11-14'), approval('mst.security')])).toEqual([
      '1 counted',
      'mst.operations: given on 2026-11-14, and counts 7 days',
    ]);
    expect(missing([approval('mst.operations', 'a@b', '2026-11-23'), approval('mst.security')])).toEqual([
      '1 counted',
      'mst.operations: given on 2026-11-23, after 2026-11-22',
    ]);
  });

  it('not from whoever planned or applies, by account, key or another account of the role; nor where that is unknown', () => {
    const both = [approval('moh.security'), approval('mst.security')];
    expect(missing(both, { planners: [{ user: 'moh.security@desk' }] })).toEqual(['1 counted', 'moh.security: it made this plan itself']);
    expect(missing(both, { planners: [{ user: 'x@y', key: 'moh.security' }] })).toEqual(['1 counted', 'moh.security: it made this plan itself']);
    expect(missing(both, { applier: { user: 'guard@desk' } })).toEqual(['1 counted', 'moh.security: it applies this plan itself']);
    expect(missing(both, { planners: [] })[0]).toBe('0 counted');
  });
});

describe('effects', () => {
  it('of declarations are blocks that change or go, and DS records that come, change or go', () => {
    const value = (kind: 'renumber' | 'ds-change', subject: string, text: string) => ({ effect: kind, subject, agency: 'moh', value: text });
    const before = [
      value('renumber', 'a', '10.0.0.0/24'),
      value('renumber', 'b', '10.0.1.0/24'),
      value('renumber', 'c', '10.0.2.0/24'),
      value('ds-change', 'x.', '1'),
      value('ds-change', 'y.', '1'),
    ];
    const after = [
      value('renumber', 'a', '10.0.0.0/24'),
      value('renumber', 'b', '10.0.9.0/24'),
      value('renumber', 'new', '10.0.3.0/24'),
      value('ds-change', 'x.', '2'),
      value('ds-change', 'z.', '1'),
    ];
    expect(declaredEffects(before, after)).toEqual([
      { effect: 'ds-change', agency: 'moh', subjects: ['x.', 'y.', 'z.'] },
      { effect: 'renumber', agency: 'moh', subjects: ['b', 'c'] },
    ]);
    expect(declaredEffects(after, after)).toEqual([]);
  });

  it('are compared with what each agency last had applied whole', () => {
    const value = (agency: string, text: string) => ({ effect: 'renumber' as const, subject: agency, agency, value: text });
    const stacks = [
      { path: 'moh.a', agency: 'moh' },
      { path: 'moh.b', agency: 'moh' },
      { path: 'mst.a', agency: 'mst' },
    ];
    const before = [value('moh', '1'), value('mst', '1'), value('none', '1')];
    const declared = [value('moh', '2'), value('mst', '2'), value('none', '2')];
    const after = (old: typeof before | undefined, ...done: string[]): string[] =>
      nextBaseline({ before: old, declared, stacks, done: new Set(done) })
        .map(({ agency, value: text }) => `${agency} ${text}`)
        .sort();
    expect(after(undefined, 'moh.a')).toEqual(['moh 2', 'mst 2', 'none 2']);
    expect(after(before, 'moh.a')).toEqual(['moh 1', 'mst 1', 'none 1']);
    expect(after(before, 'moh.a', 'moh.b')).toEqual(['moh 2', 'mst 1', 'none 1']);
    expect(after(before, 'moh.a', 'moh.b', 'mst.a')).toEqual(['moh 2', 'mst 2', 'none 2']);
  });

  it('of stacks tell renumbering from other updates, and a removed stack as destroyed', () => {
    const stack = (given: Partial<ReviewStack>): ReviewStack => ({
      path: 'moh.a.b',
      agency: 'moh',
      state: 'planned',
      add: 0,
      change: 0,
      destroy: 0,
      waitsFor: [],
      changes: [],
      detailed: true,
      ...given,
    });
    const update = (before: string, after: string) => ({ address: 'x.y', type: 'x', action: 'update' as const, attributes: [{ path: 'cidr', before, after }] });
    const kinds = (one: ReviewStack): string[] => stackEffects([one]).map(({ effect: kind }) => kind);
    expect(kinds(stack({ changes: [update('"10.0.0.0/24"', '"10.0.1.0/24"')] }))).toEqual(['update', 'renumber']);
    expect(kinds(stack({ changes: [update('"3fff::1"', '(known after apply)')] }))).toEqual(['update', 'renumber']);
    expect(kinds(stack({ changes: [update('"web"', '"www"')] }))).toEqual(['update']);
    expect(kinds(stack({ removed: true, destroy: 3 }))).toEqual(['destroy']);
    expect(kinds(stack({ state: 'waits', changes: [update('"10.0.0.0/24"', '"10.0.1.0/24"')] }))).toEqual([]);
  });
});
