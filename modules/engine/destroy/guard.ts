import { didYouMean, Problems, sortedBy, type Problem } from '../../core/index.ts';
import type { EngineCache } from '../cache.ts';
import { realNames } from '../manifest.ts';
import { pendingImports } from '../orphans/files.ts';
import type { Selectable } from '../select/index.ts';
import { readStackFile, readState } from '../state.ts';
import type { DeclaredStack } from '../types.ts';
import { prevented, protectedKinds, protectionOf, type ProtectedKind } from './protection.ts';

/** What was asked to be destroyed, and what of it explicitly. */
export interface DestroyRequest {
  /** Protected objects (address) and stacks (path) that are to go all the same. */
  readonly allow?: readonly string[] | undefined;
  /** Kinds that are protected, instead of the table that comes with the toolkit. */
  readonly kinds?: readonly ProtectedKind[] | undefined;
}

/**
 * Everything that speaks against destroying these stacks: stacks left behind that use them (ENGINE-DESTROY-DEPENDENTS), and
 * objects that hold data, are declared protected or forbid it themselves (ENGINE-DESTROY-PROTECTED). Empty: it may be planned.
 */
export function destroyProblems(given: {
  readonly root: string;
  readonly stacks: readonly DeclaredStack[];
  /** All stacks there are, also those declared no more. */
  readonly candidates: readonly Selectable[];
  readonly chosen: ReadonlySet<string>;
  readonly request: DestroyRequest;
  readonly cache: Pick<EngineCache, 'state'>;
}): Problem[] {
  const { root, candidates, chosen, request, cache } = given;
  const allowed = new Set(request.allow ?? []);
  const used = new Set<string>();
  const problems = new Problems();
  const declared = new Map(given.stacks.map((stack) => [stack.path, stack]));
  const known = new Set<string>();
  const hint = 'select it too ("X or dependents-of:X"), or apply it without that use first';
  problems.list.push(...dependentProblems({ root, candidates, going: chosen, stays: (name) => !chosen.has(name), cache, hint }));
  for (const name of [...chosen].sort()) {
    known.add(name);
    const stack = declared.get(name);
    if (pendingImports(root, name).length > 0) {
      problems.error('ENGINE-DESTROY-IMPORTS', 'its next plan is to take objects in, and would destroy them at once', {
        subject: name,
        hint: `take that back first: vcloud import ${name} --drop`,
      });
    }
    const isProtected = (stack ?? readStackFile(root, name))?.protect === true;
    const names = realNames(stack ?? { resources: [] });
    const never = prevented(stack);
    for (const { address: planned, type } of readState(root, name) ?? []) {
      const plain = planned.replace(/\[[^\]]*\]$/u, '');
      const real = names.get(plain);
      const address = real === undefined ? sandboxAddress(planned, type) : `${real.address}${planned.slice(plain.length)}`;
      for (const one of [address, planned]) known.add(one);
      if (never.has(plain)) {
        problems.error('ENGINE-DESTROY-PROTECTED', `${address}: its declaration forbids it (lifecycle prevent_destroy)`, {
          subject: name,
          hint: 'take prevent_destroy out of the declaration and apply that first',
        });
        continue;
      }
      const reason = isProtected ? 'it is declared protected (protect: true)' : protectionOf(real?.type ?? type, request.kinds ?? protectedKinds);
      if (reason === undefined) continue;
      const permission = [name, address, planned].find((one) => allowed.has(one));
      if (permission !== undefined) {
        used.add(permission);
        continue;
      }
      problems.error('ENGINE-DESTROY-PROTECTED', `${address}: ${reason}`, {
        subject: name,
        hint: `if it is really to go: --allow-destroy ${address}, or ${name} for all of the stack`,
      });
    }
  }
  for (const one of allowed) {
    if (used.has(one) || known.has(one)) continue;
    problems.error('ENGINE-DESTROY-ALLOW', `--allow-destroy names "${one}", which is neither a selected stack nor an object of one`, {
      hint: didYouMean(one, known),
    });
  }
  return problems.list;
}

/**
 * Stacks that stay, hold objects, and use one that is to go: as declared now, or as they were when they were last applied, which
 * is what they still rely on (ENGINE-DESTROY-DEPENDENTS).
 */
export function dependentProblems(given: {
  readonly root: string;
  readonly candidates: readonly Selectable[];
  /** Paths of the stacks that are to go. */
  readonly going: ReadonlySet<string>;
  readonly stays: (path: string) => boolean;
  readonly cache: Pick<EngineCache, 'state'>;
  readonly hint: string;
}): readonly Problem[] {
  const { root, going, stays, cache, hint } = given;
  const holds = (name: string): boolean => (cache.state(name).head?.resources ?? 0) > 0;
  const problems = new Problems();
  for (const other of sortedBy(given.candidates, ({ path }) => path)) {
    if (!stays(other.path)) continue;
    const record = readStackFile(root, other.path);
    const uses = new Set([...other.reads, ...other.dependsOn, ...(record?.reads ?? []), ...(record?.dependsOn ?? [])]);
    const taken = [...uses].filter((name) => going.has(name));
    // States are looked at only where it matters: one that cannot be read speaks for its own stack alone.
    const held = taken.length > 0 && holds(other.path) ? taken.filter(holds).sort() : [];
    if (held.length === 0) continue;
    problems.error('ENGINE-DESTROY-DEPENDENTS', `it uses ${held.join(', ')}, which would be destroyed, and stays itself`, { subject: other.path, hint });
  }
  return problems.list;
}

/**
 * What speaks against destroying stacks only because they are declared no more: what was declared protected, and objects that
 * hold data. One who names the stack (`--allow-remove STACK`) has said so; "all of them" has not.
 */
export function removalProblems(root: string, stacks: readonly string[], named: ReadonlySet<string>): Problem[] {
  const problems = new Problems();
  for (const name of [...stacks].sort()) {
    if (named.has(name)) continue;
    const resources = (readState(root, name) ?? []).map(({ address, type }) => ({ address: sandboxAddress(address, type), type }));
    const declared = readStackFile(root, name)?.protect === true;
    const held = declared ? resources : resources.filter(({ type }) => protectionOf(type) !== undefined);
    const [first] = held;
    if (first === undefined) continue;
    const reason = declared ? 'it was declared protected (protect: true)' : protectionOf(first.type);
    const shown = held.slice(0, 3).map(({ address }) => address);
    const more = held.length > 3 ? ` and ${held.length - 3} more` : '';
    problems.error('ENGINE-DESTROY-PROTECTED', `declared no more, and would be destroyed: ${shown.join(', ')}${more}: ${reason ?? ''}`, {
      subject: name,
      hint: `if it is really to go, name it: --allow-remove ${name}`,
    });
  }
  return problems.list;
}

function sandboxAddress(planned: string, type: string): string {
  return planned.startsWith('terraform_data.') && type !== 'terraform_data' ? planned.replace(/^terraform_data\./u, '').replace('__', '.') : planned;
}
