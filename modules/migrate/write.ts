import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Writes several files as one: every new text is on disk beside its file before the first is put in place, and what was put in
 * place is taken back when a later one fails. A crash between two renames leaves files of two versions, all of them readable.
 */
export function writeTogether(root: string, texts: ReadonlyMap<string, string>): void {
  const drafts: { readonly file: string; readonly draft: string; readonly kept: string }[] = [];
  const beside: string[] = [];
  const placed: (typeof drafts)[number][] = [];
  try {
    for (const [relative, text] of texts) {
      const file = path.join(root, relative);
      const name = (what: string): string => path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.${what}.tmp`);
      const entry = { file, draft: name('new'), kept: name('old') };
      drafts.push(entry);
      const descriptor = fs.openSync(entry.draft, 'wx', fs.statSync(file).mode & 0o777);
      beside.push(entry.draft);
      try {
        fs.writeFileSync(descriptor, text);
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
    }
    for (const entry of drafts) {
      fs.linkSync(entry.file, entry.kept);
      beside.push(entry.kept);
      placed.push(entry);
      fs.renameSync(entry.draft, entry.file);
    }
  } catch (error) {
    for (const { file, kept } of placed) fs.renameSync(kept, file);
    throw error;
  } finally {
    for (const name of beside) fs.rmSync(name, { force: true });
  }
}
