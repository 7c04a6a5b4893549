import * as path from 'node:path';
import { fail } from '../../../modules/core/basics.ts';
import type { LogEntry } from '../../../modules/engine/index.ts';
import type { Verb } from '../../kit.ts';
import { textOf } from './shared.ts';

const file = '.vcloud/log.ndjson';

/** The trace of plans, approvals and applies. */
export const logVerbs: readonly Verb[] = [
  {
    name: 'log show',
    summary: 'who planned, approved and applied what, and when',
    description: 'data of --json: the entries: [{sequence, at, event, by: {user, key}, plan, manifest, details, previous}]',
    options: [{ flags: '--last <count>', description: 'only so many of the last entries' }],
    examples: [{ line: 'vcloud log show --last 20', does: 'prints the last twenty entries' }],
    exits: { 0: 'found', 1: 'error', 2: 'there is no entry' },
    async run({ root }, _, options) {
      const { verifyLog, logProblems } = await import('../../../modules/engine/index.ts');
      const check = verifyLog(root);
      const given = textOf(options['last']);
      if (given !== undefined && !/^[1-9]\d{0,8}$/u.test(given))
        fail('CLI-USAGE', `--last ${given}: a number of entries from 1`, { hint: 'for example --last 20' });
      const data = given === undefined ? check.list : check.list.slice(-Number(given));
      return { exit: data.length > 0 ? 0 : 2, data, text: data.map(lineOf).join('\n'), problems: logProblems(check) };
    },
  },
  {
    name: 'log verify',
    summary: 'check that no entry was edited, removed, inserted, moved or cut off',
    description: `Every entry holds the digest of the one before it; the head is kept beside the log, in every approval, and in checkpoints. With --checkpoint the log is compared with one that was kept elsewhere: only that shows that somebody wrote all of it anew. Half a line that a crash left is told and is no breach.

data of --json: {present, entries, head, broken: {entry, what, why}, torn: {bytes, sha256}}`,
    options: [
      { flags: '--checkpoint <file>', description: 'a checkpoint somebody else kept' },
      { flags: '--key <public>', description: "public key the checkpoint is signed with; the member's own by default" },
    ],
    examples: [
      { line: 'vcloud log verify', does: 'checks the whole log' },
      { line: 'vcloud log verify --checkpoint out/log/checkpoint.json', does: 'compares it with a checkpoint too' },
    ],
    exits: { 0: 'it is what was written', 1: 'error: there is no log, or the checkpoint cannot be read', 2: 'it was changed; the first such entry is named' },
    async run({ root, language }, _, options) {
      const { verifyLog, logProblems, readCheckpoint } = await import('../../../modules/engine/index.ts');
      const { readPublicKey, readText } = await import('../../../modules/core/index.ts');
      const checkpoint = textOf(options['checkpoint']);
      const keys = [textOf(options['key']) ?? readPublicKey(root) ?? ''].filter((key) => key !== '');
      const check = verifyLog(root, checkpoint === undefined ? [] : [readCheckpoint(readText(root, checkpoint), checkpoint, keys)]);
      if (!check.present && check.broken === undefined) fail('ENGINE-LOG-ABSENT', 'there is no log here', { file, hint: 'plan, approve and apply write it' });
      const { present, entries, head, broken, torn } = check;
      const whole = language === 'vi' ? `${entries} mục, nguyên vẹn; đầu chuỗi ${head}` : `${entries} entries, whole; head ${head}`;
      const data = { present, entries, head, broken: broken ?? null, torn: torn ?? null };
      return { exit: broken === undefined ? 0 : 2, data, text: broken === undefined ? whole : '', problems: logProblems(check) };
    },
  },
  {
    name: 'log checkpoint',
    summary: 'sign the head of the log, for somebody else to keep',
    description: 'Writes the number of entries and the digest of the last one, signed with the member’s key. data of --json: {file, entries, head}',
    options: [{ flags: '--out <file>', description: 'where to', default: 'out/log/checkpoint.json' }],
    examples: [{ line: 'vcloud log checkpoint', does: 'writes out/log/checkpoint.json' }],
    exits: { 0: 'written', 1: 'error: no log, a broken one, or no key' },
    async run({ root }, _, options) {
      const { makeCheckpoint } = await import('../../../modules/engine/index.ts');
      const { formatEnvelope, writeFileAtomic } = await import('../../../modules/core/index.ts');
      const { envelope, head } = makeCheckpoint(root);
      const out = textOf(options['out']) ?? 'out/log/checkpoint.json';
      writeFileAtomic(path.resolve(root, out), formatEnvelope(envelope));
      return { exit: 0, data: { file: out, ...head }, text: `${out}: ${head.entries} entries, head ${head.head}` };
    },
  },
  {
    name: 'log restart',
    summary: 'put a broken log aside and begin a new one',
    description:
      'The old log stays beside it under the first digits of its digest; the first entry of the new one holds that digest, who did it and why. Where only the head is left of it, because somebody removed the log, that is put aside. What is noted on a broken log does not mend it. data of --json: {aside}',
    options: [{ flags: '--reason <text>', description: 'why; it stays in the log for good' }],
    examples: [{ line: 'vcloud log restart --reason "disk repaired, two entries lost"', does: 'begins a new log' }],
    exits: { 0: 'a new log was begun', 1: 'error: there is no log, or no reason was given' },
    async run({ root }, _, options) {
      const { currentActor, restartLog } = await import('../../../modules/engine/index.ts');
      const { withWriteLock } = await import('../../../modules/core/index.ts');
      const reason = textOf(options['reason'])?.trim() ?? '';
      if (reason === '') fail('ENGINE-LOG-REASON', 'a log is not put aside without a reason', { hint: 'add --reason TEXT' });
      const { aside } = await withWriteLock(root, 'log restart', async () => restartLog(root, reason, currentActor()));
      return { exit: 0, data: { aside }, text: aside };
    },
  },
];

function lineOf({ sequence, at, event, by, plan, details }: LogEntry): string {
  const what = details === undefined ? '' : `  ${JSON.stringify(details)}`;
  return `${String(sequence).padStart(4)}  ${at}  ${event.padEnd(13)} ${plan ?? ''}  ${by.user}${by.key === undefined ? '' : ` (${by.key.slice(0, 20)})`}${what}`;
}
