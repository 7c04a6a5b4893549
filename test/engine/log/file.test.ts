import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ensureSigningKey, formatEnvelope, sha256 } from '../../../modules/core/index.ts';
import { appendLog, currentActor, logPath, logProblems, makeCheckpoint, readCheckpoint, restartLog, verifyLog } from '../../../modules/engine/log/index.ts';
import { temporaryRoot } from '../fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});
function newRoot(entries = 0): string {
  const root = temporaryRoot();
  roots.push(root);
  for (let index = 0; index < entries; index++) appendLog(root, { event: 'plan', by: currentActor(), plan: `p${index}` });
  return root;
}
const fileOf = (root: string): string => path.join(root, logPath);

describe('the log on disk', () => {
  it('is for the owner only, and whole after every entry', () => {
    const root = newRoot(3);
    expect(fs.statSync(fileOf(root)).mode & 0o077).toBe(0);
    expect(verifyLog(root)).toMatchObject({ present: true, entries: 3, broken: undefined, torn: undefined });
  });

  it('survives a crash at any byte of its last line, and says what was lost', () => {
    const root = newRoot(3);
    const whole = fs.readFileSync(fileOf(root));
    const start = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    const head = path.join(root, '.vcloud/log.head.json');
    const before = newRoot(2);
    fc.assert(
      fc.property(fc.integer({ min: start + 1, max: whole.length - 2 }), (cut) => {
        // The head is written after the line, so a line cut off was never in it.
        fs.copyFileSync(path.join(before, '.vcloud/log.head.json'), head);
        fs.writeFileSync(fileOf(root), whole.subarray(0, cut));
        fs.rmSync(head);
        const torn = verifyLog(root);
        expect(torn).toMatchObject({ entries: 2, broken: undefined, torn: { bytes: cut - start } });
        expect(logProblems(torn)).toMatchObject([{ code: 'ENGINE-LOG-TORN', severity: 'warning' }]);
        appendLog(root, { event: 'plan', by: currentActor() });
        const mended = verifyLog(root);
        expect(mended).toMatchObject({ entries: 4, broken: undefined, torn: undefined });
        expect(mended.list.map(({ event }) => event)).toEqual(['plan', 'plan', 'mended', 'plan']);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps an entry of which only the line break was lost', () => {
    const root = newRoot(2);
    fs.truncateSync(fileOf(root), fs.statSync(fileOf(root)).size - 1);
    appendLog(root, { event: 'plan', by: currentActor() });
    expect(verifyLog(root)).toMatchObject({ entries: 3, broken: undefined });
  });

  it('tells that its end was cut off, from the head beside it and from a signed checkpoint', () => {
    const root = newRoot(4);
    const { publicKey } = ensureSigningKey(root);
    const checkpoint = readCheckpoint(formatEnvelope(makeCheckpoint(root).envelope), 'c.json', [publicKey]);
    const lines = fs.readFileSync(fileOf(root), 'utf8').split('\n');
    fs.writeFileSync(fileOf(root), `${lines.slice(0, 2).join('\n')}\n`);
    expect(logProblems(verifyLog(root))).toMatchObject([{ code: 'ENGINE-LOG-BROKEN', severity: 'error', line: 3 }]);
    fs.rmSync(path.join(root, '.vcloud/log.head.json'));
    expect(verifyLog(root).broken).toBeUndefined();
    expect(verifyLog(root, [checkpoint]).broken).toMatchObject({ what: 'truncated', entry: 3 });
    fs.rmSync(fileOf(root));
    expect(verifyLog(root, [checkpoint]).broken).toMatchObject({ what: 'truncated', entry: 1 });
    expect(() => readCheckpoint('{}', 'c.json', [publicKey])).toThrow(/ENGINE-LOG-CHECKPOINT/u);
  });

  it('stays broken whatever is added after its end was cut off, all of it was removed, or its end was written anew', () => {
    const cases: readonly ((lines: readonly string[]) => string | undefined)[] = [
      (lines) => `${lines.slice(0, 2).join('\n')}\n`,
      // Half of the last line, as if a crash had left it.
      (lines) => lines.join('\n').trimEnd().slice(0, -20),
      () => '',
      () => undefined,
    ];
    for (const damage of cases) {
      const root = newRoot(5);
      const text = damage(fs.readFileSync(fileOf(root), 'utf8').split('\n'));
      if (text === undefined) fs.rmSync(fileOf(root));
      else fs.writeFileSync(fileOf(root), text);
      expect(verifyLog(root).broken).toBeDefined();
      // As many as were there, and more: a chain of its own that is whole.
      for (let index = 0; index < 7; index++) {
        appendLog(root, { event: 'apply-refused', by: currentActor() });
        expect(verifyLog(root).broken).toMatchObject({ what: expect.stringMatching(/truncated|rewritten/u) as unknown });
      }
      expect(verifyLog(root).list.filter(({ event }) => event === 'apply-refused')).toHaveLength(7);
      restartLog(root, 'looked into', currentActor());
      appendLog(root, { event: 'plan', by: currentActor() });
      expect(verifyLog(root)).toMatchObject({ entries: 2, broken: undefined });
    }
  });

  it('goes on where a crash fell between an entry and its head', () => {
    const root = newRoot(2);
    const head = path.join(root, '.vcloud/log.head.json');
    const before = fs.readFileSync(head);
    appendLog(root, { event: 'plan', by: currentActor() });
    fs.writeFileSync(head, before);
    appendLog(root, { event: 'plan', by: currentActor() });
    expect(verifyLog(root)).toMatchObject({ entries: 4, broken: undefined });
    expect(fs.readFileSync(head, 'utf8')).toContain('"entries": 4');
  });

  it('is begun anew where only its head is left', () => {
    const root = newRoot(3);
    const head = path.join(root, '.vcloud/log.head.json');
    const kept = fs.readFileSync(head, 'utf8');
    fs.rmSync(fileOf(root));
    const { aside } = restartLog(root, 'the log was removed', currentActor());
    expect(fs.readFileSync(path.join(root, aside), 'utf8')).toBe(kept);
    expect(verifyLog(root)).toMatchObject({ entries: 1, broken: undefined, list: [{ event: 'restart', details: { head: sha256(kept) } }] });
    const empty = newRoot();
    expect(() => restartLog(empty, 'nothing', currentActor())).toThrow(/ENGINE-LOG-ABSENT/u);
  });

  it('is put aside with a reason, its digest in the first entry of the new one', () => {
    const root = newRoot(2);
    fs.writeFileSync(fileOf(root), fs.readFileSync(fileOf(root), 'utf8').replace('p0', 'p9'));
    expect(verifyLog(root).broken).toMatchObject({ entry: 1, what: 'edited' });
    const { aside } = restartLog(root, 'edited by hand while moving the machine', currentActor());
    expect(fs.existsSync(path.join(root, aside))).toBe(true);
    expect(verifyLog(root)).toMatchObject({ entries: 1, broken: undefined, list: [{ event: 'restart' }] });
  });
});
