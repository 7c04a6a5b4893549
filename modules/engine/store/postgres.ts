import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, ProblemError } from '../../core/index.ts';
import { goodStateFile, stateFolder } from '../folders.ts';
import { listStates, parseState } from '../state.ts';
import { mayBeCut, remoteBlock, schemaName, stacksOf } from './blocks.ts';
import { acquireInPostgres, lockKey, ownName } from './postgres-locks.ts';
import { pgQuery, pgTarget, type PgTarget } from './pg-wire.ts';
import { PulledStore, recordsIn, recordsStack, type Puller } from './pulled.ts';
import type { Acquired, BackendBlock, BackendSetting, LockHolder, StateStore } from './types.ts';

type PgSetting = Extract<BackendSetting, { type: 'pg' }>;

/**
 * States in PostgreSQL, one schema a stack, as Terraform's own pg backend lays them out. All states are read in one query
 * (`state pull` starts the engine once per stack); what is written goes through the engine, under its own lock.
 */
export class PostgresStore implements StateStore {
  readonly type = 'pg';
  readonly #root: string;
  readonly #backend: PgSetting;
  readonly #declared: readonly string[];
  readonly #through: PulledStore;
  readonly #environment: () => Readonly<Record<string, string>>;
  /** Sessions this process holds stacks with. */
  readonly #own = new Set<string>();

  constructor(options: {
    readonly root: string;
    readonly backend: PgSetting;
    /** Stacks that are declared: names that were cut are known by what they are made of. */
    readonly declared: readonly string[];
    readonly puller: Puller;
    /** The backend's credentials, resolved when they are needed. */
    readonly environment: () => Readonly<Record<string, string>>;
  }) {
    this.#root = options.root;
    this.#backend = options.backend;
    this.#declared = options.declared;
    this.#environment = options.environment;
    this.#through = new PulledStore({ root: options.root, puller: options.puller, type: 'pg', block: (stack) => this.block(stack) });
  }

