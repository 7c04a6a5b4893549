import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planAddresses } from '../../../modules/network/index.ts';
import { editAddresses, openWorkspace, type Edit, type EditOptions, type EditOutcome, type Workspace } from '../../../modules/network/edit/index.ts';
import { federationFolder } from '../folder.ts';

const head = `# The plan of a town.
apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: p6, prefix: "3fff::/32", domain: d, strategy: sparse }   # ours
  - { name: p4, prefix: 10.0.0.0/16, domain: d }
needs:
`;

/** A workspace whose needs are all allocated. */
function allocated(needs: string, files: Record<string, string> = {}): Workspace {
  const root = federationFolder({ 'network-plans/a.yaml': head + needs, ...files });
  const { locks, problems } = planAddresses(openWorkspace(root).planSet);
  expect(problems).toEqual([]);
  for (const [file, text] of locks) fs.writeFileSync(path.join(root, file), text);
  return openWorkspace(root);
}

function planOf({ files, workspace }: EditOutcome): string {
  return (files.get('network-plans/a.yaml') ?? fs.readFileSync(path.join(workspace.root, 'network-plans/a.yaml'), 'utf8')).slice(head.length);
}

const lockOf = ({ files }: EditOutcome): string[] => (files.get('network-plans/a.lock.yaml') ?? '').split('\n').slice(3, -1);
const edit = (workspace: Workspace, what: Edit, options?: EditOptions): EditOutcome => editAddresses(workspace, what, options);
const kinds = ({ rows }: EditOutcome): string[] => rows.map(({ kind, key, from, to }) => `${kind} ${key} ${from ?? ''} ${to ?? ''}`.trim());

const town = `  # the town hall
  - key: hall            # since 1998
    pool: p6
    role: container
    length: 48

  - { key: hall/lan, in: hall, length: 64 }   # offices
  # the school
  - { 'key': 'school', legs: { v6: { pool: p6, length: 48 }, v4: { pool: p4, length: 24 } } }
`;

describe('net rename', () => {
  it('changes the key, its references and its row, and not one byte more', () => {
    const outcome = edit(allocated(town), { verb: 'rename', from: 'hall', to: 'city-hall' });
    expect(planOf(outcome)).toBe(town.replace('key: hall  ', 'key: city-hall  ').replace('in: hall,', 'in: city-hall,'));
    expect(lockOf(outcome)).toEqual([
      '  city-hall: {v6: "3fff::/48", pool6: p6}',
      '  hall/lan: {v6: "3fff::/64", pool6: p6}',
      '  school: {v4: "10.0.0.0/24", pool4: p4, v6: "3fff:0:8000::/48", pool6: p6}',
    ]);
    expect(kinds(outcome)).toEqual(['rename hall 3fff::/48 3fff::/48']);
    expect(outcome.unchanged).toBe(3);
  });

  it('keeps quotes of either kind', () => {
    expect(planOf(edit(allocated(town), { verb: 'rename', from: 'school', to: 'lycée' }))).toContain("'key': 'lycée',");
  });

  it('takes one row of a rule out of it, and leaves the others alone', () => {
    const rule = `  - forEach: { csv: data/t.csv }   # every site
    key: "site/{id}"
    pool: p6
    length: 48
`;
    const outcome = edit(allocated(rule, { 'network-plans/data/t.csv': 'id,name\n01,A\n02,B\n03,C\n' }), { verb: 'rename', from: 'site/02', to: 'depot' });
    expect(planOf(outcome)).toBe(`  - forEach: { csv: data/t.csv, except: { id: "02" } }   # every site
    key: "site/{id}"
    pool: p6
    length: 48
  - forEach: { csv: data/t.csv, where: { id: "02" } }   # every site
    key: "depot"
    pool: p6
    length: 48
`);
    expect([...outcome.files.keys()]).toEqual(['network-plans/a.lock.yaml', 'network-plans/a.yaml']);
    const again = edit(outcome.workspace, { verb: 'rename', from: 'site/01', to: 'yard' });
    expect(planOf(again)).toContain('except: { id: ["02", "01"] }');
  });

  it('renames all keys of a rule by its template, with those that lie in them', () => {
    const rules = `  - forEach: { csv: data/t.csv }
    key: "site/{id}"
    pool: p6
    role: container
    length: 48
  - { forEach: { csv: data/u.csv }, key: "lan/{id}", in: "site/{site}", length: 64 }
`;
    const outcome = edit(allocated(rules, { 'network-plans/data/t.csv': 'id\n01\n02\n', 'network-plans/data/u.csv': 'id,site\na,01\nb,02\nc,02\n' }), {
      verb: 'rename',
      from: 'site/{id}',
      to: 'old/site/{id}',
    });
    expect(planOf(outcome)).toBe(rules.replace('"site/{id}"', '"old/site/{id}"').replace('"site/{site}"', '"old/site/{site}"'));
    expect(outcome.rows.every(({ kind, from, to }) => kind === 'rename' && from === to)).toBe(true);
  });

  it('lets the lock follow data that was renamed first', () => {
    const workspace = allocated('  - { key: a, pool: p6, length: 48 }\n');
    fs.writeFileSync(path.join(workspace.root, 'network-plans/a.yaml'), `${head}  - { key: b, pool: p6, length: 48 }\n`);
    const outcome = edit(openWorkspace(workspace.root), { verb: 'rename', from: 'a', to: 'b' });
    expect(kinds(outcome)).toEqual(['rename a 3fff::/48 3fff::/48']);
    expect([...outcome.files.keys()]).toEqual(['network-plans/a.lock.yaml']);
  });

  it('refuses keys that are taken', () => {
    expect(() => edit(allocated(town), { verb: 'rename', from: 'hall', to: 'school' })).toThrow('NET-KEY-DUPLICATE');
    expect(() => edit(allocated(town), { verb: 'rename', from: 'hal', to: 'x' })).toThrow('did you mean "hall"');
  });
});

