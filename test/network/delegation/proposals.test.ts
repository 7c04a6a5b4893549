import { describe, expect, it } from 'vitest';
import type { ProblemError } from '../../../modules/core/index.ts';
import { answerLines, checkAddresses, planAddresses, refuseDelegated, utilisationLines } from '../../../modules/network/index.ts';
import { proposalStatuses, proposalViews, statusesText, viewsText, type AnswerLine } from '../../../modules/network/delegation/index.ts';
import { centre, lockOf, member } from './world.ts';

const revoke = { id: 'r1', kind: 'revoke' as const, key: 'agency/moh', family: 'v4' as const, by: '2027-01-31', reason: 'merged' };
const plan = `needs:
  - { key: t, role: container, legs: { v4: { pool: four, length: 22 }, v6: { pool: six, length: 48 } } }
  - { key: t/web, legs: { v4: { in: t, length: 26 } } }
  - { key: lan, pool: six, length: 64 }
`;
const lock = lockOf(`  lan: {v6: "3fff:8:1::/64", pool6: six}
  old: {v4: "10.8.9.0/24", pool4: four, state: released}
  t: {v4: "10.8.0.0/22", pool4: four, v6: "3fff:8::/48", pool6: six}
  t/web: {v4: "10.8.0.0/26", pool4: four}
`);

describe('a proposal at the member', () => {
  const views = (extra = '', proposals: Parameters<typeof member>[1] = { proposals: [revoke] }, options: Parameters<typeof member>[2] = { lock }) => {
    const planSet = member(plan + extra, proposals, options);
    return proposalViews(planSet, planAddresses(planSet).addressPlan);
  };

  it('names everything of its own that lies in a revoked block', () => {
    const [view] = views();
    expect(view).toMatchObject({ state: 'unanswered', overdue: false, blocks: ['10.8.0.0/16'], gives: ['10.8.0.0/16'] });
    expect(view?.keys.map(({ key, prefix }) => `${key} ${prefix}`)).toEqual(['t 10.8.0.0/22', 't/web 10.8.0.0/26']);
    expect(viewsText(view ? [{ ...view, zones: [{ zone: 'a.example.', records: 2 }], overlays: [{ overlay: 'wan', nodes: ['n1'] }] }] : []).join('\n')).toMatch(
      /NOT ANSWERED[\s\S]*t\/web {2}10\.8\.0\.0\/26[\s\S]*zone a\.example\. {2}2 records[\s\S]*overlay wan {2}n1/u,
    );
  });

  it('is overdue after its day, and not on it', () => {
    expect(views('', undefined, { lock, asOf: '2027-01-31' })[0]?.overdue).toBe(false);
    expect(views('', undefined, { lock, asOf: '2027-02-01' })[0]?.overdue).toBe(true);
  });

  it('once accepted, asks to move what another pool has room for and to release the rest', () => {
    const accepted = 'answers: [{ proposal: r1, answer: accepted }]\n';
    expect(views(accepted)[0]?.todo.map(({ key, action }) => `${action} ${key}`)).toEqual(['release t', 'release t/web']);
    const room = member(`  - { name: spare, prefix: 10.99.0.0/22, domain: d }\n${plan}${accepted}`, { proposals: [revoke] }, { lock });
    expect(proposalViews(room, planAddresses(room).addressPlan)[0]).toMatchObject({
      state: 'open',
      todo: [
        { key: 't', action: 'move', into: 'spare' },
        { key: 't/web', action: 'move', into: 'spare' },
      ],
    });
  });

  it('gives back what lies beyond the shorter block, and nothing when it grows', () => {
    const resize = (to: number) => views('', { proposals: [{ ...revoke, kind: 'resize', to }] })[0];
    expect(resize(18)?.gives).toEqual(['10.8.64.0/18', '10.8.128.0/17']);
    expect(resize(18)?.keys).toEqual([]);
    expect(resize(23)?.keys.map(({ key }) => key)).toEqual([]);
    expect(resize(15)?.gives).toEqual([]);
    expect(resize(16)?.state).toBe('done');
  });

  it('is a finding until it is answered and carried out; an answer to nothing is one too', () => {
    const codes = (extra: string) =>
      checkAddresses(member(plan + extra, { proposals: [revoke] }, { lock })).filter(
        ({ code }) => code.startsWith('NET-PROPOSAL') || code.startsWith('NET-ANSWER'),
      );
    expect(codes('').map(({ code, severity }) => [code, severity])).toEqual([['NET-PROPOSAL', 'warning']]);
    expect(codes('answers: [{ proposal: r1, answer: refused, reason: in use }]\n')).toEqual([]);
    expect(codes('answers: [{ proposal: r1, answer: accepted }]\n')[0]?.message).toContain('2 blocks are still to be moved or released');
    expect(codes('answers: [{ proposal: r1, answer: refused, reason: x }, { proposal: r2, answer: accepted }]\n').map(({ code }) => code)).toEqual([
      'NET-ANSWER-UNKNOWN',
    ]);
  });

  it.each([
    ['answers: [{ proposal: r1, answer: refused }]\n', 'NET-ANSWER-REASON'],
    ['answers: [{ proposal: r1, answer: accepted }, { proposal: r1, answer: accepted }]\n', 'NET-ANSWER-DUPLICATE'],
  ])('refuses %s', (extra, code) => {
    try {
      member(plan + extra, { proposals: [revoke] }, { lock });
      expect.unreachable();
    } catch (error) {
      expect((error as ProblemError).problems.map((found) => [found.code, found.file, found.line])).toEqual([[code, 'network-plans/own.yaml', 12]]);
    }
  });

  it('goes back with how much is left, and how full the blocks are without what lies in them', () => {
    const planSet = member(`${plan}answers: [{ proposal: r1, answer: accepted, reason: fine }]\n`, { proposals: [revoke] }, { lock });
    const { addressPlan } = planAddresses(planSet);
    expect(answerLines(addressPlan, planSet.delegation)).toEqual([
      { proposal: 'r1', kind: 'revoke', key: 'agency/moh', family: 'v4', answer: 'accepted', reason: 'fine', remaining: 2 },
    ]);
    const { received } = planSet.delegation;
    expect(received && utilisationLines(addressPlan, received)).toEqual([
      // A /22 and a released /24 of 65,536 addresses are given out, a /26 is used.
      { key: 'agency/moh', family: 'v4', prefix: '10.8.0.0/16', delegated: 0.019531, used: 0.000976, largestFree: 17 },
      { key: 'agency/moh', family: 'v6', prefix: '3fff:8::/32', delegated: 0.000015, used: 0, largestFree: 33 },
    ]);
  });
});

