import * as path from 'node:path';
import { plural, problem, ProblemError, readTextIfPresent, withWriteLock, type Problem } from '../core/index.ts';
import type { Federation } from '../federation/index.ts';
import { finishWrites, writeTogether } from './commit.ts';
import { plansNeed, readPlans, type LoadPlansOptions } from './load.ts';
import type { PlanSet } from './model.ts';
import { planAddresses, type AddressOutcome } from './plan.ts';
import type { DiffRow } from './types.ts';

/** Many may allocate at once; each waits for its turn this long before it gives up. */
const waitMilliseconds = 60_000;

/** What may change besides additions: nothing, everything, or the keys named. */
export interface AllocateOptions {
  readonly allowRelease?: boolean | readonly string[] | undefined;
  readonly allowMove?: boolean | readonly string[] | undefined;
}

/**
 * Loads every plan of a member with its lock. Pools with `from` read the extract the centre delivered. What a killed process
 * had begun to write is finished first.
 * @throws ProblemError with every problem of every file (CORE-*, NET-*)
 */
export async function loadAddressPlans(root: string, federation?: Federation, options: LoadPlansOptions = {}): Promise<PlanSet> {
  await finishWrites(root);
  let { extract } = options;
  if (!extract && plansNeed(root).extract) {
    // Most plans have no such pool, and reading one needs the signature code.
    const { readExtract } = await import('../federation/index.ts');
    extract = readExtract(root, federation ? { asOf: federation.asOf, member: federation.settings.member.id } : {});
  }
  return readPlans(root, federation, { ...options, extract });
}

/**
 * Allocates and writes the locks, all of them or none. Nothing is written when a need finds no place, when a block
 * would be released or moved without leave, or when a lock changed since `planSet` was read.
 * @returns what was planned, and the lock files that changed
 * @throws ProblemError NET-*, CORE-LOCKED
 */
export async function allocateAddresses(
  root: string,
  planSet: PlanSet,
  options: AllocateOptions = {},
): Promise<AddressOutcome & { readonly written: readonly string[] }> {
  const outcome = planAddresses(planSet);
  const refused = [...outcome.problems.filter(({ severity }) => severity === 'error'), ...refusals(outcome, options)];
  if (refused.length > 0) throw new ProblemError(refused);
  const changed = [...outcome.locks].filter(([file, text]) => text !== planSet.files.find(({ lockFile }) => lockFile === file)?.lockText);
  if (changed.length === 0) return { ...outcome, written: [] };
  return await withWriteLock(
    root,
    'net allocate',
    async () => {
      await finishWrites(root);
      for (const { lockFile, lockText } of planSet.files) {
        if (readTextIfPresent(path.join(root, lockFile)) !== lockText) {
          throw new ProblemError(
            problem('NET-LOCK-CHANGED', 'the lock changed while addresses were being allocated', { file: lockFile, hint: 'run it again' }),
          );
        }
      }
      writeTogether(root, new Map(changed));
      return { ...outcome, written: changed.map(([file]) => file) };
    },
    { waitMilliseconds },
  );
}

function refusals({ diff }: AddressOutcome, options: AllocateOptions): Problem[] {
  const refuse = (rows: readonly DiffRow[], allowed: AllocateOptions['allowMove'], code: string, verb: string, flag: string): Problem[] => {
    if (allowed === true) return [];
    const left = rows.filter(({ key }) => !Array.isArray(allowed) || !(allowed as readonly string[]).includes(key));
    if (left.length === 0) return [];
    const shown = left.slice(0, 5).map(({ key, from, to }) => `${key} (${from ?? ''}${to === null ? '' : ` -> ${to}`})`);
    return [
      problem(code, `${plural(left.length, 'block')} would be ${verb}: ${shown.join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''}`, {
        hint: `see \`vcloud net plan\`; if it is meant, say \`${flag}\`, for all or for the keys you name`,
      }),
    ];
  };
  return [
    ...refuse(diff.release, options.allowRelease, 'NET-RELEASE', 'released', '--allow-release [KEYS]'),
    ...refuse(diff.move, options.allowMove, 'NET-MOVE', 'renumbered', '--allow-move [KEYS]'),
  ];
}

/**
 * Loads, allocates and writes while nobody else may: what `net allocate` does. Several at once wait for each other.
 * @throws ProblemError NET-*, CORE-*, CORE-LOCKED after a minute
 */
export async function loadAndAllocate(
  root: string,
  load: () => Promise<PlanSet>,
  options: AllocateOptions = {},
): Promise<Awaited<ReturnType<typeof allocateAddresses>>> {
  return await withWriteLock(root, 'net allocate', async () => await allocateAddresses(root, await load(), options), { waitMilliseconds });
}