describe('net resize', () => {
  it('grows in place where the neighbour is free', () => {
    const outcome = edit(allocated(town), { verb: 'resize', key: 'hall', length: 44 });
    expect(kinds(outcome)).toEqual(['change hall 3fff::/48 3fff::/44']);
    expect(planOf(outcome)).toBe(town.replace('length: 48\n\n', 'length: 44\n\n'));
  });

  it('renumbers only with leave, and keeps the former block in quarantine', () => {
    const needs = '  - { key: a, pool: p6, prefix: "3fff::/48" }\n  - { key: b, pool: p6, prefix: "3fff:0:1::/48" }\n  - { key: c, pool: p6, length: 48 }\n';
    const workspace = allocated(needs);
    expect(() => edit(workspace, { verb: 'resize', key: 'c', length: 33 })).not.toThrow();
    const tight = edit(workspace, { verb: 'move', key: 'c', prefix: '3fff:0:2::/48' }, { allowMove: ['c'], until: '2027-01-01' });
    expect(kinds(tight)).toEqual(['move c 3fff:0:8000::/48 3fff:0:2::/48']);
    expect(lockOf(tight)).toContain('  c/former: {v6: "3fff:0:8000::/48", pool6: p6, state: released, until: "2027-01-01"}');
    expect(() => edit(workspace, { verb: 'move', key: 'c', prefix: '3fff:0:2::/48' })).toThrow(/NET-MOVE[\s\S]*--allow-move c/u);
    // Released space is given to nobody else.
    expect(() => edit(tight.workspace, { verb: 'reserve', key: 'd', pool: 'p6', prefix: '3fff:0:8000::/48' })).toThrow('NET-OVERLAP');
  });

  it('gives up a part only with leave', () => {
    const workspace = allocated(town);
    expect(() => edit(workspace, { verb: 'resize', key: 'school', family: 'v4', length: 25 })).toThrow('NET-RELEASE');
    const outcome = edit(workspace, { verb: 'resize', key: 'school', family: 'v4', length: 25 }, { allowRelease: ['school'], until: '2027-06-30' });
    expect(lockOf(outcome)).toContain('  school/former: {v4: "10.0.0.128/25", pool4: p4, state: released, until: "2027-06-30"}');
  });
});

describe('net split', () => {
  it('keeps every address, and what lies inside goes with its part', () => {
    const outcome = edit(allocated(town), { verb: 'split', key: 'hall', into: ['hall', 'annex'] });
    expect(planOf(outcome)).toBe(`  # the town hall
  - key: hall            # since 1998
    pool: p6
    role: container
    length: 49
  - key: annex            # since 1998
    pool: p6
    role: container
    length: 49

  - { key: hall/lan, in: hall, length: 64 }   # offices
  # the school
  - { 'key': 'school', legs: { v6: { pool: p6, length: 48 }, v4: { pool: p4, length: 24 } } }
`);
    expect(kinds(outcome)).toEqual(['rename hall 3fff::/48 3fff::/49, 3fff:0:0:8000::/49']);
    const both = edit(allocated(town), { verb: 'split', key: 'school', into: ['s1', 's2', 's3', 's4'] });
    expect(lockOf(both).slice(2)).toEqual([
      '  s1: {v4: "10.0.0.0/26", pool4: p4, v6: "3fff:0:8000::/50", pool6: p6}',
      '  s2: {v4: "10.0.0.64/26", pool4: p4, v6: "3fff:0:8000:4000::/50", pool6: p6}',
      '  s3: {v4: "10.0.0.128/26", pool4: p4, v6: "3fff:0:8000:8000::/50", pool6: p6}',
      '  s4: {v4: "10.0.0.192/26", pool4: p4, v6: "3fff:0:8000:c000::/50", pool6: p6}',
    ]);
    expect(() => edit(allocated(town), { verb: 'split', key: 'school', into: ['a', 'b', 'c'] })).toThrow('2, 4, 8');
  });
});

