import { didYouMean, fail, ProblemError, Problems, withWriteLock, type Place } from '../../core/index.ts';
import { pendingImports, writeImports, type PendingImport } from '../orphans/files.ts';
import { plannedResource } from '../resource-names.ts';
import { makeStateFolder } from '../folders.ts';
import { parseState, resourcesIn } from '../state.ts';
import { openForStates, type OpenStates, type StateOptions } from '../store/open.ts';
import type { DeclaredStack } from '../types.ts';
import { declaredAddresses } from './declared.ts';

/** One object that exists and is to be taken into a stack. */
export interface ImportRequest {
  /** Path of the stack. */
  readonly stack: string;
  /** Where it is declared, as the real provider knows it; with an index where there are several. */
  readonly address: string;
  /** What the provider's `import` takes; mostly the object's id. */
  readonly id: string;
  /** Where it was asked for, if in a file. */
  readonly place?: Place | undefined;
}

export interface ImportOptions extends StateOptions {
  readonly imports: readonly ImportRequest[];
}

/** Objects the next plan of a stack takes in. */
export interface PendingImports {
  readonly stack: string;
  readonly imports: readonly { readonly address: string; readonly id: string }[];
}

/**
 * Asks for objects that exist to be taken into stacks that declare them. Nothing happens at once: the next plan has an import
 * block for each, shows what it would change of the object, and is reviewed and applied like any other. All or none.
 * Asked again for the same address, the later id holds.
 * @throws ProblemError ENGINE-IMPORT-STACK, ENGINE-IMPORT-ADDRESS, ENGINE-IMPORT-THERE, ENGINE-IMPORT-HELD, ENGINE-IMPORT-TWICE
 */
export async function requestImports(options: ImportOptions): Promise<PendingImports[]> {
  const { root, stacks, imports } = options;
  return await withWriteLock(root, 'import', async () => {
    const open = await openForStates(options);
    const problems = new Problems();
    const held = await heldObjects(open);
    const asked = new Map<string, Map<string, string>>();
    for (const { stack: name, address, id, place } of imports) {
      const stack = stacks.find((one) => one.path === name);
      if (stack === undefined) {
        problems.error('ENGINE-IMPORT-STACK', `"${name}" is no declared stack`, {
          ...place,
          hint:
            didYouMean(
              name,
              stacks.map((one) => one.path),
            ) ?? 'declare it first: what is taken in must be declared',
        });
        continue;
      }
      const planned = plannedAddress(root, stack, address);
      if (planned === undefined) {
        const declared = [...declaredAddresses(root, stack).keys()];
        problems.error('ENGINE-IMPORT-ADDRESS', `the stack declares no ${address}`, {
          ...place,
          subject: name,
          hint: didYouMean(address, declared) ?? 'declare it first: what is taken in must be declared',
        });
        continue;
      }
      if (id.trim() === '') {
        problems.error('ENGINE-IMPORT-ID', `no id says what ${address} is`, {
          ...place,
          subject: name,
          hint: "give what the provider's documentation says its import takes",
        });
        continue;
      }
      const own = held.get(name)?.get(planned);
      if (own !== undefined) {
        problems.error('ENGINE-IMPORT-THERE', `${address} is in the state already${own.id === '' ? '' : ` (${own.id})`}`, {
          ...place,
          subject: name,
          hint: 'nothing is to be done, unless it is another object: then destroy or rename this one first',
        });
        continue;
      }
      const { type } = plannedResource(planned);
      const holder = [...held].find(([, resources]) => [...resources.values()].some((one) => one.id === id && one.type === type))?.[0];
      const before = asked.get(name) ?? new Map(pendingImports(root, name).map((one) => [one.to, one.id] as const));
      const twice = [...stacks.map((one) => one.path)].flatMap((other) =>
        [...(asked.get(other) ?? new Map(pendingImports(root, other).map((one) => [one.to, one.id] as const)))]
          .filter(([to, other_id]) => other_id === id && plannedResource(to).type === type && !(other === name && to === planned))
          .map(([to]) => `${other} ${to}`),
      )[0];
      if (holder !== undefined) {
        problems.error('ENGINE-IMPORT-HELD', `${id} is in the state of ${holder} already`, {
          ...place,
          subject: name,
          hint: `two stacks must not hold one object; "vcloud state move" hands it over`,
        });
      } else if (twice !== undefined) {
        problems.error('ENGINE-IMPORT-TWICE', `${id} is asked for already, as ${twice}`, { ...place, subject: name, hint: 'one object is declared once' });
      } else asked.set(name, before.set(planned, id));
    }
    if (problems.list.length > 0) throw new ProblemError(problems.list);
    for (const [name, pending] of asked) {
      makeStateFolder(root, name);
      writeImports(
        root,
        name,
        [...pending].map(([to, id]): PendingImport => ({ to, id })),
      );
    }
    return listImports({ root, stacks: stacks.filter((stack) => asked.has(stack.path)) });
  });
}

