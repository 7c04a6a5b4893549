import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  editedValue,
  formats,
  parseYaml,
  ProblemError,
  Problems,
  signEnvelope,
  stepsForward,
  type DocumentEdit,
  type Format,
  type Formats,
  type Problem,
} from '../../modules/core/index.ts';
import { readManifest } from '../../modules/engine/read-manifest.ts';
import { readRunning } from '../../modules/engine/running.ts';
import { readStackFile } from '../../modules/engine/state.ts';
import { extractPayloadType, verifyExtract } from '../../modules/federation/index.ts';
import { bundlePayloadType, readRegistry } from '../../modules/inventory/index.ts';
import { readMemory } from '../../modules/inventory/bundle/create.ts';
import { peekBundle } from '../../modules/inventory/bundle/verify.ts';
import { editYamlText, planMigration, unifiedDiff, writeMigration } from '../../modules/migrate/index.ts';
import { readLock } from '../../modules/network/lock.ts';
import { formatEnvelope } from '../../modules/core/index.ts';
import { generateKeyPairSync } from 'node:crypto';
import { folderWith } from '../helpers/folder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What a call refuses with. */
function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

// Two versions that do not exist, to try steps there has been no need for yet.
const plan: Format = {
  kind: 'NetworkPlan',
  writer: 'people',
  what: 'a plan',
  versions: ['vcloud/v1', 'vcloud/v2', 'vcloud/v3'],
  steps: [
    {
      from: 'vcloud/v1',
      to: 'vcloud/v2',
      why: 'needs are called wants',
      edits: (document) => ('needs' in document ? [{ op: 'rename', at: ['needs'], name: 'wants' }] : []),
    },
    {
      from: 'vcloud/v2',
      to: 'vcloud/v3',
      why: 'a want says its size, and nobody its colour',
      edits: ({ wants }) =>
        (wants as Record<string, unknown>[]).flatMap((want, index): DocumentEdit[] => [
          { op: 'set', at: ['wants', index, 'size'], value: 48 },
          ...('colour' in want ? [{ op: 'remove' as const, at: ['wants', index, 'colour'] }] : []),
        ]),
    },
  ],
};
const tool: Format = { ...plan, kind: 'Registry', writer: 'tool', versions: ['vcloud/v1', 'vcloud/v2'], steps: plan.steps.slice(0, 1) };
const sealed: Format = { ...tool, kind: 'PlanManifest', writer: 'sealed' };
const future: Formats = new Map([...formats, ['NetworkPlan', plan], ['Registry', tool], ['PlanManifest', sealed]]);

const old = `# what we need
apiVersion: vcloud/v1   # the first
kind: NetworkPlan
needs:      # all of them
  - { key: b, colour: red }   # flow
  - colour: "blue" # goes
    # about a
    key: 'a'
  # the last
  - key: c
    colour: green
    note: >-
      two
      lines

`;

const now = `# what we need
apiVersion: vcloud/v3   # the first
kind: NetworkPlan
wants:      # all of them
  - { key: b, size: 48 }   # flow
  -  # goes
    # about a
    key: 'a'
    size: 48
  # the last
  - key: c
    note: >-
      two
      lines

    size: 48
`;