describe('a proposal at the centre', () => {
  const delegations = (proposal: string): string => `delegations:\n  - { member: moh, proposals: [${proposal}] }\n`;
  const text = '{ id: r1, kind: revoke, key: agency/moh, family: v4, by: 2027-01-31, reason: merged }';
  const answer: AnswerLine = { proposal: 'r1', kind: 'revoke', key: 'agency/moh', family: 'v4', answer: 'accepted', remaining: 0 };
  const date = '2026-11-20';
  const state = (report: Parameters<typeof centre>[1], asOf = '2026-11-22', proposal = text) =>
    proposalStatuses(centre(delegations(proposal), report, { asOf })).map((status) => `${status.state}${status.overdue ? ' overdue' : ''}`)[0];

  it('waits, is overdue, in use, empty, refused', () => {
    expect(state({})).toBe('waiting');
    expect(state({ date })).toBe('waiting');
    expect(state({ date }, '2027-01-31')).toBe('waiting');
    expect(state({ date }, '2027-02-01')).toBe('waiting overdue');
    expect(state({ date, answers: [{ ...answer, remaining: 3 }] })).toBe('in-use');
    expect(state({ date, answers: [{ ...answer, remaining: 3 }] }, '2027-02-01')).toBe('in-use overdue');
    expect(state({ date, answers: [answer] }, '2027-02-01')).toBe('empty');
    expect(state({ date, answers: [{ ...answer, answer: 'refused', reason: 'no' }] }, '2027-02-01')).toBe('refused');
    expect(statusesText(proposalStatuses(centre(delegations(text), { date, answers: [{ ...answer, answer: 'refused', reason: 'no' }] })))[1]).toContain(
      `refused: no (its bundle of ${date})`,
    );
  });

  it('is not answered by an answer to other words under its id', () => {
    expect(state({ date, answers: [{ ...answer, kind: 'resize', to: 17 }] })).toBe('waiting');
    expect(state({ date, answers: [{ ...answer, family: 'v6' }] })).toBe('waiting');
  });

  it('is a note while it waits and a finding when the centre must act', () => {
    const severity = (report: Parameters<typeof centre>[1], asOf?: string) =>
      checkAddresses(centre(delegations(text), report, { asOf: asOf ?? '2026-11-22' })).flatMap((found) =>
        found.code === 'NET-PROPOSAL' ? [found.severity] : [],
      );
    expect(severity({})).toEqual(['note']);
    expect(severity({}, '2027-03-01')).toEqual(['warning']);
    expect(severity({ date, answers: [answer] })).toEqual(['warning']);
  });

  it('must be accepted and empty before the block is released', () => {
    const release = [{ key: 'agency/moh', family: 'v4' as const, from: '10.8.0.0/16', to: null }];
    const refusals = (report: Parameters<typeof centre>[1], asked = text) => refuseDelegated(centre(delegations(asked), report), release);
    expect(refusals({}).map(({ code }) => code)).toEqual(['NET-DELEGATED']);
    expect(refusals({}, '').map(({ hint }) => hint)[0]).toContain('kind: revoke');
    expect(refusals({ date, answers: [{ ...answer, remaining: 1 }] })[0]?.message).toContain('1 of its blocks still lie there');
    expect(refusals({ date, answers: [{ ...answer, answer: 'refused', reason: 'no' }] })[0]?.message).toContain('was refused: no');
    expect(refusals({ date, answers: [answer] })).toEqual([]);
    // The other family was never spoken of.
    expect(
      refuseDelegated(centre(delegations(text), { date, answers: [answer] }), [{ key: 'agency/moh', family: 'v6', from: '3fff:8::/32', to: null }]),
    ).toHaveLength(1);
  });

  it('holds planning itself back: a delegated block is not resized by editing its length', () => {
    const grow = '{ id: g, kind: resize, key: agency/moh, family: v4, to: 15, by: 2027-01-31, reason: more }';
    const lengths = { v4: 15, v6: 32 };
    const codes = (report: Parameters<typeof centre>[1], asked: string) =>
      planAddresses(centre(delegations(asked), report, { lengths })).problems.map(({ code }) => code);
    const accepted: AnswerLine = { proposal: 'g', kind: 'resize', key: 'agency/moh', family: 'v4', to: 15, answer: 'accepted', remaining: 0 };
    expect(codes({}, '')).toEqual(['NET-DELEGATED']);
    expect(codes({}, grow)).toEqual(['NET-DELEGATED']);
    expect(codes({ date, answers: [accepted] }, grow)).toEqual([]);
    expect(codes({ date, answers: [{ ...accepted, to: 14 }] }, grow.replace('15', '14'))).toEqual(['NET-DELEGATED']);
  });

  it.each([
    ['{ id: a, kind: resize, key: agency/moh, by: 2027-01-01, reason: x }', 'NET-PROPOSAL'],
    ['{ id: a, kind: revoke, key: agency/moh, to: 17, by: 2027-01-01, reason: x }', 'NET-PROPOSAL'],
    [
      '{ id: a, kind: revoke, key: agency/moh, by: 2027-01-01, reason: x }, { id: a, kind: revoke, key: agency/moh, by: 2027-01-01, reason: x }',
      'NET-PROPOSAL-DUPLICATE',
    ],
  ])('refuses %s', (asked, code) => {
    try {
      centre(delegations(asked));
      expect.unreachable();
    } catch (error) {
      expect((error as ProblemError).problems.map((found) => found.code)).toEqual([code]);
    }
  });
});
