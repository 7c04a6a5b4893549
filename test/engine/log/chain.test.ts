import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../modules/core/index.ts';
import { checkLog, emptyHead, formatEntry, type LogHead } from '../../../modules/engine/log/index.ts';

const by = { user: 'operator@host' };

/** A log of `count` entries as lines, and the head after each. */
function logOf(count: number): { lines: string[]; heads: LogHead[] } {
  const lines: string[] = [];
  const heads: LogHead[] = [];
  let head = emptyHead;
  for (let index = 0; index < count; index++) {
    const line = formatEntry(head, '2026-11-22T00:00:00.000Z', { event: 'plan', by, plan: `plan-${index}`, details: { stacks: index } });
    head = { entries: head.entries + 1, head: sha256(line) };
    lines.push(line);
    heads.push(head);
  }
  return { lines, heads };
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const length = fc.integer({ min: 3, max: 12 });
const runs = { numRuns: 60 };

describe('the chain of the log', () => {
  it('is whole as written, whatever part of it an anchor knows', () => {
    fc.assert(
      fc.property(length, fc.nat(), (count, at) => {
        const { lines, heads } = logOf(count);
        const anchor = heads[at % count] ?? emptyHead;
        expect(checkLog(textOf(lines), [{ ...anchor, from: 'x' }])).toMatchObject({ entries: count, head: heads.at(-1)?.head, broken: undefined });
      }),
      runs,
    );
  });

  it('names the entry that was edited, wherever it stands', () => {
    fc.assert(
      fc.property(length, fc.nat(), (count, at) => {
        const { lines, heads } = logOf(count);
        const index = at % count;
        lines[index] = (lines[index] ?? '').replace('operator@host', 'somebody@host');
        const found = checkLog(textOf(lines), [{ ...(heads.at(-1) ?? emptyHead), from: 'head' }]).broken;
        // The last entry has none after it that could tell: its anchor does.
        expect([found?.entry, found?.what]).toEqual([index + 1, index === count - 1 ? 'rewritten' : 'edited']);
      }),
      runs,
    );
  });

  it('names an entry whose link was forged', () => {
    const { lines } = logOf(5);
    lines[2] = (lines[2] ?? '').replace(/"previous":"."?/u, '"previous":"x');
    expect(checkLog(textOf(lines)).broken).toMatchObject({ entry: 3, what: 'edited' });
  });

  it('names the entry that was removed, moved, or stands there twice', () => {
    fc.assert(
      fc.property(length, fc.nat(), (count, at) => {
        const index = at % (count - 1);
        const { lines } = logOf(count);
        expect(checkLog(textOf(lines.toSpliced(index, 1))).broken).toMatchObject({ entry: index + 1, what: 'removed' });
        expect(checkLog(textOf(lines.toSpliced(index + 1, 0, lines[index] ?? ''))).broken).toMatchObject({ entry: index + 1, what: 'inserted' });
        const swapped = lines.toSpliced(index, 2, lines[index + 1] ?? '', lines[index] ?? '');
        expect(checkLog(textOf(swapped)).broken).toMatchObject({ entry: index + 1, what: 'reordered' });
      }),
      runs,
    );
  });

  it('cannot be cut short or written anew beside an anchor', () => {
    fc.assert(
      fc.property(length, fc.nat(), (count, at) => {
        const { lines, heads } = logOf(count);
        const kept = at % count;
        const anchors = [{ ...(heads.at(-1) ?? emptyHead), from: 'checkpoint' }];
        expect(checkLog(textOf(lines.slice(0, kept)), anchors).broken).toMatchObject({ entry: kept + 1, what: 'truncated' });
        let head = emptyHead;
        const forged = lines.map(() => {
          const line = formatEntry(head, '2026-11-23T00:00:00.000Z', { event: 'plan', by });
          head = { entries: head.entries + 1, head: sha256(line) };
          return line;
        });
        expect(checkLog(textOf(forged)).broken).toBeUndefined();
        expect(checkLog(textOf(forged), anchors).broken).toMatchObject({ what: 'rewritten' });
      }),
      runs,
    );
  });
});