  block(stack: string): BackendBlock | undefined {
    return remoteBlock(this.#backend, stack);
  }

  async read(stacks: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (stacks.length === 0) return new Map();
    const schemas = new Set(await this.#schemas());
    const wanted = stacks.map((stack) => [stack, schemaName(this.#backend.prefix, stack)] as const).filter(([, schema]) => schemas.has(schema));
    if (wanted.length === 0) return new Map();
    const parts = wanted.map(([stack, schema]) => `SELECT ${literal(stack)}, data FROM ${identifier(schema)}.states WHERE name = 'default'`);
    const found = new Map<string, string>();
    for (const [stack, data] of await this.#ask(parts.join(' UNION ALL '))) {
      if (stack === null || stack === undefined || data === null || data === undefined || data === '') continue;
      if (parseState(data) === undefined) {
        fail('ENGINE-STATE-UNREADABLE', 'what PostgreSQL holds is no whole state', {
          subject: stack,
          hint: `look at ${schemaName(this.#backend.prefix, stack)}.states, or put a copy back with "vcloud state restore"`,
        });
      }
      found.set(stack, data);
    }
    return found;
  }

  async list(): Promise<readonly string[]> {
    const schemas = await this.#schemas();
    if (schemas.length === 0) return [];
    // A schema is made by `init`; only a row makes it a state.
    const rows = await this.#ask(
      schemas.map((schema) => `SELECT ${literal(schema)} FROM ${identifier(schema)}.states WHERE name = 'default'`).join(' UNION ALL '),
    );
    const found = rows.map(([schema]) => schema ?? '');
    const known = new Set(this.#declared);
    if (found.some(mayBeCut)) {
      for (const stack of listStates(this.#root)) if (!mayBeCut(`${this.#backend.prefix}_${stack}`)) known.add(stack);
      // What is declared no more was recorded with its whole path before it was applied.
      for (const stack of recordsIn((await this.read([recordsStack])).get(recordsStack)).keys()) known.add(stack);
    }
    const { stacks, aliases } = stacksOf(this.#backend.prefix, found, known);
    // Copies under such a name, of versions that took it for a stack's, would go on saying that there is one.
    for (const alias of aliases) fs.rmSync(path.join(stateFolder(this.#root, alias), goodStateFile), { force: true });
    return stacks.filter((stack) => stack !== recordsStack).sort();
  }

  async records(): Promise<ReadonlyMap<string, string>> {
    return await this.#through.records();
  }

  async record(given: ReadonlyMap<string, string>): Promise<void> {
    await this.#through.record(given);
  }

  async create(stacks: readonly string[]): Promise<void> {
    await this.#through.create(stacks);
  }

  async write(stack: string, text: string, options: { readonly force?: boolean } = {}): Promise<void> {
    await this.#through.write(stack, text, options);
  }

  async acquire(stacks: readonly string[], plan: string): Promise<Acquired> {
    try {
      const acquired = await acquireInPostgres(this.#target(), this.#backend.prefix, stacks, plan);
      this.#own.add(acquired.session);
      return acquired;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      return unreachable(error);
    }
  }

  async locks(stacks: readonly string[]): Promise<ReadonlyMap<string, LockHolder>> {
    if (stacks.length === 0) return new Map();
    const schemas = new Set(await this.#schemas());
    // The backend locks a state by its row's number, vcloud a stack by a number made of its name; both for as long as a session lives.
    const states = stacks
      .filter((stack) => schemas.has(schemaName(this.#backend.prefix, stack)))
      .map((stack) => `SELECT ${literal(stack)}, id::bigint FROM ${identifier(schemaName(this.#backend.prefix, stack))}.states WHERE name = 'default'`);
    const claims = stacks.map((stack) => `SELECT ${literal(stack)}, ${lockKey(this.#backend.prefix, stack)}::bigint`);
    const rows = await this.#ask(
      `SELECT s.stack, a.pid, a.usename, coalesce(host(a.client_addr), 'local'), a.backend_start, a.application_name
       FROM (${[...states, ...claims].join(' UNION ALL ')}) s(stack, key)
       JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = s.key
       JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() JOIN pg_stat_activity a ON a.pid = l.pid`,
    );
    const found = new Map<string, LockHolder>();
    for (const [stack, pid, user, host, since, name] of rows) {
      if (stack === null || stack === undefined || this.#own.has(pid ?? '')) continue;
      const said = ownName(name ?? '');
      const who = `${said === undefined ? '' : `${said}, `}${user ?? ''} from ${host ?? ''}, since ${since ?? ''} (session ${pid ?? ''})`;
      const before = found.get(stack);
      // A run and its engine hold the same stack: to free it, both have to go; who runs it is said by the run.
      const id = before === undefined ? (pid ?? '') : `${before.id},${pid ?? ''}`;
      found.set(stack, { id, who: before === undefined || said !== undefined ? who : before.who, alive: 'yes' });
    }
    return found;
  }

  /** Ends the sessions that hold the stack: an apply that runs in them cannot write its state any more, and nothing further is begun. */
  async unlock(_stack: string, holder: LockHolder): Promise<void> {
    for (const pid of holder.id.split(',').map(Number)) if (Number.isInteger(pid)) await this.#ask(`SELECT pg_terminate_backend(${pid})`);
  }

  async #schemas(): Promise<string[]> {
    const like = `${this.#backend.prefix.replaceAll(/[\\%_]/gu, '\\$&')}\\_%`;
    const rows = await this.#ask(
      `SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid WHERE c.relname = 'states' AND c.relkind = 'r' AND n.nspname LIKE ${literal(like)} ORDER BY 1`,
    );
    return rows.map(([name]) => name ?? '');
  }

  #target(): PgTarget {
    const environment = this.#environment();
    return pgTarget(environment['PG_CONN_STR'] ?? '', environment);
  }

  async #ask(sql: string): Promise<(string | null)[][]> {
    const target = this.#target();
    try {
      return await pgQuery(target, sql);
    } catch (error) {
      return unreachable(error);
    }
  }
}

function unreachable(error: unknown): never {
  return fail('ENGINE-BACKEND-UNREACHABLE', `the backend (pg) could not be asked for its states: ${error instanceof Error ? error.message : String(error)}`, {
    file: 'vcloud.yaml',
    hint: 'nothing was planned or changed: what cannot be read is not taken for absent; see that the server runs, and that backend.credentials in vcloud.yaml resolve here',
  });
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function identifier(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
