import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, formatPrefix, parsePrefix } from '../../../modules/network/index.ts';
import { mergeLocks } from '../../../modules/network/review/index.ts';
import { federationFolder } from '../folder.ts';

const head = 'apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n';
const lock = (...rows: string[]): string => head + rows.map((row) => `  ${row}\n`).join('');
const row = (key: string, prefix: string, more = ''): string => `${key}: {v4: "${prefix}", pool4: p${more}}`;
const merge = (base: string, ours: string, theirs: string) => mergeLocks({ base, ours, theirs }, 'a.lock.yaml');

describe('merging locks', () => {
  it('takes what only one branch changed, by key and by leg', () => {
    const base = lock(row('k/a', '10.0.0.0/24'), row('k/b', '10.0.1.0/24'), 'k/c: {v4: "10.0.2.0/24", pool4: p, v6: "3fff::/48", pool6: q}');
    const ours = lock(
      row('k/a', '10.0.0.0/24'),
      row('k/a1', '10.0.3.0/24'),
      row('k/b', '10.0.1.0/24', ', state: released'),
      'k/c: {v4: "10.0.9.0/24", pool4: p, v6: "3fff::/48", pool6: q}',
    );
    const theirs = lock(
      row('k/a', '10.0.0.0/24'),
      row('k/b', '10.0.1.0/24'),
      'k/c: {v4: "10.0.2.0/24", pool4: p, v6: "3fff:0:1::/48", pool6: q}',
      row('k/z', '10.0.4.0/24'),
    );
    expect(merge(base, ours, theirs)).toEqual({
      conflicts: [],
      text: lock(
        row('k/a', '10.0.0.0/24'),
        row('k/a1', '10.0.3.0/24'),
        row('k/b', '10.0.1.0/24', ', state: released'),
        'k/c: {v4: "10.0.9.0/24", pool4: p, v6: "3fff:0:1::/48", pool6: q}',
        row('k/z', '10.0.4.0/24'),
      ),
    });
  });

  it.each([
    ['one block for two keys', lock(), lock(row('k/a', '10.0.0.0/24')), lock(row('k/b', '10.0.0.0/24')), ['k/a', 'k/b']],
    ['a block around another', lock(), lock(row('k/a', '10.0.0.0/16')), lock(row('k/b', '10.0.3.0/24')), ['k/a', 'k/b']],
    ['one key, two blocks', lock(), lock(row('k/a', '10.0.0.0/24')), lock(row('k/a', '10.0.1.0/24')), ['k/a', '10.0.0.0/24', '10.0.1.0/24']],
    [
      'grown over a new neighbour',
      lock(row('k/a', '10.0.0.0/24')),
      lock(row('k/a', '10.0.0.0/23')),
      lock(row('k/a', '10.0.0.0/24'), row('k/b', '10.0.1.0/24')),
      ['k/a', 'k/b'],
    ],
    [
      'released here, filled there',
      lock(row('k/a', '10.0.0.0/16')),
      lock(row('k/a', '10.0.0.0/16', ', state: released')),
      lock(row('k/a', '10.0.0.0/16'), row('k/b', '10.0.1.0/24')),
      ['k/a', 'k/b'],
    ],
    [
      'moved there, filled here',
      lock(row('k/a', '10.0.0.0/16')),
      lock(row('k/a', '10.0.0.0/16'), row('k/b', '10.0.1.0/24')),
      lock(row('k/a', '10.5.0.0/16')),
      ['k/a', 'k/b'],
    ],
  ])('refuses %s, naming both', (_name, base, ours, theirs, named) => {
    const { text, conflicts } = merge(base.replace(/allocations:\n$/u, 'allocations: {}\n'), ours, theirs);
    expect(conflicts).toHaveLength(1);
    for (const word of named) expect(conflicts[0]?.message).toContain(word);
    expect(text).toContain('<<<<<<< this branch\n');
  });

  it('lets the other branch place in a holder that grew in place, and both in one both made alike', () => {
    const base = lock(row('k/a', '10.0.0.0/24'));
    expect(merge(base, lock(row('k/a', '10.0.0.0/23')), lock(row('k/a', '10.0.0.0/24'), row('k/b', '10.0.0.0/26'))).conflicts).toEqual([]);
    const one = lock(row('h', '10.1.0.0/16').replace('h:', 'h/h:'), row('k/a', '10.0.0.0/24'), row('k/x', '10.1.0.0/24'));
    const other = lock(row('h/h', '10.1.0.0/16'), row('k/a', '10.0.0.0/24'), row('k/y', '10.1.1.0/24'));
    expect(merge(base, one, other).conflicts).toEqual([]);
  });

  it('one prefix in two pools is two blocks; a number for two keys is not two numbers', () => {
    expect(merge('', lock(row('k/a', '10.0.0.0/24')), lock(row('k/b', '10.0.0.0/24').replace('pool4: p', 'pool4: q'))).conflicts).toEqual([]);
    const asn = (key: string, number: number): string => `apiVersion: vcloud/v1\nkind: AsnLock\nallocations:\n  ${key}: {asn: ${number}, range: r}\n`;
    expect(merge('', asn('k/a', 64496), asn('k/b', 64497)).text).toBe(`${asn('k/a', 64496)}  k/b: {asn: 64497, range: r}\n`);
    const clash = merge('', asn('k/a', 64496), asn('k/b', 64496));
    expect(clash.conflicts.map(({ message }) => message)).toEqual(['AS 64496 is held by "k/a" in this branch and by "k/b" in the other']);
  });

  it('a merge without conflicts never overlaps and loses nothing, in whatever order (property)', () => {
    const block = fc.tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 26, max: 30 })).map(([at, length]) => {
      const size = 2 ** (32 - length);
      const start = Math.floor((at * 4) / size) * size;
      return `10.0.0.${start % 256}/${length}`;
    });
    const branch = (sign: string) =>
      fc.array(block, { maxLength: 6 }).map((blocks) => disjoint(blocks).map((prefix, index) => row(`${sign}/${index}`, prefix)));
    fc.assert(
      fc.property(branch('x'), branch('y'), (ours, theirs) => {
        const { text, conflicts } = merge('', lock(...ours), lock(...theirs));
        const prefixes = (rows: readonly string[]) => rows.map((line) => parsePrefix(/v4: "([^"]+)"/u.exec(line)?.[1] ?? ''));
        const crossing = prefixes(ours).some((one) => prefixes(theirs).some((other) => contains(one, other) || contains(other, one)));
        expect(conflicts.length > 0).toBe(crossing);
        if (!crossing)
          expect(text).toBe(
            ours.length + theirs.length === 0
              ? lock()
                  .replace(':\n', ':\n')
                  .replace(/allocations:\n$/u, 'allocations: {}\n')
              : lock(...ours, ...theirs),
          );
        expect(merge('', lock(...theirs), lock(...ours)).conflicts.length).toBe(conflicts.length);
      }),
    );
  });
});

