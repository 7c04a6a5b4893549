import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { loadFederation } from '../../../modules/federation/index.ts';
import { checkAddresses, loadAddressPlans } from '../../../modules/network/index.ts';
import {
  changesSince,
  codeownersBlock,
  codeownersLines,
  codeownersPattern,
  compareSpecificity,
  gitFolder,
  keyPattern,
  KeyOwners,
  ownedFiles,
  writeCodeowners,
} from '../../../modules/network/owners/index.ts';
import { federationFolder } from '../folder.ts';

const asOf = '2026-11-22';
const head = 'apiVersion: vcloud/v1\nkind: NetworkPlan\n';
const settings = `apiVersion: vcloud/v1
kind: Federation
member: { id: centre, organisation: mst, names: { vi: c, en: c } }
`;
const stacks = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: mst, kind: ministry, names: { vi: a, en: a } }
  - { id: moh, kind: ministry, names: { vi: b, en: b } }
  - { id: moh-lab, kind: unit, names: { vi: c, en: c }, parent: moh }
  - { id: moj, kind: ministry, names: { vi: d, en: d } }
`;
const base = `${head}metadata: { name: a }
domains: [{ name: d }]
pools: [{ name: p, prefix: 10.0.0.0/8, domain: d }]
`;
const rules = `${base}needs:
  - { forEach: { organisations: {} }, key: "org/{id}", role: container, pool: p, length: 16 }
  - { key: org/moh/web, in: org/moh, length: 24 }
  - { key: org/moj/web, in: org/moj, length: 24 }
  - { key: shared/backbone, pool: p, length: 24 }
`;

async function world(files: Readonly<Record<string, string>>) {
  const root = federationFolder({ 'vcloud.yaml': settings, 'stacks/a/a.yaml': stacks, 'network-plans/a.yaml': rules, '.gitignore': '.vcloud/\n', ...files });
  return { root, ...(await state(root)) };
}

async function state(root: string) {
  const federation = await loadFederation(root, { asOf });
  const planSet = await loadAddressPlans(root, federation);
  return { federation, planSet, owners: new KeyOwners(planSet, federation) };
}

const owners = (text: string): string => `${head}metadata: { name: owners }\nowners:\n${text}`;

describe('patterns of keys', () => {
  it.each([
    ['ministry/moh', 'ministry/moh', true],
    ['ministry/moh', 'ministry/moh/web', false],
    ['ministry/moh/**', 'ministry/moh', false],
    ['ministry/moh/**', 'ministry/moh/web/a', true],
    ['ministry/*', 'ministry/moh', true],
    ['ministry/*', 'ministry/moh/web', false],
    ['**/web', 'ministry/moh/web', true],
    ['site/hn-*', 'site/hn-1', true],
    ['site/hn-*', 'site/hn-1/x', false],
    ['a.b', 'axb', false],
    ['a(b)+', 'a(b)+', true],
  ])('%s and %s: %s', (pattern, key, matches) => {
    expect(keyPattern(pattern).matches(key)).toBe(matches);
  });

  it.each([
    ['ministry/moh', 'ministry/*'],
    ['ministry/moh/*', 'ministry/moh/**'],
    ['ministry/moh/**', 'ministry/**'],
    ['ministry/*/web', 'ministry/**'],
    ['site/hn-*', 'site/*'],
    ['site/hn-dc-*', 'site/hn-*'],
    ['ministry/*', '**'],
  ])('%s says more than %s', (one, other) => {
    expect(compareSpecificity(keyPattern(one), keyPattern(other))).toBeGreaterThan(0);
    expect(compareSpecificity(keyPattern(other), keyPattern(one))).toBeLessThan(0);
  });

  it('match what they spell out, whatever the parts hold', () => {
    const part = fc.stringMatching(/^[!-.0-~]{1,6}$/u).filter((text) => !text.includes('*'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.nat(3), (parts, at) => {
        const key = parts.join('/');
        expect(keyPattern(key).matches(key)).toBe(true);
        const starred = parts.map((text, index) => (index === at % parts.length ? '*' : text)).join('/');
        expect(keyPattern(starred).matches(key)).toBe(true);
        expect(keyPattern(`${key}/**`).matches(key)).toBe(false);
        expect(keyPattern(`${key}/**`).matches(`${key}/x`)).toBe(true);
        expect(compareSpecificity(keyPattern(key), keyPattern(starred))).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('owners of keys', () => {
  it('are the organisation of the most specific pattern, else of the rule, else of the holder, else of the member', async () => {
    const { owners: found } = await world({
      'network-plans/o.yaml': owners('  - { organisation: moj, keys: ["org/**"] }\n  - { organisation: moh-lab, keys: [org/moh/web] }\n'),
    });
    expect(found.of('org/moh/web')).toMatchObject({ organisation: 'moh-lab', by: 'pattern', rule: { pattern: 'org/moh/web' } });
    expect(found.of('org/mst')).toMatchObject({ organisation: 'moj', by: 'pattern' });
    expect(found.of('shared/backbone')).toMatchObject({ organisation: 'mst', by: 'member' });
    const { owners: plain } = await world({});
    expect(plain.of('org/moh')).toMatchObject({ organisation: 'moh', by: 'plan' });
    expect(plain.of('org/moh/web')).toMatchObject({ organisation: 'moh', by: 'holder' });
  });

  it('names both lines where two equally specific patterns disagree, and only there', async () => {
    const text =
      '  - { organisation: moh, keys: ["org/*/web"] }\n  - { organisation: moj, keys: ["*/moj/web", "never/*"] }\n  - { organisation: mst, keys: ["*/x"] }\n';
    const { planSet, federation } = await world({ 'network-plans/o.yaml': owners(text) });
    const found = checkAddresses(planSet, federation).filter(({ code }) => code.startsWith('NET-OWNER'));
    expect(found).toMatchObject([{ code: 'NET-OWNER-AMBIGUOUS', severity: 'error', file: 'network-plans/o.yaml', line: 6 }]);
    expect(found[0]?.message).toMatch(/org\/moj\/web.*network-plans\/o\.yaml:5.*network-plans\/o\.yaml:6/u);
    const agree = await world({ 'network-plans/o.yaml': owners(text.replace('organisation: moj', 'organisation: moh')) });
    expect(agree.owners.conflicts()).toEqual([]);
  });

  it('warns of organisations nobody declares', async () => {
    const { planSet, federation } = await world({ 'network-plans/o.yaml': owners('  - { organisation: nobody, keys: [x] }\n') });
    expect(checkAddresses(planSet, federation).map(({ code }) => code)).toContain('NET-OWNER-UNKNOWN');
  });
});

