import * as path from 'node:path';
import { fail, parseYaml, ProblemError, Problems, readText, validate, withWriteLock, writeFileAtomic } from '../core/index.ts';
import type { MovedAddress, Moved, ProposedBlock } from '../engine/index.ts';
import { settingsSchema } from '../federation/index.ts';
import { engineOptions } from './existing.ts';
import { orchestratorOf } from './orchestrate.ts';
import type { Prepared } from './prepare.ts';

/** What became of a move: done in two states, written down for the next plan, or proposed because files are not ours to change. */
export type Handed =
  | ({ readonly kind: 'moved' } & Moved)
  | { readonly kind: 'declared'; readonly stack: string; readonly file: string; readonly moves: readonly MovedAddress[] }
  | { readonly kind: 'proposed'; readonly blocks: readonly ProposedBlock[] };

/**
 * Hands an object over to another stack, or gives it (or a construct with all in it) another name within one: then a line in
 * `moves:` of vcloud.yaml says so, and the next plan keeps what is there. Where an existing folder is concerned, nothing is
 * written and the blocks to write are given.
 * @throws ProblemError ENGINE-MOVE-*, ENGINE-MOVES-*
 */
export async function handOver(
  root: string,
  prepared: Omit<Prepared, 'overlays'>,
  given: { readonly from: string; readonly address: string; readonly to: string },
): Promise<Handed> {
  const { isAddress, proposeMove } = await import('../engine/index.ts');
  const { from, address, to } = given;
  const stack = prepared.stacks.find((one) => one.path === from);
  const receiver = prepared.stacks.find((one) => one.path === to);
  const options = { root, stacks: prepared.stacks, ...engineOptions(prepared.federation.settings) };
  if (receiver !== undefined && (stack?.folder !== undefined || receiver.folder !== undefined))
    return { kind: 'proposed', blocks: await proposeMove(options, given) };
  if (receiver === undefined && stack?.folder !== undefined)
    return { kind: 'proposed', blocks: await proposeMove(options, { from, to: from, address, newAddress: to }) };
  if (receiver === undefined && stack !== undefined && (isAddress(to) || !to.includes('.'))) return await declareMove(root, prepared, given);
  return { kind: 'moved', ...(await (await orchestratorOf(root, prepared, {})).move(given)) };
}

/** Adds a line to `moves:`; comments and everything else of the file stay as they are. */
async function declareMove(
  root: string,
  { federation, stacks }: Pick<Prepared, 'federation' | 'stacks'>,
  { from: name, address: from, to }: { readonly from: string; readonly address: string; readonly to: string },
): Promise<Handed> {
  const [{ movedAddresses, readState, isAddress }, { editYamlText }] = await Promise.all([import('../engine/index.ts'), import('../migrate/index.ts')]);
  const stack = stacks.find((one) => one.path === name);
  if (stack === undefined) throw new Error(`no stack ${name}`);
  const problems = new Problems();
  const moves = movedAddresses(stack, { stack: name, from, to }, problems);
  if (problems.hasErrors) throw new ProblemError(problems.list);
  const held = readState(root, name)?.map((resource) => resource.address);
  const sandboxed = (address: string): string => `terraform_data.${address.replace('.', '__')}`;
  const there = moves.filter((one) => held?.some((other) => [one.from, sandboxed(one.from)].includes(other.replace(/\[[^\]]*\]$/u, ''))) ?? true);
  if (there.length === 0) {
    fail('ENGINE-MOVES-ABSENT', `the state of ${name} has no ${isAddress(from) ? from : moves.map((one) => one.from).join(', ')}`, {
      subject: name,
      hint: 'nothing stands under the old name, so nothing has to be kept; "vcloud state show" lists what is there',
    });
  }
  const file = 'vcloud.yaml';
  return await withWriteLock(root, 'move', () => {
    const text = readText(root, file);
    const before = federation.settings.moves.map((one) => ({ ...one }));
    if (!before.some((one) => one.stack === name && one.from === from && one.to === to)) {
      const after = editYamlText(file, text, [{ op: 'set', at: ['moves'], value: [...before, { stack: name, from, to }] }]);
      validate(settingsSchema, parseYaml(file, after));
      writeFileAtomic(path.join(root, file), after);
    }
    return Promise.resolve({ kind: 'declared', stack: name, file, moves: there } as const);
  });
}