describe('a migration', () => {
  it('takes a file over several versions, with its comments, order and quotes', async () => {
    const root = folderWith({ 'network-plans/a.yaml': old, 'network-plans/b.yaml': 'apiVersion: vcloud/v3\nkind: NetworkPlan\nwants: []\n' });
    const migration = planMigration(root, { formats: future });
    expect(migration.files).toMatchObject([
      { file: 'network-plans/a.yaml', version: 'vcloud/v1', present: 'vcloud/v3', state: 'old', steps: plan.steps.map(({ why }) => why) },
      { file: 'network-plans/b.yaml', version: 'vcloud/v3', state: 'present', steps: [] },
    ]);
    expect(fs.readFileSync(path.join(root, 'network-plans/a.yaml'), 'utf8')).toBe(old);
    expect(await writeMigration(root, migration)).toEqual(['network-plans/a.yaml']);
    expect(fs.readFileSync(path.join(root, 'network-plans/a.yaml'), 'utf8')).toBe(now);
    expect(planMigration(root, { formats: future }).changes.size).toBe(0);
  });

  it('shows a diff that git applies to the same result', () => {
    const root = folderWith({
      'network-plans/a.yaml': old,
      '.vcloud/registry.json': '{\n  "apiVersion": "vcloud/v1",\n  "kind": "Registry",\n  "needs": 1\n}\n',
    });
    const { diff, changes } = planMigration(root, { formats: future });
    const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: root,
      input: diff,
      encoding: 'utf8',
      env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(root) },
    });
    expect([status, stderr]).toEqual([0, '']);
    expect([...changes.keys()].sort()).toEqual(['.vcloud/registry.json', 'network-plans/a.yaml']);
    for (const [file, { after }] of changes) expect(fs.readFileSync(path.join(root, file), 'utf8')).toBe(after);
  });

  it('adds the line a file lacks, and takes what AsnPlans once could say away', () => {
    const root = folderWith({
      'network-plans/asns.yaml': 'kind: AsnPlan # numbers\nmetadata: { name: asns }\nranges: []\nneeds:\n  - { key: a, owner: b }\n',
    });
    const { changes } = planMigration(root);
    expect(changes.get('network-plans/asns.yaml')?.after).toBe(
      'apiVersion: vcloud/v1\nkind: AsnPlan # numbers\nmetadata: { name: asns }\nranges: []\nneeds:\n  - { key: a }\n',
    );
  });

  it('leaves what was signed or reviewed as it is, and reads it', () => {
    const manifest = '{\n  "apiVersion": "vcloud/v1",\n  "kind": "PlanManifest",\n  "needs": []\n}\n';
    const root = folderWith({ '.vcloud/plans/0123456789abcdef/manifest.json': manifest });
    const { files, changes } = planMigration(root, { formats: future });
    expect(files).toMatchObject([{ state: 'old', writer: 'sealed' }]);
    expect(changes.size).toBe(0);
  });

  it('writes all files or none', async () => {
    const root = folderWith({ 'network-plans/a.yaml': old, 'network-plans/b.yaml': old, 'network-plans/deep/c.yaml': old });
    const migration = planMigration(root, { formats: future });
    const before = (): string[] => ['a.yaml', 'b.yaml', 'deep/c.yaml'].map((name) => fs.readFileSync(path.join(root, 'network-plans', name), 'utf8'));
    // Changed meanwhile.
    fs.appendFileSync(path.join(root, 'network-plans/b.yaml'), '# mine\n');
    await expect(writeMigration(root, migration)).rejects.toThrow(/changed since it was read/u);
    expect(before()).toEqual([old, `${old}# mine\n`, old]);
    // The last file cannot be put in place: a folder of its draft's name stands in the way.
    fs.writeFileSync(path.join(root, 'network-plans/b.yaml'), old);
    const blocked = path.join(root, `network-plans/deep/.c.yaml.${process.pid}.old.tmp`);
    fs.mkdirSync(blocked);
    await expect(writeMigration(root, migration)).rejects.toThrow(/EEXIST/u);
    expect(before()).toEqual([old, old, old]);
    fs.rmdirSync(blocked);
    await writeMigration(root, migration);
    expect(before()).toEqual([now, now, now]);
    expect(fs.readdirSync(path.join(root, 'network-plans')).sort()).toEqual(['a.yaml', 'b.yaml', 'deep']);
  });

  it('names every file it cannot bring forward, and writes none', () => {
    const root = folderWith({
      'vcloud.yaml': 'apiVersion: vcloud/v7\nkind: Federation\n',
      'stacks/a/a.yaml': 'apiVersion: vcloud/v0\nkind: Declarations\n',
      'network-plans/a.yaml': old,
      'network-plans/x.yaml': 'hello: world\n',
      '.vcloud/registry.json': '{"apiVersion":"vcloud/v2","kind":"Registry"}',
    });
    const problems = problemsOf(() => planMigration(root));
    expect(problems.filter(({ severity }) => severity === 'error').map(({ code, file, message }) => [code, file, message])).toEqual([
      ['CORE-VERSION', 'vcloud.yaml', 'this Federation is of version vcloud/v7; this toolkit reads up to vcloud/v1'],
      ['MIGRATE-VERSION', 'stacks/a/a.yaml', 'no release wrote version "vcloud/v0" of Declarations; versions: vcloud/v1'],
      ['CORE-VERSION', '.vcloud/registry.json', 'this Registry is of version vcloud/v2; this toolkit reads up to vcloud/v1'],
    ]);
    expect(problems.filter(({ severity }) => severity === 'warning').map(({ code, file }) => [code, file])).toEqual([
      ['MIGRATE-UNKNOWN', 'network-plans/x.yaml'],
    ]);
  });
});