function disjoint(blocks: readonly string[]): string[] {
  const kept: string[] = [];
  for (const text of blocks) {
    const prefix = parsePrefix(text);
    if (!kept.some((other) => contains(parsePrefix(other), prefix) || contains(prefix, parsePrefix(other)))) kept.push(formatPrefix(prefix));
  }
  return kept;
}

const program = fileURLToPath(new URL('../../../bin/vcloud.js', import.meta.url));

/** A repository with a plan of two pools, where the driver is set up as the help of `net merge-lock` says. */
function repository(): { root: string; git: (...args: string[]) => { status: number | null; output: string }; vcloud: (...args: string[]) => number | null } {
  const root = federationFolder({
    'network-plans/a.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: p, prefix: 10.0.0.0/16, domain: d }
  - { name: q, prefix: 10.1.0.0/16, domain: d }
needs:
  - { key: k/m, pool: p, length: 24 }
`,
    '.gitattributes': '**/network-plans/*.lock.yaml merge=vcloud-lock\n',
  });
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.org',
  };
  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, env, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  const vcloud = (...args: string[]) => spawnSync(process.execPath, [program, ...args, '-C', root], { encoding: 'utf8' }).status;
  git('init', '-q', '-b', 'main');
  git('config', 'merge.vcloud-lock.driver', `"${process.execPath}" "${program}" net merge-lock %O %A %B %P`);
  expect(vcloud('net', 'allocate')).toBe(0);
  fs.writeFileSync(path.join(root, '.gitignore'), '.vcloud\n');
  git('add', '.');
  git('commit', '-q', '-m', 'plan');
  return { root, git, vcloud };
}

describe('with git itself', () => {
  const branch = ({ root, git, vcloud }: ReturnType<typeof repository>, name: string, at: string, need: string): void => {
    git('checkout', '-q', '-b', name, 'main');
    const file = path.join(root, 'network-plans/a.yaml');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(at, need));
    expect(vcloud('net', 'allocate')).toBe(0);
    expect(git('commit', '-q', '-a', '-m', name).status).toBe(0);
  };
  const before = '  - { key: k/m, pool: p, length: 24 }\n';

  it('two branches that add keys next to each other merge, where line merging would conflict', () => {
    const made = repository();
    const { root, git, vcloud } = made;
    branch(made, 'one', 'needs:\n', 'needs:\n  - { key: k/a, pool: p, length: 24 }\n');
    branch(made, 'two', before, `${before}  - { key: k/b, pool: q, length: 24 }\n`);
    const merged = git('merge', 'one', '-m', 'merge');
    expect(merged.status, merged.output).toBe(0);
    const text = fs.readFileSync(path.join(root, 'network-plans/a.lock.yaml'), 'utf8');
    expect(text).toBe(lock(row('k/a', '10.0.1.0/24'), row('k/b', '10.1.0.0/24').replace('pool4: p', 'pool4: q'), row('k/m', '10.0.0.0/24')));
    expect(vcloud('net', 'plan')).toBe(0);
    // Without the driver git cannot: both branches wrote beside the same line.
    git('reset', '-q', '--hard', 'HEAD~1');
    execFileSync('git', ['config', '--unset', 'merge.vcloud-lock.driver'], { cwd: root });
    expect(git('merge', 'one', '-m', 'merge').status).not.toBe(0);
  }, 60_000);

  it('two branches that gave one block to two keys fail, name both, and nothing reads the lock until it is settled', () => {
    const made = repository();
    const { root, git, vcloud } = made;
    branch(made, 'one', 'needs:\n', 'needs:\n  - { key: k/a, pool: p, length: 24 }\n');
    branch(made, 'two', before, `${before}  - { key: k/z, pool: p, length: 24 }\n`);
    const merged = git('merge', 'one', '-m', 'merge');
    expect(merged.status).not.toBe(0);
    expect(merged.output).toMatch(/NET-MERGE: "k\/z" holds 10\.0\.1\.0\/24 in this branch and "k\/a" holds 10\.0\.1\.0\/24 in the other: they overlap/u);
    expect(merged.output).toContain('CONFLICT');
    const file = path.join(root, 'network-plans/a.lock.yaml');
    expect(vcloud('net', 'plan')).toBe(1);
    // As the hint says: one row goes, with the marks; allocating gives its key a block of its own.
    const settled = fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^[<=>]{7}/u.test(line) && !line.startsWith('  k/a:'));
    fs.writeFileSync(file, settled.join('\n'));
    expect(vcloud('net', 'allocate')).toBe(0);
    expect(fs.readFileSync(file, 'utf8')).toBe(lock(row('k/a', '10.0.2.0/24'), row('k/m', '10.0.0.0/24'), row('k/z', '10.0.1.0/24')));
  }, 60_000);
});
