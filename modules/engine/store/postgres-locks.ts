import { hostname } from 'node:os';
import { problem, ProblemError, sha256 } from '../../core/index.ts';
import { PgSession, type PgTarget } from './pg-wire.ts';
import type { Acquired } from './types.ts';

/** Milliseconds between two questions on the session that holds stacks: proxies cut what is silent, and a lost lock has to be noticed. */
const heartbeat = 20_000;
/** Seconds to wait for another run that is just taking its stacks; it needs one query for all. */
const patience = 30;

/** Advisory locks held by a session, whose number the server gave. */
export interface PostgresAcquired extends Acquired {
  readonly session: string;
}

/**
 * Takes an advisory lock for each stack, all or none, in a session of their own. They end with the session: a run that is
 * killed, or whose machine is gone, leaves none behind (PostgreSQL documentation, "Advisory Locks"). Runs take their stacks
 * one after the other, so that of two that want the same ones, one gets them all.
 * @throws ProblemError ENGINE-LOCKED for every stack another session has; Error where the server cannot be asked
 */
export async function acquireInPostgres(target: PgTarget, prefix: string, stacks: readonly string[], plan: string): Promise<PostgresAcquired> {
  const session = await PgSession.open(target, {
    name: `vcloud apply ${plan} pid ${process.pid} on ${hostname()}`,
    timeoutMilliseconds: (patience + 5) * 1000,
  });
  const keys = new Map([...stacks].sort().map((stack) => [stack, lockKey(prefix, stack)]));
  try {
    const [[pid] = []] = await session.query('SELECT pg_backend_pid()');
    await session.query(`SET lock_timeout = '${patience}s'`);
    const turn = lockKey(prefix, '');
    await session.query(`SELECT pg_advisory_lock(${turn})`);
    const refused = await take(session, keys);
    if (refused.size > 0) throw lockedProblem(refused);
    await session.query(`SELECT pg_advisory_unlock(${turn})`);
    return hold(session, pid ?? '', keys);
  } catch (error) {
    // All that was taken goes with the session.
    session.close();
    throw error;
  }
}

/** Number of a stack's advisory lock: 64 bits of a digest, in SQL as a signed number. The engine's own are small: numbers of rows. */
export function lockKey(prefix: string, stack: string): string {
  return BigInt.asIntN(64, BigInt(`0x${sha256(`vcloud ${prefix} ${stack}`).slice(0, 16)}`)).toString();
}

/** `process 41 on host-a, applying plan 0123...`, of a session that holds stacks for a run; undefined for any other. */
export function ownName(applicationName: string): string | undefined {
  const [, plan, pid, host] = /^vcloud apply (\S+) pid (\d+) on (.*)$/u.exec(applicationName) ?? [];
  return plan === undefined ? undefined : `process ${pid ?? ''} on ${host ?? ''}, applying plan ${plan}`;
}

/** Tries all; hands back who has those that could not be had. */
async function take(session: PgSession, keys: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  if (keys.size === 0) return refused;
  const values = [...keys].map(([stack, key]) => `('${stack.replaceAll("'", "''")}', ${key}::bigint)`).join(', ');
  for (const [stack, got] of await session.query(`SELECT k.stack, pg_try_advisory_lock(k.key) FROM (VALUES ${values}) k(stack, key)`))
    if (got !== 't') refused.set(stack ?? '', 'another session');
  if (refused.size === 0) return refused;
  const rows = await session.query(
    `SELECT k.stack, a.application_name, a.usename, coalesce(host(a.client_addr), 'local'), a.backend_start, a.pid FROM (VALUES ${values}) k(stack, key)
     JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = k.key
     JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() JOIN pg_stat_activity a ON a.pid = l.pid`,
  );
  for (const [stack, name, user, host, since, pid] of rows) {
    if (!refused.has(stack ?? '')) continue;
    refused.set(stack ?? '', `${ownName(name ?? '') ?? name ?? ''}, ${user ?? ''} from ${host ?? ''}, since ${since ?? ''} (session ${pid ?? ''})`);
  }
  return refused;
}

function hold(session: PgSession, pid: string, keys: ReadonlyMap<string, string>): PostgresAcquired {
  const open = new Map(keys);
  let lost: string | undefined;
  const ask = async (sql: string): Promise<void> => {
    if (lost !== undefined) return;
    try {
      await session.query(sql);
    } catch (error) {
      lost = error instanceof Error ? error.message : String(error);
    }
  };
  const beat = setInterval(() => void ask('SELECT 1'), heartbeat);
  // What holds locks must not keep a program alive that is done.
  beat.unref();
  const done = (): void => {
    clearInterval(beat);
    session.close();
  };
  return {
    session: pid,
    lost: async () => {
      await ask('SELECT 1');
      return lost;
    },
    release: async (stack) => {
      const key = open.get(stack);
      if (key === undefined) return;
      open.delete(stack);
      await ask(`SELECT pg_advisory_unlock(${key})`);
    },
    releaseAll: async () => {
      open.clear();
      // Asked for, and not left to the end of the session, which the server notices when it likes.
      await ask('SELECT pg_advisory_unlock_all()');
      done();
    },
  };
}

function lockedProblem(refused: ReadonlyMap<string, string>): ProblemError {
  return new ProblemError(
    [...refused].map(([stack, who]) =>
      problem('ENGINE-LOCKED', `somebody else has it: ${who}; no stack was applied`, {
        subject: stack,
        hint: 'wait for them to end; if that process is gone on its host, "vcloud state unlock" frees the stack',
      }),
    ),
  );
}
