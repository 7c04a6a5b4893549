import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import {
  API_VERSION,
  bringForward,
  canonicalJson,
  header,
  privateFolder,
  problem,
  ProblemError,
  readTextIfPresent,
  sha256,
  withWriteLock,
  writeFileAtomic,
} from '../core/index.ts';

const journalFile = '.vcloud/network-write.json';
/** Whoever is still writing gets this long to end. */
const waitMilliseconds = 60_000;

const journalSchema = z.strictObject({
  ...header('NetworkWrite'),
  files: z.array(z.strictObject({ file: z.string(), before: z.string().nullable(), text: z.string() })),
});

/**
 * Writes several files as one step: all of them, or after a crash at any moment either none or a record of what is missing,
 * which {@link finishWrites} carries out when plans are next read. A file system renames one file at a time, so the texts are
 * first put down whole in one file of `.vcloud/`: with that rename the step is done. Where a write is refused (a full disk, a
 * folder that may not be written) the files become what they were. The caller holds the write lock.
 * @param texts path below `root` -> text, in the order they are written
 */
export function writeTogether(root: string, texts: ReadonlyMap<string, string>): void {
  const former = new Map([...texts.keys()].map((file) => [file, readTextIfPresent(path.join(root, file))]));
  const list = [...texts].map(([file, text]) => ({ file, before: digestOf(former.get(file)), text }));
  if (list.length > 1) {
    privateFolder(root);
    writeFileAtomic(path.join(root, journalFile), canonicalJson({ apiVersion: API_VERSION, kind: 'NetworkWrite', files: list }), { mode: 0o600 });
  }
  const written: string[] = [];
  try {
    for (const { file, text } of list) {
      writeFileAtomic(path.join(root, file), text);
      written.push(file);
    }
  } catch (error) {
    for (const file of written) {
      const text = former.get(file);
      if (text === undefined) fs.rmSync(path.join(root, file), { force: true });
      else writeFileAtomic(path.join(root, file), text);
    }
    fs.rmSync(path.join(root, journalFile), { force: true });
    throw error;
  }
  if (list.length > 1) fs.rmSync(path.join(root, journalFile), { force: true });
}

/**
 * Finishes what a process that was killed had begun to write with {@link writeTogether}; at once where there is nothing.
 * @throws ProblemError NET-WRITE-INTERRUPTED where one of the files is neither as it was before nor as it was to become; CORE-LOCKED
 */
export async function finishWrites(root: string): Promise<void> {
  const journal = path.join(root, journalFile);
  if (!fs.existsSync(journal)) return;
  await withWriteLock(
    root,
    'net recovery',
    () => {
      finish(root, journal);
      return Promise.resolve();
    },
    { waitMilliseconds },
  );
}

function finish(root: string, journal: string): void {
  const record = readTextIfPresent(journal);
  // Whoever was writing has ended meanwhile.
  if (record === undefined) return;
  const { files } = journalSchema.parse(bringForward(JSON.parse(record), { file: journalFile }));
  for (const { file, before, text } of files) {
    const now = digestOf(readTextIfPresent(path.join(root, file)));
    if (now === before || now === digestOf(text)) continue;
    throw new ProblemError(
      problem('NET-WRITE-INTERRUPTED', 'a command was killed while it wrote this file and others, and the file was changed since', {
        file,
        hint: `restore network-plans/ from version control and remove ${journalFile}, or undo the change so that the next command can finish`,
      }),
    );
  }
  for (const { file, text } of files) writeFileAtomic(path.join(root, file), text);
  fs.rmSync(journal, { force: true });
}

function digestOf(text: string | undefined): string | null {
  return text === undefined ? null : sha256(text);
}