describe('net merge', () => {
  it('joins neighbours into one block', () => {
    const split = edit(allocated(town), { verb: 'split', key: 'hall', into: ['hall', 'annex'] });
    const outcome = edit(split.workspace, { verb: 'merge', keys: ['hall', 'annex'], into: 'hall' });
    expect(planOf(outcome)).toBe(town);
    expect(lockOf(outcome)).toContain('  hall: {v6: "3fff::/48", pool6: p6}');
  });

  it('keeps others side by side under keys that say where they came from', () => {
    const outcome = edit(allocated('  - { key: site/a, pool: p6, length: 48 }\n  - { key: site/b, pool: p6, length: 48 }\n'), {
      verb: 'merge',
      keys: ['site/a', 'site/b'],
      into: 'site/b',
    });
    expect(lockOf(outcome)).toEqual(['  site/b: {v6: "3fff:0:8000::/48", pool6: p6}', '  site/b/from/a: {v6: "3fff::/48", pool6: p6}']);
  });
});

describe('net move', () => {
  const needs = `  - { key: h, pool: p6, prefix: "3fff::/40", role: container }
  - { key: x, pool: p4, length: 24, role: container }
  - { key: y, in: x, length: 26 }
  - { key: z, pool: p4, length: 26 }
`;
  it('renumbers nothing where the block lies in its new holder already', () => {
    const split = edit(allocated(needs), { verb: 'reserve', key: 'x/inner', in: 'x', prefix: '10.0.0.128/25' });
    expect(planOf(split)).toContain('  - { key: x/inner, in: x, prefix: 10.0.0.128/25, role: reserved }\n');
    expect(kinds(split)).toEqual(['add x/inner  10.0.0.128/25']);
  });

  it('moves what is inside too, each with leave', () => {
    const workspace = allocated(needs);
    expect(() => edit(workspace, { verb: 'move', key: 'x', prefix: '10.0.9.0/24' }, { allowMove: ['x'] })).toThrow(/renumbered: y/u);
    const outcome = edit(workspace, { verb: 'move', key: 'x', prefix: '10.0.9.0/24' }, { allowMove: ['x', 'y'] });
    expect(lockOf(outcome).filter((line) => line.includes('former'))).toEqual(['  x/former: {v4: "10.0.0.0/24", pool4: p4, state: released}']);
    expect(planOf(outcome)).toContain('{ key: x, pool: p4, prefix: 10.0.9.0/24, role: container }');
  });

  it('puts a block into a holder', () => {
    const outcome = edit(allocated(needs), { verb: 'move', key: 'z', in: 'x' }, { allowMove: true });
    expect(planOf(outcome)).toContain('{ key: z, in: x, length: 26 }');
    expect(kinds(outcome)).toEqual(['move z 10.0.1.0/26 10.0.0.64/26']);
  });
});

describe('net retire', () => {
  it('releases with a date, refuses what holds others, and frees what is past its date', () => {
    const workspace = allocated(town);
    expect(() => edit(workspace, { verb: 'retire', keys: ['hall'] }, { allowRelease: true })).toThrow('hall/lan');
    expect(() => edit(workspace, { verb: 'retire', keys: ['school'] })).toThrow('NET-RELEASE');
    const outcome = edit(workspace, { verb: 'retire', keys: ['school'] }, { allowRelease: ['school'], until: '2027-01-01' });
    expect(planOf(outcome)).toBe(town.slice(0, town.indexOf("  - { 'key'")));
    expect(lockOf(outcome)[2]).toBe('  school: {v4: "10.0.0.0/24", pool4: p4, v6: "3fff:0:8000::/48", pool6: p6, state: released, until: "2027-01-01"}');
    expect(edit(outcome.workspace, { verb: 'drop-expired', asOf: '2026-12-31' }).files.size).toBe(0);
    const free = edit(outcome.workspace, { verb: 'drop-expired', asOf: '2027-01-01' });
    expect(lockOf(free)).toHaveLength(2);
    expect(kinds(free)).toEqual(['drop school 10.0.0.0/24', 'drop school 3fff:0:8000::/48']);
  });
});