describe('the command', () => {
  const run = (root: string, ...args: string[]) =>
    spawnSync(process.execPath, [`${repository}/bin/vcloud.js`, 'migrate', '-C', root, ...args], { encoding: 'utf8' });
  const asns = (owner: string): string =>
    `# numbers\napiVersion: vcloud/v1\nkind: AsnPlan\nmetadata: { name: asns }\nranges: [{ name: a, first: 65536, last: 65551 }]\nneeds:\n  - { key: one${owner}, range: a } # the first\n`;

  it('exits 2 with the diff, writes with --write, and then has nothing to do', () => {
    const root = folderWith({ 'network-plans/asns.yaml': asns(', owner: x') });
    const shown = run(root);
    expect(shown.status).toBe(2);
    expect(shown.stdout).toContain('-  - { key: one, owner: x, range: a } # the first\n+  - { key: one, range: a } # the first\n');
    expect(shown.stdout).toContain('1 file would change; nothing was written (--write)');
    expect(fs.readFileSync(path.join(root, 'network-plans/asns.yaml'), 'utf8')).toBe(asns(', owner: x'));
    expect(run(root, '--write').status).toBe(0);
    expect(fs.readFileSync(path.join(root, 'network-plans/asns.yaml'), 'utf8')).toBe(asns(''));
    const again = JSON.parse(run(root, '--json').stdout) as { data: { changed: string[]; diff: string; written: boolean; files: unknown[] } };
    expect(again.data).toMatchObject({ changed: [], diff: '', written: false, files: [{ kind: 'AsnPlan', version: 'vcloud/v1', state: 'present' }] });
  });
});

describe('a file of a newer toolkit', () => {
  const newer = (kind: string): string => JSON.stringify({ apiVersion: 'vcloud/v9', kind });
  const { privateKey } = generateKeyPairSync('ed25519');
  const root = (files: Record<string, string>): string => folderWith(files);
  const lock = (kind: string) => () => {
    const problems = new Problems();
    readLock('a.lock.yaml', `apiVersion: vcloud/v9\nkind: ${kind}\nallocations: {}\n`, 0, problems);
    problems.throwIfErrors();
  };

  it.each<[string, () => unknown]>([
    ...['Federation', 'Declarations', 'NetworkPlan', 'AsnPlan', 'ZonePlan', 'OverlayPlan', 'PolicyRules', 'AdoptMapping', 'SomethingNew'].map(
      (kind): [string, () => unknown] => [kind, () => parseYaml('a.yaml', `apiVersion: vcloud/v9\nkind: ${kind}\n`)],
    ),
    ['NetworkLock', lock('NetworkLock')],
    ['PlanManifest', () => readManifest(root({ 'manifest.json': newer('PlanManifest') }), 'plan')],
    ['AppliedStack', () => readStackFile(root({ '.vcloud/state/a/stack.json': newer('AppliedStack') }), 'a')],
    ['RunningApply', () => readRunning(root({ '.vcloud/state/a/running.json': newer('RunningApply') }), 'a')],
    ['Registry', () => readRegistry(root({ '.vcloud/registry.json': newer('Registry') }))],
    ['BundleMemory', () => readMemory(root({ '.vcloud/bundle.json': newer('BundleMemory') }))],
    ['Bundle', () => peekBundle(root({ 'bundle.json': formatEnvelope(signEnvelope(bundlePayloadType, newer('Bundle'), privateKey)) }), 'bundle')],
    ['MemberExtract', () => verifyExtract(formatEnvelope(signEnvelope(extractPayloadType, newer('MemberExtract'), privateKey)), undefined)],
  ])('%s is refused by name, with the way out', (kind, read) => {
    const [found] = problemsOf(read);
    expect(found).toMatchObject({ code: 'CORE-VERSION', severity: 'error' });
    expect(found?.message).toBe(`this ${kind} is of version vcloud/v9; this toolkit reads up to vcloud/v1`);
    expect(found?.hint).toContain('npm install vcloud@latest');
  });
});

