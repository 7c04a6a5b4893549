import * as fs from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { isObject, sha256 } from '../../../modules/core/index.ts';
import {
  apply,
  likelyMoves,
  plan,
  proposeMove,
  readState,
  withMoves,
  type DeclaredMove,
  type FolderStack,
  type SynthesisedStack,
} from '../../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const roots: string[] = [];
const newRoot = (): string => {
  const root = temporaryRoot();
  roots.push(root);
  return root;
};
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

/** A production stack whose names follow from constructs, as the cloud room makes them. */
function stackOfConstructs(paths: readonly string[]): SynthesisedStack {
  const name = 'a.b.workload';
  const resources = paths.map((path) => ({ type: 'x_thing', id: path.replaceAll('/', '_'), construct: `${name}/${path}` }));
  const json = JSON.stringify({ resource: { x_thing: Object.fromEntries(resources.map(({ id }) => [id, {}])) } });
  return {
    path: name,
    agency: 'a',
    environment: 'production',
    json,
    digest: sha256(json),
    dependsOn: [],
    reads: [],
    resources: resources.map(({ type, id, construct }) => ({ address: `${type}.${id}`, type, planned: `${type}.${id}`, construct })),
  };
}

const movedIn = (stack: SynthesisedStack | undefined): unknown => {
  const value: unknown = JSON.parse(stack?.json ?? '{}');
  return isObject(value) ? value['moved'] : undefined;
};
const codes = (stack: SynthesisedStack, moves: readonly Omit<DeclaredMove, 'stack'>[]): string[] =>
  withMoves(
    [stack],
    moves.map((move) => ({ stack: stack.path, ...move })),
  ).problems.map(({ code }) => code);

describe('what is declared under another name', () => {
  it('an address, or a construct with all that stands in it', () => {
    const stack = stackOfConstructs(['front', 'front/net', 'front/net/rule', 'frontier', 'other']);
    const { stacks, problems } = withMoves([stack], [{ stack: stack.path, from: 'web', to: 'front' }]);
    expect(problems).toEqual([]);
    expect(movedIn(stacks[0])).toEqual([
      { from: 'x_thing.web', to: 'x_thing.front' },
      { from: 'x_thing.web_net', to: 'x_thing.front_net' },
      { from: 'x_thing.web_net_rule', to: 'x_thing.front_net_rule' },
    ]);
    expect(stacks[0]?.digest).not.toBe(stack.digest);
    expect(movedIn(withMoves([stack], [{ stack: stack.path, from: 'x_thing.old', to: 'x_thing.other' }]).stacks[0])).toEqual([
      { from: 'x_thing.old', to: 'x_thing.other' },
    ]);
    expect(movedIn(withMoves([stack], [{ stack: stack.path, from: 'front/mesh', to: 'front/net' }]).stacks[0])).toHaveLength(2);
    expect(withMoves([stack], []).stacks[0]).toBe(stack);
  });

  it('in the sandbox of what stands for it', () => {
    const stack = stackOf({ path: 'a.b.workload', resources: { x_thing__front: { input: {} } } });
    expect(movedIn(withMoves([stack], [{ stack: stack.path, from: 'x_thing.web', to: 'x_thing.front' }]).stacks[0])).toEqual([
      { from: 'terraform_data.x_thing__web', to: 'terraform_data.x_thing__front' },
    ]);
  });

  it('is refused where it cannot be, by its line', () => {
    const stack = stackOfConstructs(['front', 'other']);
    const place = { file: 'vcloud.yaml', line: 7, column: 5 };
    expect(codes(stack, [{ from: 'x_thing.web', to: 'x_thing.frnot', place }])).toEqual(['ENGINE-MOVES-TO']);
    expect(codes(stack, [{ from: 'x_thing.other', to: 'x_thing.front' }])).toEqual(['ENGINE-MOVES-FROM']);
    expect(codes(stack, [{ from: 'x_other.web', to: 'x_thing.front' }])).toEqual(['ENGINE-MOVES-TYPE']);
    expect(codes(stack, [{ from: 'web', to: 'x_thing.front' }])).toEqual(['ENGINE-MOVES-KIND']);
    expect(codes(stack, [{ from: 'web', to: 'nowhere' }])).toEqual(['ENGINE-MOVES-TO']);
    expect(codes(stack, [{ from: 'front', to: 'front' }])).toEqual(['ENGINE-MOVES-SAME']);
    expect(
      codes(stack, [
        { from: 'web', to: 'front' },
        { from: 'x_thing.shop', to: 'x_thing.front' },
      ]),
    ).toEqual(['ENGINE-MOVES-TWICE']);
    expect(withMoves([stack], [{ stack: 'a.b.c', from: 'web', to: 'front', place }]).problems).toMatchObject([{ code: 'ENGINE-MOVES-STACK', line: 7 }]);
    const folder = { ...stack, json: undefined, folder: { path: 'units/a' } } as unknown as FolderStack;
    expect(withMoves([folder], [{ stack: stack.path, from: 'x_thing.web', to: 'x_thing.front' }]).problems[0]).toMatchObject({
      code: 'ENGINE-MOVES-FOLDER',
      hint: expect.stringContaining('moved {') as string,
    });
  });

  it('renaming a construct and all its parts back and forth gives each object its own name again', () => {
    const part = fc.constantFrom('a', 'b', 'net', 'db-1');
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
          { minLength: 1, maxLength: 6 },
        ),
        (inner) => {
          const paths = inner.map((path) => `front/${path}`);
          const names = new Set(paths.map((path) => path.replaceAll('/', '_')));
          fc.pre(names.size === paths.length);
          const blocks = movedIn(withMoves([stackOfConstructs(paths)], [{ stack: 'a.b.workload', from: 'web', to: 'front' }]).stacks[0]) as {
            from: string;
            to: string;
          }[];
          expect(blocks.map(({ to }) => to).sort()).toEqual(paths.map((path) => `x_thing.${path.replaceAll('/', '_')}`).sort());
          for (const { from, to } of blocks) expect(from).toBe(to.replace('x_thing.front', 'x_thing.web'));
        },
      ),
    );
  });
});

