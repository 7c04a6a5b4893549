import { createHash } from 'node:crypto';
import * as vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Review } from '../../modules/engine/index.ts';
import { clientProgram, planScripts } from '../../modules/report/assets.ts';
import { matching, modelOf } from '../../modules/report/client/plan-model.ts';
import { renderPlanPage } from '../../modules/report/index.ts';
import { planPayload } from '../../modules/report/plan-page.ts';
import { bigReview } from '../lab/support/plan-review.ts';

const review = bigReview(30);
const html = renderPlanPage(review, 'vi');

describe('the page of a plan', () => {
  it('is the same bytes for the same review, in the language asked for, with both inside', () => {
    expect(renderPlanPage(structuredClone(review), 'vi')).toBe(html);
    expect(html).toContain('<html lang="vi">');
    for (const text of ['Sẽ bị xóa hoặc thay thế', 'Destroyed or replaced']) expect(html).toContain(text);
  });

  it('asks for nothing outside itself and allows exactly its own script and style', () => {
    expect(html).not.toMatch(/<(?:script|img|iframe|source)[^>]*\ssrc=|@import|url\(/iu);
    const script = /<script>([\s\S]*?)<\/script>/u.exec(html)?.[1] ?? '';
    const style = /<style>([\s\S]*?)<\/style>/u.exec(html)?.[1] ?? '';
    for (const text of [script, style]) expect(html).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/u);
  });

  it('is one script without module words left', () => {
    const program = clientProgram(planScripts);
    expect(() => new vm.Script(program)).not.toThrow();
    expect(program).not.toMatch(/^(?:import|export) /mu);
  });

  it('lets no value end the script', () => {
    const hostile: Review = {
      ...review,
      plan: '<b>',
      stacks: review.stacks.slice(0, 1).map((stack) => ({
        ...stack,
        changes: [{ address: 'a.b', type: 'a', action: 'update', attributes: [{ path: 'x', before: '</script><b>', after: '<!--' }] }],
      })),
    };
    const page = renderPlanPage(hostile, 'en');
    expect(page.match(/<\/script>/gu)).toHaveLength(2);
    expect(page).not.toContain('<b>');
    expect(page).not.toContain('<!--');
  });

  it('carries every stack, change and attribute, whatever their texts', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const attribute = fc.record({
      path: text,
      before: fc.option(text, { nil: undefined }),
      after: fc.option(text, { nil: undefined }),
      replaces: fc.boolean(),
    });
    const change = fc.record({
      address: text,
      type: text,
      action: fc.constantFrom('create', 'update', 'replace', 'delete'),
      attributes: fc.array(attribute, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 4 }), (lists) => {
        const stacks = lists.map((changes, index) => ({ ...(review.stacks[index] ?? review.stacks[0]), changes })) as Review['stacks'];
        const model = modelOf(planPayload({ ...review, stacks }, 'en'));
        expect(model.stacks.map(({ path, changes }) => ({ path, changes }))).toEqual(stacks.map(({ path, changes }) => ({ path, changes })));
      }),
      { numRuns: 40 },
    );
  });

  it('finds stacks by what they hold, by agency and by action', () => {
    const model = modelOf(planPayload(review, 'en'));
    const paths = (text: string, agency = '', action = ''): string[] => matching(model, { text, agency, action }).map(({ path }) => path);
    expect(paths('')).toHaveLength(30);
    expect(paths('bo y te').every((path) => path.startsWith('moh.'))).toBe(true);
    expect(paths('bo y te')).toEqual(paths('Ministry of Health'));
    expect(paths('subnet 192.0.2.54').length).toBeGreaterThan(0);
    expect(paths('', 'hue').every((path) => path.startsWith('hue.'))).toBe(true);
    expect(paths('', '', 'delete')).toEqual(review.stacks.filter(({ changes }) => changes.some(({ action }) => action === 'delete')).map(({ path }) => path));
    expect(paths('', '', 'waits')).toEqual(review.stacks.filter(({ state }) => state === 'waits').map(({ path }) => path));
  });
});