// Documents of any form, and edits of their parts that do not lie in each other.
const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('a', 'b c', 'yes', "it's", 'x: y', '', '# no', '10', 'đường'));
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('k', 'key', 'owner', 'long name', 'z'), tie('any'), { maxKeys: 4 }),
  ),
})).any;

/** A document as people might write it: block or flow at every level, comments and blank lines between. */
function textOf(document: unknown, coin: () => boolean, indent = ''): string {
  if (Array.isArray(document) && document.length > 0 && coin())
    return `\n${document.map((item) => `${coin() ? `${indent}# about\n` : ''}${indent}- ${inline(item, coin, `${indent}  `)}`).join('\n')}`;
  if (document !== null && typeof document === 'object' && !Array.isArray(document) && Object.keys(document).length > 0 && coin())
    return `\n${Object.entries(document)
      .map(([key, item]) => `${coin() ? `${indent}# on\n` : ''}${indent}${JSON.stringify(key)}: ${textOf(item, coin, `${indent}  `)}`)
      .join(coin() ? '\n\n' : '\n')}`;
  return `${JSON.stringify(document)}${coin() ? ' # said' : ''}`;
}

function inline(document: unknown, coin: () => boolean, indent: string): string {
  const text = textOf(document, coin, indent);
  // The first key of a map may stand on the line of its dash.
  return text.startsWith(`\n${indent}"`) && coin() ? text.slice(1 + indent.length) : text;
}