/** What the next plans take in, of all stacks that are to take in something. */
export function listImports({ root, stacks }: { readonly root: string; readonly stacks: readonly DeclaredStack[] }): PendingImports[] {
  return stacks.flatMap((stack) => {
    const names = new Map(stack.resources.map((resource) => [resource.planned, resource.address]));
    const imports = pendingImports(root, stack.path).map(({ to, id }) => ({ address: names.get(to) ?? to, id }));
    return imports.length === 0 ? [] : [{ stack: stack.path, imports }];
  });
}

/**
 * Takes requests back, of one address or of a whole stack. What is applied already stays.
 * @throws ProblemError ENGINE-IMPORT-STACK, ENGINE-IMPORT-ADDRESS
 */
export async function dropImports(options: {
  readonly root: string;
  readonly stacks: readonly DeclaredStack[];
  readonly stack: string;
  readonly address?: string | undefined;
}): Promise<PendingImports[]> {
  const { root, stacks, stack: name, address } = options;
  return await withWriteLock(root, 'import', () => {
    const stack = stacks.find((one) => one.path === name);
    const pending = pendingImports(root, name);
    if (stack === undefined && pending.length === 0)
      fail('ENGINE-IMPORT-STACK', `"${name}" is no declared stack`, {
        hint: didYouMean(
          name,
          stacks.map((one) => one.path),
        ),
      });
    const planned = address === undefined || stack === undefined ? address : (plannedAddress(root, stack, address) ?? address);
    const left = planned === undefined ? [] : pending.filter(({ to }) => to !== planned);
    if (planned !== undefined && left.length === pending.length) {
      fail('ENGINE-IMPORT-ADDRESS', `nothing was asked for as ${address ?? ''}`, {
        subject: name,
        hint: didYouMean(
          planned,
          pending.map(({ to }) => to),
        ),
      });
    }
    writeImports(root, name, left);
    return Promise.resolve(listImports({ root, stacks: stack === undefined ? [] : [stack] }));
  });
}

/** The address as planned; undefined: not declared. Below a module only its call can be looked up without running the engine. */
function plannedAddress(root: string, stack: DeclaredStack, address: string): string | undefined {
  const declared = declaredAddresses(root, stack);
  const index = /\[[^\]]*\]$/u.exec(address)?.[0] ?? '';
  const plain = address.slice(0, address.length - index.length);
  const planned = declared.get(plain);
  if (planned !== undefined) return `${planned}${index}`;
  const [, module] = /^(module\.[^.[]+)(?:\[[^\]]*\])?\..+\..+$/u.exec(address) ?? [];
  return module !== undefined && declared.has(module) ? address : undefined;
}

interface Held {
  readonly type: string;
  readonly id: string;
}

/** What every state holds, by stack and planned address. */
async function heldObjects(open: OpenStates): Promise<Map<string, Map<string, Held>>> {
  const found = new Map<string, Map<string, Held>>();
  for (const name of await open.known()) {
    const state = parseState((await open.of(name).read([name])).get(name) ?? '')?.state;
    if (state === undefined) continue;
    found.set(
      name,
      new Map(
        resourcesIn(name, state).map(({ address, type, attributes }) => [address, { type, id: typeof attributes['id'] === 'string' ? attributes['id'] : '' }]),
      ),
    );
  }
  return found;
}
