import { canonicalJson, didYouMean, isObject, Problems, sha256, type Place, type Problem } from '../../core/index.ts';
import type { DeclaredStack, StackResource } from '../types.ts';

/** Something of a stack that is declared under another name than before: an object's address, or a construct's path in the stack. */
export interface DeclaredMove {
  /** Path of the stack. */
  readonly stack: string;
  /** `TYPE.NAME` as it was, or the path of a construct (`web`, `web/database`). */
  readonly from: string;
  /** The same as it is now. */
  readonly to: string;
  readonly place?: Place | undefined;
}

/** One object under its two addresses, as the real provider knows them. */
export interface MovedAddress {
  readonly from: string;
  readonly to: string;
}

const addressPattern = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+\.[A-Za-z_][A-Za-z0-9_-]*$/u;

/** Whether a text is the address of an object, not the path of a construct. */
export function isAddress(text: string): boolean {
  return addressPattern.test(text);
}

/**
 * The stacks with a `moved` block for each object that has another name than before: what it stands for is kept and goes on
 * under the new one. Where nothing stands under the old name (any more), a block says nothing; it may stay.
 * @throws nothing: what is wrong with a move is a problem with its place
 */
export function withMoves<T extends DeclaredStack>(
  stacks: readonly T[],
  moves: readonly DeclaredMove[],
): { readonly stacks: readonly T[]; readonly problems: readonly Problem[] } {
  const problems = new Problems();
  const byStack = new Map<string, DeclaredMove[]>();
  const known = new Map(stacks.map((stack) => [stack.path, stack]));
  for (const move of moves) {
    const stack = known.get(move.stack);
    if (stack === undefined) {
      problems.error('ENGINE-MOVES-STACK', `"${move.stack}" is no declared stack`, {
        ...move.place,
        hint: didYouMean(move.stack, known.keys()) ?? 'what is gone needs no move: take the line out',
      });
    } else if (stack.json === undefined) {
      problems.error('ENGINE-MOVES-FOLDER', 'it is an existing folder, of which no file is changed', {
        ...move.place,
        subject: move.stack,
        hint: `write it there: moved { from = ${move.from}  to = ${move.to} }`,
      });
    } else byStack.set(move.stack, [...(byStack.get(move.stack) ?? []), move]);
  }
  const done = stacks.map((stack) => {
    const own = byStack.get(stack.path);
    return own === undefined || stack.json === undefined ? stack : movedStack(stack, stack.json, own, problems);
  });
  return { stacks: done, problems: problems.list };
}

function movedStack<T extends DeclaredStack>(stack: T, json: string, moves: readonly DeclaredMove[], problems: Problems): T {
  const pairs = new Map<string, MovedAddress>();
  for (const move of moves) {
    for (const pair of movedAddresses(stack, move, problems)) {
      const other = pairs.get(pair.to) ?? [...pairs.values()].find(({ from }) => from === pair.from);
      if (other === undefined || (other.from === pair.from && other.to === pair.to)) pairs.set(pair.to, pair);
      else {
        problems.error('ENGINE-MOVES-TWICE', `${pair.from} -> ${pair.to} and ${other.from} -> ${other.to} cannot both be`, {
          ...move.place,
          subject: stack.path,
          hint: 'an object comes from one address and goes to one',
        });
      }
    }
  }
  const configuration: unknown = JSON.parse(json);
  if (pairs.size === 0 || !isObject(configuration)) return stack;
  const planned = new Map(stack.resources.map((resource) => [resource.address, resource.planned]));
  const own = Array.isArray(configuration['moved']) ? (configuration['moved'] as unknown[]) : [];
  const blocks = [...pairs.values()]
    .sort((a, b) => (a.to < b.to ? -1 : 1))
    .map(({ from, to }) => ({ from: plannedLike(planned.get(to) ?? to, to, from), to: planned.get(to) ?? to }));
  const text = `${canonicalJson({ ...configuration, moved: [...own, ...blocks] }, 2)}\n`;
  return { ...stack, json: text, digest: sha256(text) };
}

/** The objects one move is about. Pure; what is wrong goes to `problems`. */
export function movedAddresses(stack: Pick<DeclaredStack, 'path' | 'resources'>, move: DeclaredMove, problems: Problems): MovedAddress[] {
  const { from, to, place } = move;
  const declared = new Map(stack.resources.map((resource) => [resource.address, resource]));
  const said = { ...place, subject: stack.path };
  if (from === to) {
    problems.error('ENGINE-MOVES-SAME', `"${from}" is where it was`, { ...said, hint: 'name what it was called, then what it is called now' });
    return [];
  }
  if (isAddress(from) !== isAddress(to)) {
    problems.error('ENGINE-MOVES-KIND', `one of "${from}" and "${to}" is the address of an object and the other is not`, {
      ...said,
      hint: 'name two addresses (TYPE.NAME), or two constructs by their path in the stack',
    });
    return [];
  }
  const pairs = isAddress(from) ? [{ from, to }] : ofConstruct(stack, move, problems);
  return pairs.filter((pair) => {
    if (!declared.has(pair.to)) {
      problems.error('ENGINE-MOVES-TO', `the stack declares no ${pair.to}`, {
        ...said,
        hint: didYouMean(pair.to, declared.keys()) ?? 'it is written under the name it has now',
      });
    } else if (declared.has(pair.from)) {
      problems.error('ENGINE-MOVES-FROM', `${pair.from} is still declared: it cannot have become ${pair.to}`, {
        ...said,
        hint: 'take the line out, or rename what is declared first',
      });
    } else if (pair.from.split('.')[0] !== pair.to.split('.')[0]) {
      problems.error('ENGINE-MOVES-TYPE', `${pair.from} and ${pair.to} are of two types: one cannot become the other`, { ...said });
    } else return true;
    return false;
  });
}

/** Names are the construct's path with `_` between its parts, so a renamed construct renames what stands in it alike. */
function ofConstruct(stack: Pick<DeclaredStack, 'path' | 'resources'>, { from, to, place }: DeclaredMove, problems: Problems): MovedAddress[] {
  const inside = stack.resources.filter((resource) => {
    const path = constructIn(stack.path, resource);
    return path === to || path.startsWith(`${to}/`);
  });
  if (inside.length === 0) {
    const first = new Set(stack.resources.map((resource) => constructIn(stack.path, resource).split('/')[0] ?? ''));
    problems.error('ENGINE-MOVES-TO', `nothing of the stack stands in a construct "${to}"`, { ...place, subject: stack.path, hint: didYouMean(to, first) });
  }
  return inside.flatMap(({ address, type }) => {
    const name = address.slice(type.length + 1);
    const [before, after] = [readable(from), readable(to)];
    if (name.startsWith(after)) return [{ from: `${type}.${before}${name.slice(after.length)}`, to: address }];
    problems.error('ENGINE-MOVES-NAME', `what ${address} was called before cannot be told from its construct`, {
      ...place,
      subject: stack.path,
      hint: 'give the two addresses',
    });
    return [];
  });
}

function constructIn(stack: string, { construct }: StackResource): string {
  return construct.startsWith(`${stack}/`) ? construct.slice(stack.length + 1) : construct;
}

function readable(path: string): string {
  return path.replace(/[^A-Za-z0-9_-]+/gu, '_');
}

/** In the sandbox another type stands in the place of the real one. */
function plannedLike(planned: string, address: string, other: string): string {
  return planned === address ? other : `terraform_data.${other.replace('.', '__')}`;
}
