import * as fs from 'node:fs';
import * as path from 'node:path';
import type * as Sqlite from 'node:sqlite';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fail, privateFolder } from '../../core/index.ts';

/** Path of the inventory below a member's folder. */
export const inventoryFile = '.vcloud/inventory.sqlite';

/** Version of the tables; another one means the file is rebuilt from the bundles. */
const schemaVersion = 1;

// Row ids carry the rank of the kind (rank * 2^40 + serial), so the order in which the full-text index returns rows is the
// order in which they are shown and no result needs sorting. Bodies hold what no query asks for. The index keeps no copy of
// the text: it is made again from the body when a row is removed.
const tables = `
CREATE TABLE submission (
  id INTEGER PRIMARY KEY, member TEXT NOT NULL, sequence INTEGER NOT NULL, digest TEXT NOT NULL, observed TEXT NOT NULL,
  added INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL, unchanged INTEGER NOT NULL
);
CREATE UNIQUE INDEX submission_sequence ON submission (member, sequence);
CREATE TABLE scope (id INTEGER PRIMARY KEY, member TEXT NOT NULL, layer TEXT NOT NULL, submission INTEGER NOT NULL, observed TEXT NOT NULL, digest TEXT NOT NULL, UNIQUE (member, layer));
CREATE TABLE record (
  id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, urn TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, drift TEXT,
  since INTEGER NOT NULL, changed INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE TABLE history (
  urn TEXT NOT NULL, member TEXT NOT NULL, layer TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, drift TEXT,
  since INTEGER NOT NULL, until INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX history_urn ON history (urn);
CREATE TABLE owner (scope INTEGER NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (scope, id)) WITHOUT ROWID;
CREATE TABLE chain (scope INTEGER NOT NULL, ancestor TEXT NOT NULL, id TEXT NOT NULL, depth INTEGER NOT NULL, PRIMARY KEY (ancestor, scope, id)) WITHOUT ROWID;
CREATE TABLE rollup (scope INTEGER NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, drift TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (owner, scope, kind, drift)) WITHOUT ROWID;
CREATE TABLE attachment (member TEXT NOT NULL, name TEXT NOT NULL, line INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (member, name, line)) WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5 (name, context, content = '', columnsize = 0, tokenize = 'ascii');
INSERT INTO text (text, rank) VALUES ('hashsize', 16777216);
PRAGMA user_version = ${schemaVersion};
`;

/** Made after the first bulk load, where building an index at once is several times cheaper than keeping it. */
const indexes = `
CREATE UNIQUE INDEX IF NOT EXISTS record_urn ON record (urn, scope);
CREATE INDEX IF NOT EXISTS record_owner ON record (owner, kind);
CREATE INDEX IF NOT EXISTS record_scope ON record (scope);
CREATE INDEX IF NOT EXISTS record_drift ON record (drift, id) WHERE drift IS NOT NULL;
`;

/** An open inventory. Statements are prepared once each. */
export interface Store {
  readonly database: DatabaseSync;
  statement(sql: string): StatementSync;
  /** Runs `work` in one transaction: everything it wrote stays, or nothing. Inside another it is part of that one. */
  transaction<T>(work: () => T): T;
  close(): void;
}

function buildIndexes(database: DatabaseSync): void {
  try {
    database.exec(indexes);
  } catch (error) {
    const twice = database.prepare('SELECT urn FROM record GROUP BY urn, scope HAVING count(*) > 1 LIMIT 1').get() as { urn: string } | undefined;
    if (twice === undefined) throw error;
    fail('INV-DUPLICATE', `${twice.urn} stands twice in one snapshot`, { subject: twice.urn, hint: 'a URN names one thing of a layer' });
  }
}

/** Loads node:sqlite without the notice some Node versions print about it being new. */
function sqlite(): typeof Sqlite {
  // Narrowed to this one notice, and put back at once.
  const before = Reflect.get(process, 'emitWarning') as (...args: unknown[]) => void;
  Reflect.set(process, 'emitWarning', (...args: unknown[]) => {
    if (!String(args[0]).includes('SQLite')) Reflect.apply(before, process, args);
  });
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    Reflect.set(process, 'emitWarning', before);
  }
}

/**
 * Opens the inventory of a member; makes it when `create` is set.
 * @throws ProblemError INV-NONE when there is none, INV-VERSION when another version wrote it
 */
export function openInventory(root: string, options: { create?: boolean; readOnly?: boolean } = {}): Store {
  const file = path.join(root, inventoryFile);
  if (!fs.existsSync(file)) {
    if (options.create !== true) {
      fail('INV-NONE', 'there is no inventory here yet', {
        file: inventoryFile,
        hint: 'run `vcloud federate`, or `vcloud inventory sync` for the records of this member alone',
      });
    }
    privateFolder(root);
  }
  return openStore(file, options.readOnly === true);
}

/** Opens a store in a file, or in memory with `:memory:`. */
export function openStore(file: string, readOnly = false): Store {
  const { DatabaseSync } = sqlite();
  const database = new DatabaseSync(file, { readOnly });
  const version = (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  if (version !== 0 && version !== schemaVersion) {
    database.close();
    fail('INV-VERSION', `the inventory has format ${version}, this toolkit reads format ${schemaVersion}`, {
      file: inventoryFile,
      hint: `${version > schemaVersion ? 'a newer toolkit wrote it: upgrade with `npm install vcloud@latest`, or ' : ''}remove the file and run \`vcloud federate\`: it is rebuilt from the bundles`,
    });
  }
  if (version === 0) {
    if (file !== ':memory:') fs.chmodSync(file, 0o600);
    database.exec(`PRAGMA page_size = 8192; BEGIN; ${tables} COMMIT;`);
  }
  database.exec(`PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF;`);
  const statements = new Map<string, StatementSync>();
  let depth = 0;
  return {
    database,
    statement(sql) {
      let prepared = statements.get(sql);
      if (prepared === undefined) {
        prepared = database.prepare(sql);
        statements.set(sql, prepared);
      }
      return prepared;
    },
    transaction(work) {
      if (depth > 0) return work();
      database.exec('BEGIN IMMEDIATE');
      depth = 1;
      try {
        const result = work();
        buildIndexes(database);
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      } finally {
        depth = 0;
      }
    },
    close: () => {
      database.close();
    },
  };
}
