import * as fc from 'fast-check';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { overlaps, parsePrefix, planAddresses, type AddressPlan, type Family, type Prefix } from '../../../modules/network/index.ts';
import { editAddresses, openWorkspace, subtract, type Edit, type EditOptions, type Workspace } from '../../../modules/network/edit/index.ts';
import { federationFolder } from '../folder.ts';

const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: p6, prefix: "3fff::/40", domain: d, strategy: sparse }   # IPv6
  - { name: p4, prefix: 10.0.0.0/20, domain: d, strategy: best-fit }
  - { name: q4, prefix: 10.0.16.0/22, domain: d, strategy: last-fit }
needs:
  # holders
  - { key: h0, role: container, legs: { v6: { pool: p6, length: 44 }, v4: { pool: p4, length: 22 } } }
  - key: h1   # second
    role: container
    legs:
      v6: { pool: p6, length: 44 }
      v4: { pool: p4, length: 23 }
  - { key: a, legs: { v6: { in: h0, length: 48 }, v4: { in: h0, length: 24 } } }
  - { key: b, pool: p4, length: 26 }
  - { key: c, pool: p6, prefix: "3fff:0:ff::/48" }
  - { key: m, pool: p4, length: 26, at: 60 }
  - { key: g, pool: p4, length: 28, growth: 25 }   # room to grow
  - { key: l, pools: [q4, p4], length: 24 }
  - { key: gl, role: container, legs: { v4: { pools: [q4, p4], length: 25, growth: 24 }, v6: { pool: p6, length: 47, growth: 45 } } }
  - { key: gi, legs: { v4: { in: gl, length: 28, growth: 27 } } }
  - forEach: { csv: data/t.csv }
    key: "r/{id}"
    legs:
      v6: { in: "{holder}", length: 52 }
      v4: { in: "{holder}", length: 26 }
