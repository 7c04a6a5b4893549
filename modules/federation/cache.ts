import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { privateFolder, readTextIfPresent, sha256, writeFileAtomic } from '../core/index.ts';
import type { Entry, FileEntries } from './read.ts';

/** One file's entries as they were when its bytes and its tables' bytes had these digests. */
interface Kept {
  readonly digest: string;
  readonly tables: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
}

/** Entries of files that have not changed since they were last checked: parsing YAML is most of the cost of loading. */
export interface EntryCache {
  get(file: string, text: string): readonly Entry[] | undefined;
  put(file: string, text: string, read: FileEntries): readonly Entry[];
  /** Writes the cache if anything changed. A folder that cannot be written only costs time. */
  save(): void;
}

/** Opens `.vcloud/cache/declarations.json`. A cache of another version of the reader counts as empty. */
export function openCache(root: string): EntryCache {
  const version = readerDigest();
  const file = path.join(root, '.vcloud/cache/declarations.json');
  const known = parse(readTextIfPresent(file), version);
  const kept: Record<string, Kept> = {};
  const digests = new Map<string, string>();
  const digestOfTable = (table: string): string => {
    let digest = digests.get(table);
    if (digest === undefined) digests.set(table, (digest = sha256(readTextIfPresent(path.join(root, table)) ?? '')));
    return digest;
  };
  let changed = false;
  return {
    get(name, text) {
      const found = known[name];
      if (found?.digest !== sha256(text) || Object.entries(found.tables).some(([table, digest]) => digestOfTable(table) !== digest)) return undefined;
      kept[name] = found;
      return found.entries;
    },
    put(name, text, { entries, tables }) {
      kept[name] = { digest: sha256(text), tables: Object.fromEntries(tables.map((table) => [table, digestOfTable(table)])), entries };
      changed = true;
      return entries;
    },
    save() {
      if (!changed && Object.keys(kept).length === Object.keys(known).length) return;
      try {
        privateFolder(root, 'cache');
        writeFileAtomic(file, JSON.stringify({ version, files: kept }), { mode: 0o600, durable: false });
      } catch (error) {
        if (!['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    },
  };
}

function parse(text: string | undefined, version: string): Record<string, Kept> {
  if (text === undefined) return {};
  try {
    const value = JSON.parse(text) as { version: string; files: Record<string, Kept> };
    return value.version === version ? value.files : {};
  } catch {
    return {};
  }
}

/** What the entries depend on besides the files: the code that reads and checks them. */
function readerDigest(): string {
  const own = fileURLToPath(import.meta.url);
  const extension = path.extname(own);
  const sources = ['schema', 'read', 'rules', 'cache', '../core/schema', '../core/formats', '../core/source', '../core/template'].map((name) =>
    fs.readFileSync(path.join(path.dirname(own), `${name}${extension}`), 'utf8'),
  );
  return sha256(sources.join('\n'));
}