describe.skipIf(noEngine !== undefined)(`with a real engine${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const web = (key: string, name = 'web'): SynthesisedStack =>
    stackOf({ path: 'a.b.workload', resources: { [`x_net__${key}`]: { input: { name, cidr: '10.0.0.0/24' } }, x_net__stays: { input: { name: 'stays' } } } });
  const idOf = (root: string, address: string): unknown => readState(root, 'a.b.workload')?.find((one) => one.address === address)?.attributes['id'];

  it('a rename is seen and named; declared, nothing is destroyed and the review says what was called how', async () => {
    const root = newRoot();
    const first = await plan({ root, stacks: [web('web')] });
    await apply({ root, stacks: [web('web')], directory: first.directory ?? '' });
    const before = idOf(root, 'terraform_data.x_net__web');
    expect(before).toBeTypeOf('string');

    const renamed = await plan({ root, stacks: [web('front')] });
    expect(renamed.stacks[0]).toMatchObject({ add: 1, destroy: 1 });
    expect(renamed.problems?.find(({ code }) => code === 'ENGINE-LIKELY-MOVE')).toMatchObject({
      severity: 'warning',
      subject: 'a.b.workload',
      hint: expect.stringContaining('vcloud move a.b.workload x_net.web x_net.front') as string,
    });
    // With another body it is another object as far as anybody can tell.
    expect((await plan({ root, stacks: [web('front', 'shop')] })).problems?.map(({ code }) => code)).not.toContain('ENGINE-LIKELY-MOVE');

    const { stacks } = withMoves([web('front')], [{ stack: 'a.b.workload', from: 'x_net.web', to: 'x_net.front' }]);
    const kept = await plan({ root, stacks, attributes: true });
    expect(kept.stacks[0]).toMatchObject({
      state: 'planned',
      add: 0,
      change: 0,
      destroy: 0,
      changes: [{ address: 'x_net.front', type: 'x_net', actions: ['move'] }],
    });
    expect(fs.readFileSync(`${root}/${kept.directory ?? ''}/summary.txt`, 'utf8')).toMatch(/->\s+x_net\.front {2}\(is kept; was called x_net\.web\)/u);
    await apply({ root, stacks, directory: kept.directory ?? '' });
    expect(idOf(root, 'terraform_data.x_net__front')).toBe(before);
    // The line may stay.
    expect((await plan({ root, stacks, all: true })).stacks[0]?.state).toBe('unchanged');
  });

  it('of two that fit alike neither is guessed', async () => {
    const root = newRoot();
    const two = (keys: readonly string[]): SynthesisedStack =>
      stackOf({ path: 'a.b.workload', resources: Object.fromEntries(keys.map((key) => [`x_net__${key}`, { input: { cidr: 'same' } }])) });
    const { directory = '' } = await plan({ root, stacks: [two(['a', 'b'])] });
    await apply({ root, stacks: [two(['a', 'b'])], directory });
    const changes = ['a', 'b'].map((key) => ({ address: `x_net.${key}`, type: 'x_net', actions: ['delete' as const] }));
    const made = ['c', 'd'].map((key) => ({ address: `x_net.${key}`, type: 'x_net', actions: ['create' as const] }));
    expect(likelyMoves(root, two(['c', 'd']), [...changes, ...made])).toEqual([]);
    expect(likelyMoves(root, two(['b', 'c']), [...changes.slice(0, 1), ...made.slice(0, 1)])).toEqual([{ from: 'x_net.a', to: 'x_net.c' }]);
  });

  it('of existing folders the blocks to write are given, with the ids the state has', async () => {
    const root = newRoot();
    const { directory = '' } = await plan({ root, stacks: [web('web')] });
    await apply({ root, stacks: [web('web')], directory });
    const id = String(idOf(root, 'terraform_data.x_net__web'));
    const options = { root, stacks: [web('web')] };
    const across = await proposeMove(options, { from: 'a.b.workload', address: 'terraform_data.x_net__web', to: 'c.d.workload' });
    expect(across).toEqual([
      { stack: 'a.b.workload', folder: undefined, text: 'removed {\n  from = terraform_data.x_net__web\n  lifecycle {\n    destroy = false\n  }\n}\n' },
      { stack: 'c.d.workload', folder: undefined, text: `import {\n  to = terraform_data.x_net__web\n  id = "${id}"\n}\n` },
    ]);
    const within = { from: 'a.b.workload', address: 'terraform_data.x_net__web', to: 'a.b.workload', newAddress: 'terraform_data.front' };
    expect((await proposeMove(options, within))[0]?.text).toBe('moved {\n  from = terraform_data.x_net__web\n  to   = terraform_data.front\n}\n');
    await expect(proposeMove(options, { ...within, address: 'terraform_data.nothing' })).rejects.toThrow('ENGINE-MOVE-ADDRESS');
  });
});