`;
const table = 'id,holder\n1,h0\n2,h0\n3,h1\n4,h1\n5,h1\n';

const root = federationFolder({ 'network-plans/a.yaml': plan, 'network-plans/data/t.csv': table });
for (const [file, text] of planAddresses(openWorkspace(root).planSet).locks) fs.writeFileSync(path.join(root, file), text);
const start = openWorkspace(root);

interface Step {
  readonly verb: Edit['verb'];
  readonly one: number;
  readonly other: number;
  readonly size: number;
  readonly family: Family;
  readonly allow: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom('rename', 'resize', 'move', 'split', 'merge', 'retire', 'reserve', 'drop-expired'),
  one: fc.nat(50),
  other: fc.nat(50),
  size: fc.integer({ min: -3, max: 3 }),
  family: fc.constantFrom('v4', 'v6'),
  allow: fc.boolean(),
});

/** An edit that could be asked of a workspace; what it names is there. */
function editOf({ planSet }: Workspace, { verb, one, other, size, family }: Step, serial: number): Edit {
  const keys = [...planSet.needs.keys()];
  const containers = keys.filter((name) => planSet.needs.get(name)?.role === 'container');
  const key = keys[one % keys.length] ?? '';
  const second = keys[other % keys.length] ?? '';
  const holder = containers[other % containers.length] ?? '';
  const length = (planSet.needs.get(key)?.[family]?.length ?? 24) + size;
  switch (verb) {
    case 'rename':
    case 'rename-all':
      return { verb: 'rename', from: key, to: `n${serial}` };
    case 'resize':
      return { verb, key, length, family };
    case 'move':
      if (size === -3)
        return {
          verb,
          key,
          prefix:
            family === 'v4'
              ? `10.0.${8 + (other % 8)}.0/${length > 0 && length <= 32 ? Math.max(24, length) : 24}`
              : `3fff:0:${(16 + other).toString(16)}::/48`,
          family,
        };
      return size > 0 ? { verb, key, in: holder } : { verb, key, pool: family === 'v4' ? 'p4' : 'p6', family };
    case 'split':
      return { verb, key, into: size > 0 ? [key, `s${serial}`] : [`s${serial}a`, `s${serial}b`, `s${serial}c`, `s${serial}d`] };
    case 'merge':
      return { verb, keys: [key, second], into: size > 0 ? key : `m${serial}` };
    case 'retire':
      return { verb, keys: [key] };
    case 'drop-expired':
      return { verb, asOf: size > 0 ? '2028-01-01' : '2026-01-01' };
    case 'reserve':
      return size > 0
        ? { verb, key: `v${serial}`, pool: other % 2 === 0 ? 'p4' : 'q4', length: 27 }
        : { verb, key: `v${serial}`, in: holder, length: family === 'v4' ? 27 : 52, family };
  }
}

const held = ({ allocations }: AddressPlan): { key: string; family: Family; prefix: Prefix; container: boolean }[] =>
  [...allocations.values()].flatMap(({ key, v4, v6, container }) => [
    ...(v4 === undefined ? [] : [{ key, family: 'v4' as const, prefix: parsePrefix(v4), container }]),
    ...(v6 === undefined ? [] : [{ key, family: 'v6' as const, prefix: parsePrefix(v6), container }]),
  ]);

/** Nothing that holds hosts overlaps anything else that does, nor what was released. */
function expectDisjoint(addressPlan: AddressPlan): void {
  const leaves = held(addressPlan).filter(({ container }) => !container);
  leaves.forEach(({ key, prefix }, index) => {
    for (const other of leaves.slice(0, index)) if (overlaps(prefix, other.prefix)) throw new Error(`${key} overlaps ${other.key}`);
    for (const row of addressPlan.released) if (overlaps(prefix, parsePrefix(row.prefix))) throw new Error(`${key} overlaps released ${row.key}`);
  });
}

/** What a key keeps for its growth is nobody else's who lies in the same thing. */
function expectRooms({ allocations }: AddressPlan): void {
  const all = [...allocations.values()];
  for (const { key, growth4, growth6, holder4, holder6 } of all) {
    if (growth4 === undefined && growth6 === undefined) continue;
    for (const other of all) {
      if (other.key === key) continue;
      const meets = (room: string | undefined, text: string | undefined): boolean =>
        room !== undefined && text !== undefined && overlaps(parsePrefix(room), parsePrefix(text));
      if (other.holder4 === holder4 && meets(growth4, other.v4)) throw new Error(`${other.key} lies in the room of ${key}`);
      if (other.holder6 === holder6 && meets(growth6, other.v6)) throw new Error(`${other.key} lies in the room of ${key}`);
    }
  }
}

/** Runs a sequence; returns how many of its edits were carried out. */
function run(steps: readonly Step[]): number {
  let workspace = start;
  let before = planAddresses(start.planSet).addressPlan;
  let done = 0;
  steps.forEach((next, serial) => {
    const edit = editOf(workspace, next, serial);
    const options: EditOptions = next.allow ? { allowMove: true, allowRelease: true, until: '2027-01-01' } : {};
    let outcome;
    try {
      outcome = editAddresses(workspace, edit, options);
    } catch (error) {
      // A refusal says why and what to do, and leaves everything as it was.
      if (!(error instanceof ProblemError)) throw error;
      return;
    }
    done++;
    const { addressPlan } = outcome;
    expectDisjoint(addressPlan);
    expectRooms(addressPlan);
    const now = held(addressPlan);
    if (!next.allow) {
      for (const { key, family, prefix } of held(before)) {
        const all = now.filter((leg) => leg.family === family).map((leg) => leg.prefix);
        expect(subtract(prefix, all), `${JSON.stringify(edit)}: ${key}`).toEqual([]);
        const same = now.find((leg) => leg.key === key && leg.family === family);
        // A key that kept its name kept its addresses, or shares them with what it was split into.
        if (same && edit.verb !== 'split') expect(subtract(prefix, [same.prefix]), `${JSON.stringify(edit)}: ${key}`).toEqual([]);
      }
    } else if (edit.verb !== 'drop-expired') {
      // What was given up stays out of reach until its date.
      const kept = [...now.map(({ prefix }) => prefix), ...addressPlan.released.map(({ prefix }) => parsePrefix(prefix))];
      for (const { key, prefix } of held(before)) expect(subtract(prefix, kept), `${JSON.stringify(edit)}: ${key}`).toEqual([]);
    }
    // Plans and locks agree: allocating again changes nothing.
    const again = planAddresses(outcome.workspace.planSet).diff;
    expect([again.add, again.release, again.move, again.change], JSON.stringify(edit)).toEqual([[], [], [], []]);
    workspace = outcome.workspace;
    before = addressPlan;
  });
  return done;
}

const runs = Number(process.env['VCLOUD_SEQUENCES'] ?? 1_000);

describe(`${runs} random sequences of edits`, () => {
  it('never overlap, never move or release a held address without leave, and leave plan and lock agreed', { timeout: 1_200_000 }, () => {
    let done = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
        done += run(steps);
      }),
      { numRuns: runs, seed: 20250701 },
    );
    // The test is about edits that are carried out, not about refusals.
    expect(done).toBeGreaterThan(runs);
  });
});
