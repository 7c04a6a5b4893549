import { fail } from '../../core/index.ts';
import { parseState } from '../state.ts';
import { remoteBlock, schemaName } from './blocks.ts';
import { pgQuery, pgTarget } from './pg-wire.ts';
import { PulledStore, type Puller } from './pulled.ts';
import type { BackendBlock, BackendSetting, LockHolder, StateStore } from './types.ts';

type PgSetting = Extract<BackendSetting, { type: 'pg' }>;

/**
 * States in PostgreSQL, one schema a stack, as Terraform's own pg backend lays them out. All states are read in one query
 * (`state pull` starts the engine once per stack); what is written goes through the engine, under its own lock.
 */
export class PostgresStore implements StateStore {
  readonly type = 'pg';
  readonly #backend: PgSetting;
  readonly #through: PulledStore;
  readonly #environment: () => Readonly<Record<string, string>>;

  constructor(options: {
    readonly root: string;
    readonly backend: PgSetting;
    readonly puller: Puller;
    /** The backend's credentials, resolved when they are needed. */
    readonly environment: () => Readonly<Record<string, string>>;
  }) {
    this.#backend = options.backend;
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
    return rows.map(([schema]) => (schema ?? '').slice(this.#backend.prefix.length + 1)).sort();
  }

  async create(stacks: readonly string[]): Promise<void> {
    await this.#through.create(stacks);
  }

  async write(stack: string, text: string, options: { readonly force?: boolean } = {}): Promise<void> {
    await this.#through.write(stack, text, options);
  }

  async locks(stacks: readonly string[]): Promise<ReadonlyMap<string, LockHolder>> {
    const schemas = new Set(await this.#schemas());
    const wanted = stacks.map((stack) => [stack, schemaName(this.#backend.prefix, stack)] as const).filter(([, schema]) => schemas.has(schema));
    if (wanted.length === 0) return new Map();
    // The backend locks a state by its row's number, for as long as the session lives.
    const states = wanted.map(([stack, schema]) => `SELECT ${literal(stack)} AS stack, id FROM ${identifier(schema)}.states WHERE name = 'default'`);
    const rows = await this.#ask(
      `SELECT s.stack, a.pid, a.usename, coalesce(host(a.client_addr), 'local'), a.backend_start FROM (${states.join(' UNION ALL ')}) s
       JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = s.id
       JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() JOIN pg_stat_activity a ON a.pid = l.pid`,
    );
    return new Map(
      rows.map(([stack, pid, user, host, since]) => [
        stack ?? '',
        { id: pid ?? '', who: `${user ?? ''} from ${host ?? ''}, since ${since ?? ''} (session ${pid ?? ''})`, alive: 'yes' as const },
      ]),
    );
  }

  /** Ends the session that holds the lock: an apply that runs in it cannot write its state any more. */
  async unlock(_stack: string, holder: LockHolder): Promise<void> {
    const pid = Number(holder.id);
    if (Number.isInteger(pid)) await this.#ask(`SELECT pg_terminate_backend(${pid})`);
  }

  async #schemas(): Promise<string[]> {
    const like = `${this.#backend.prefix.replaceAll(/[\\%_]/gu, '\\$&')}\\_%`;
    const rows = await this.#ask(
      `SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid WHERE c.relname = 'states' AND c.relkind = 'r' AND n.nspname LIKE ${literal(like)} ORDER BY 1`,
    );
    return rows.map(([name]) => name ?? '');
  }

  async #ask(sql: string): Promise<(string | null)[][]> {
    const environment = this.#environment();
    try {
      return await pgQuery(pgTarget(environment['PG_CONN_STR'] ?? '', environment), sql);
    } catch (error) {
      return fail(
        'ENGINE-BACKEND-UNREACHABLE',
        `the backend (pg) could not be asked for its states: ${error instanceof Error ? error.message : String(error)}`,
        {
          file: 'vcloud.yaml',
          hint: 'nothing was planned or changed: what cannot be read is not taken for absent; see that the server runs, and that backend.credentials in vcloud.yaml resolve here',
        },
      );
    }
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function identifier(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