describe('an edit of a text', () => {
  it('says the same as the edit of its value, and keeps every other comment', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('k', 'key', 'owner', 'needs'), value, { minKeys: 1, maxKeys: 4 }),
        fc.array(fc.boolean(), { minLength: 64, maxLength: 64 }),
        fc.array(fc.tuple(fc.nat(30), fc.constantFrom('set', 'remove', 'rename', 'add'), scalar), { minLength: 1, maxLength: 4 }),
        (document, coins, wishes) => {
          let toss = 0;
          const coin = (): boolean => coins[toss++ % coins.length] ?? false;
          const text = `apiVersion: x\n${Object.entries(document)
            .map(([key, item]) => `${key}: ${textOf(item, coin, '  ')}`)
            .join('\n')}\n`;
          expect(parse(text)).toEqual({ apiVersion: 'x', ...document });
          const edits: DocumentEdit[] = [];
          const places = placesIn(document);
          for (const [number, op, to] of wishes) {
            const at = places[number % places.length] ?? [];
            const own = op === 'add' ? [...at.slice(0, -1), 'fresh'] : at;
            const touches = (one: readonly unknown[], other: readonly unknown[]): boolean =>
              one.every((step, index) => index >= other.length || step === other[index]);
            if (edits.some((edit) => touches(edit.at, own) || touches(own, edit.at))) continue;
            if (op === 'rename') edits.push({ op, at: own, name: 'renamed' });
            else if (op === 'remove') edits.push({ op, at: own });
            else edits.push({ op: 'set', at: own, value: to });
          }
          // Two keys of one map must not get one name.
          const renamed = edits.filter(({ op }) => op === 'rename').map(({ at }) => JSON.stringify(at.slice(0, -1)));
          fc.pre(new Set(renamed).size === renamed.length);
          const after = editYamlText('a.yaml', text, edits);
          expect(parse(after), `${text}\n${JSON.stringify(edits)}\n${after}`).toEqual(editedValue({ apiVersion: 'x', ...document }, edits));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps line ends and a byte order mark', () => {
    const text = '\uFEFFapiVersion: vcloud/v1\r\nkind: A\r\nneeds:\r\n  - key: a\r\n    owner: b\r\n  - key: c\r\n';
    expect(
      editYamlText('a.yaml', text, [
        { op: 'set', at: ['apiVersion'], value: 'vcloud/v2' },
        { op: 'remove', at: ['needs', 0, 'owner'] },
        { op: 'set', at: ['needs', 1, 'size'], value: 3 },
      ]),
    ).toBe('\uFEFFapiVersion: vcloud/v2\r\nkind: A\r\nneeds:\r\n  - key: a\r\n  - key: c\r\n    size: 3\r\n');
  });

  it('refuses a place behind an alias', () => {
    const text = 'base: &b { owner: x }\nneeds:\n  - *b\n';
    expect(problemsOf(() => editYamlText('a.yaml', text, [{ op: 'remove', at: ['needs', 0, 'owner'] }]))).toMatchObject([
      { code: 'MIGRATE-TEXT', file: 'a.yaml' },
    ]);
  });
});

function placesIn(document: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(document)) return document.flatMap((item, index) => placesIn(item, [...at, index]));
  if (document === null || typeof document !== 'object') return [];
  return Object.entries(document).flatMap(([key, item]) => [[...at, key], ...placesIn(item, [...at, key])]);
}

describe('a diff', () => {
  const line = fc.constantFrom('a', 'b', 'c', '', ' x');
  const file = fc
    .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
    .map(([lines, open]) => (lines.length === 0 ? '' : `${lines.join('\n')}${open ? '' : '\n'}`));

  it('is what patch makes the new text of', () => {
    const root = folderWith({});
    fc.assert(
      fc.property(file, file, (before, after) => {
        const diff = unifiedDiff('a.txt', before, after);
        if (before === after) return diff === '';
        fs.writeFileSync(path.join(root, 'a.txt'), before);
        const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
          cwd: root,
          input: diff,
          encoding: 'utf8',
          env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(root) },
        });
        expect([status, stderr], `${JSON.stringify([before, after])}\n${diff}`).toEqual([0, '']);
        return fs.readFileSync(path.join(root, 'a.txt'), 'utf8') === after;
      }),
      { numRuns: 60 },
    );
  });
});

describe('steps', () => {
  it('share what they do not touch and change nothing twice', () => {
    const document = { apiVersion: 'vcloud/v1', kind: 'NetworkPlan', needs: [{ key: 'a', colour: 'red' }], pools: [{ name: 'p' }] };
    const first = stepsForward(document, {}, future);
    expect(first.value).toEqual({ apiVersion: 'vcloud/v3', kind: 'NetworkPlan', wants: [{ key: 'a', size: 48 }], pools: [{ name: 'p' }] });
    expect((first.value as typeof document).pools).toBe(document.pools);
    expect(stepsForward(first.value, {}, future)).toEqual({ value: first.value, steps: [] });
    expect(document.needs).toEqual([{ key: 'a', colour: 'red' }]);
  });

  it('know versions and kinds of every file: the last version is the one that is written', () => {
    for (const { kind, versions, steps } of formats.values()) {
      expect(new Set(versions).size, kind).toBe(versions.length);
      for (const { from, to } of steps) expect([versions.includes(from), versions.includes(to)], kind).toEqual([true, true]);
    }
  });
});