describe('changes since a commit', () => {
  const git = (root: string, ...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false', ...args], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const lock = (rows: string): string => `apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n${rows}`;
  const rows = `  org/moh: {v4: "10.1.0.0/16", pool4: p}
  org/moh/web: {v4: "10.1.0.0/24", pool4: p}
  org/moj: {v4: "10.2.0.0/16", pool4: p}
  org/moj/web: {v4: "10.2.0.0/24", pool4: p}
`;

  async function repository(below = '') {
    const top = federationFolder({ 'README.md': 'x\n' });
    const root = path.join(top, below);
    const files: Record<string, string> = {
      'vcloud.yaml': settings,
      'stacks/a/a.yaml': stacks,
      'network-plans/a.yaml': rules,
      'network-plans/a.lock.yaml': lock(rows),
      'network-plans/o.yaml': owners('  - { organisation: moh, keys: [shared/backbone] }\n'),
      '.gitignore': '.vcloud/\n',
    };
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), text);
    }
    git(top, 'init', '-q', '-b', 'main');
    git(top, 'add', '.');
    git(top, 'commit', '-q', '-m', 'first');
    return { top, root };
  }

  const edit = (root: string, name: string, from: string, to: string): void => {
    const file = path.join(root, name);
    const text = fs.readFileSync(file, 'utf8');
    expect(text).toContain(from);
    fs.writeFileSync(file, text.replace(from, to));
  };

  const since = async (root: string, organisation?: string, ref = 'main') => {
    const { planSet, federation } = await state(root);
    return await changesSince(root, planSet, federation, { since: ref, organisation, asOf });
  };

  it('tells the keys of others from those of an organisation and what lies below it', async () => {
    const { top, root } = await repository('plans/national');
    edit(root, 'network-plans/a.yaml', 'key: org/moh/web, in: org/moh, length: 24', 'key: org/moh/web, in: org/moh, length: 23');
    edit(root, 'network-plans/a.yaml', '  - { key: org/moj/web, in: org/moj, length: 24 }\n', '');
    edit(root, 'network-plans/a.lock.yaml', '10.2.0.0/16', '10.3.0.0/16');
    const index = git(top, 'ls-files', '-s');
    const worktree = git(top, 'status', '--porcelain');
    const { changes, findings } = await since(root, 'moh');
    expect(changes.map(({ key, owner, in: part, foreign }) => [key, owner, part, foreign])).toEqual([
      ['org/moh/web', 'moh', 'plan', false],
      ['org/moj', 'moj', 'lock', true],
      ['org/moj/web', 'moj', 'plan', true],
    ]);
    expect(findings.map(({ code, file, line }) => [code, file, line])).toEqual([
      ['NET-OWNER', 'network-plans/a.lock.yaml', 6],
      ['NET-OWNER', 'main:network-plans/a.yaml', 9],
    ]);
    expect(findings[0]?.message).toContain('10.2.0.0/16 (p) -> 10.3.0.0/16 (p)');
    expect((await since(root)).findings).toEqual([]);
    expect((await since(root, 'moh-lab')).findings).toHaveLength(3);
    expect([git(top, 'ls-files', '-s'), git(top, 'status', '--porcelain')]).toEqual([index, worktree]);
    expect(fs.readdirSync(path.join(root, '.vcloud/cache')).filter((name) => name.startsWith('since-'))).toEqual([]);
  });

  it('finds nothing where nothing changed, nor where only comments and order did', async () => {
    const { root } = await repository();
    edit(root, 'network-plans/a.yaml', 'needs:', '# why\nneeds:');
    edit(root, 'network-plans/a.yaml', '  - { key: shared/backbone, pool: p, length: 24 }\n', '');
    edit(root, 'network-plans/a.yaml', 'needs:\n', 'needs:\n  - { key: shared/backbone, pool: p, length: 24 }\n');
    expect((await since(root, 'moj')).changes).toEqual([]);
  });

  it('does not let a change make itself the owner of what it touches', async () => {
    const { root } = await repository();
    edit(root, 'network-plans/o.yaml', 'organisation: moh', 'organisation: moj');
    edit(root, 'network-plans/a.yaml', 'key: shared/backbone, pool: p, length: 24', 'key: shared/backbone, pool: p, length: 20');
    const { changes, findings } = await since(root, 'moj');
    expect(changes.map(({ key, owner, in: part, what }) => [key, owner, part, what])).toEqual([
      ['shared/backbone', 'moh', 'plan', 'v4 /24 p -> v4 /20 p'],
      ['shared/backbone', 'moh', 'owners', 'owner moh -> moj'],
    ]);
    expect(findings).toHaveLength(2);
  });

  it('gives a new key to whom the new plan gives it, and what others lie in to nobody', async () => {
    const { root } = await repository();
    edit(root, 'network-plans/a.yaml', '10.0.0.0/8, domain: d }', '10.0.0.0/8, domain: d, strategy: sparse }');
    edit(root, 'network-plans/a.yaml', 'needs:\n', 'needs:\n  - { key: org/moj/new, in: org/moj, length: 26 }\n');
    const { changes, findings } = await since(root, 'moh');
    expect(changes.map(({ key, owner, in: part }) => [key, owner, part])).toEqual([
      ['org/moj/new', 'moj', 'plan'],
      ['pool p', undefined, 'pool'],
    ]);
    expect(findings.map(({ message }) => message.includes('org/moj/new'))).toEqual([true]);
  });

  it('says what git does not know, and what the plans of the commit have wrong', async () => {
    const { root } = await repository();
    const codes = async (work: Promise<unknown>) =>
      work.then(
        () => [],
        (error: unknown) => (error as ProblemError).problems.map(({ code, file }) => [code, file]),
      );
    expect(await codes(since(root, 'moh', 'no-such-branch'))).toEqual([['NET-SINCE-REF', undefined]]);
    expect(await codes(since(root, 'moh', '--all'))).toEqual([['NET-SINCE-REF', undefined]]);
    edit(root, 'network-plans/a.yaml', 'length: 16', 'length: 99');
    git(root, 'commit', '-q', '-a', '-m', 'broken');
    edit(root, 'network-plans/a.yaml', 'length: 99', 'length: 16');
    const broken = await codes(since(root, 'moh'));
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.every(([, file]) => file?.startsWith('main:') === true)).toBe(true);
    const outside = await world({});
    expect(await codes(changesSince(outside.root, outside.planSet, outside.federation, { since: 'main', asOf }))).toEqual([['NET-SINCE-GIT', undefined]]);
  });

  it('knows the place of a federation in its repository', async () => {
    const { top, root } = await repository('plans/national');
    expect(gitFolder(root)).toEqual({ top: fs.realpathSync(top), prefix: 'plans/national/' });
  });
});

describe('CODEOWNERS', () => {
  it('lists each file with the reviewers of those whose keys have lines in it', async () => {
    const { planSet, owners: found } = await world({
      'network-plans/o.yaml': owners(
        '  - { organisation: moh, keys: ["org/moh", "org/moh/**"], reviewers: ["@moh/network", "@a"] }\n  - { organisation: moj, keys: [org/moj/web], reviewers: [net@moj.example] }\n  - { organisation: mst, keys: [org/mst] }\n',
      ),
      'network-plans/a.lock.yaml': 'apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n  org/moj/web: {v4: "10.2.0.0/24", pool4: p}\n',
    });
    expect(ownedFiles(planSet, found)).toEqual([
      { file: 'network-plans/a.lock.yaml', organisations: ['moj'], reviewers: ['net@moj.example'] },
      { file: 'network-plans/a.yaml', organisations: ['moh', 'moj'], reviewers: ['@a', '@moh/network', 'net@moj.example'] },
      // Where the organisations are declared their generated keys come from.
      { file: 'stacks/a/a.yaml', organisations: ['moh', 'moj'], reviewers: ['@a', '@moh/network', 'net@moj.example'] },
    ]);
    expect(codeownersLines(ownedFiles(planSet, found), 'plans/')[0]).toBe('/plans/network-plans/a.lock.yaml net@moj.example');
  });

  it('escapes what a pattern would read as a sign', () => {
    expect(codeownersPattern('network-plans/a b.yaml')).toBe('/network-plans/a\\ b.yaml');
    expect(codeownersPattern('x/#1*?.yaml')).toBe('/x/?1\\*\\?.yaml');
    expect(codeownersPattern('x/[a]!.yaml')).toBe('/x/?a??.yaml');
  });

  it('matches its file and no other, as gitignore reads the pattern', () => {
    const name = fc.stringMatching(/^[a-z *?\\-]{1,8}$/u).filter((text) => text.trim() === text && !/^[.-]/u.test(text) && text !== '');
    const root = federationFolder({});
    execFileSync('git', ['init', '-q'], { cwd: root });
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one !== other);
        fs.writeFileSync(path.join(root, '.gitignore'), `${codeownersPattern(`d/${one}`)}\n`);
        const ignored = (file: string): boolean => {
          try {
            execFileSync('git', ['check-ignore', '-q', '--no-index', `d/${file}`], { cwd: root });
            return true;
          } catch {
            return false;
          }
        };
        expect([ignored(one), ignored(other)]).toEqual([true, false]);
      }),
      { numRuns: 25 },
    );
  });

  it('is written between its marks and leaves every other line', () => {
    const top = federationFolder({ 'docs/CODEOWNERS': '* @everyone\n' });
    expect(writeCodeowners(top, 'a/', ['/a/x @one'])).toEqual({ file: 'docs/CODEOWNERS', changed: true });
    expect(writeCodeowners(top, '', ['/y @two'])).toEqual({ file: 'docs/CODEOWNERS', changed: true });
    fs.appendFileSync(path.join(top, 'docs/CODEOWNERS'), '/z @three\n');
    expect(writeCodeowners(top, 'a/', ['/a/x @four'])).toEqual({ file: 'docs/CODEOWNERS', changed: true });
    expect(writeCodeowners(top, 'a/', ['/a/x @four'])).toEqual({ file: 'docs/CODEOWNERS', changed: false });
    expect(fs.readFileSync(path.join(top, 'docs/CODEOWNERS'), 'utf8')).toBe(
      `* @everyone\n\n${codeownersBlock(['/a/x @four'], 'a/')}\n${codeownersBlock(['/y @two'], '')}/z @three\n`,
    );
    const fresh = federationFolder({});
    expect(writeCodeowners(fresh, '', ['/y @two']).file).toBe('.github/CODEOWNERS');
    fs.writeFileSync(path.join(fresh, '.github/CODEOWNERS'), '# END vcloud net owners\n');
    expect(() => writeCodeowners(fresh, '', [])).toThrow(ProblemError);
  });
});
