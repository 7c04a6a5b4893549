import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, formats, listFiles } from '../../modules/core/index.ts';
import { jsonSchema } from '../../modules/schemas.ts';
import { noEngine } from '../engine/fixtures.ts';
import { goldenKinds, plainModel, type GoldenKind } from './kinds.ts';
import { differences, schemaPaths, shapeOf } from './shapes.ts';
import { writeWorld } from './written.ts';

// test/golden/formats/KIND/VERSION/N/: the N-th shape of a version, as the toolkit of its time wrote it. Nothing in there is ever
// edited or removed. `VCLOUD_GOLDEN=write` adds the next folder where a shape changed, and the model of folders without one.
const golden = path.resolve(import.meta.dirname, '../golden/formats');
const writing = process.env['VCLOUD_GOLDEN'] === 'write';
const ofEngine = new Set([
  'LogHead',
  'LogCheckpoint',
  'PlanApproval',
  'PlanMade',
  'AppliedDeclarations',
  'PlanManifest',
  'PlannedChanges',
  'PreflightResults',
  'LogEntry',
  'AppliedStack',
  'RunningApply',
  'Journal',
]);

const foldersIn = (folder: string): string[] => (fs.existsSync(folder) ? fs.readdirSync(folder).sort((one, other) => Number(one) - Number(other)) : []);
const cases = Object.keys(goldenKinds).flatMap((kind) =>
  foldersIn(path.join(golden, kind)).flatMap((version) => foldersIn(path.join(golden, kind, version)).map((number) => [kind, version, number] as const)),
);
const presentVersion = (kind: string): string => (formats.get(kind)?.versions.at(-1) ?? 'vcloud/v1').replace('vcloud/', '');

function filesOf(world: string, { from, files }: GoldenKind): string[] {
  return listFiles(path.join(world, from), (name) => files.test(name));
}

function copyTo(world: string, kind: GoldenKind, folder: string): void {
  for (const name of filesOf(world, kind)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.copyFileSync(path.join(world, kind.from, name), path.join(folder, name));
  }
}

/** Kinds without golden files, and why. */
const withoutGolden: Readonly<Record<string, string>> = {
  EngineCache: 'what is not understood in it is found out again',
  EngineDurations: 'what is not understood in it is found out again',
  StateBackend: 'written where a store of states is chosen, which needs its server',
  StateBackup: 'the same',
  PlanPreview: 'Pulumi writes it, and is not on every machine: test/lab/engines-openstack.test.ts',
  RunReport: 'a report for people and other programs, read back by nothing here',
  RemovalRecord: 'kept in a remote store, which needs its server: test/engine/removal-records.test.ts reads the first one written',
  HeldLocks: 'there only while a run holds locks in a remote store',
  StateMove: 'there only while a move of resources runs',
  NetworkWrite: 'there only while a write runs',
  UnrecordedResources: 'there only between a crash and its answer',
  PendingImports: 'there only until the next apply of the stack',
};

/** Kinds the sources write with a version: `kind: 'X'` beside `apiVersion`, or a schema with the two lines. */
function kindsInSources(): string[] {
  const modules = path.resolve(import.meta.dirname, '../../modules');
  const kinds = new Set<string>();
  for (const name of listFiles(modules, (file) => file.endsWith('.ts') && !file.startsWith('cloud/providers/'))) {
    const source = fs.readFileSync(path.join(modules, name), 'utf8');
    for (const [, kind = ''] of source.matchAll(/(?:\bheader\(|apiVersion: (?:API_VERSION|'vcloud\/v1'),\s*kind: )'(\w+)'/gu)) kinds.add(kind);
  }
  return [...kinds].sort();
}

describe('every version ever written', () => {
  it('is of a kind the registry of formats knows, so that a newer one is refused by name', () => {
    expect(kindsInSources().length).toBeGreaterThan(20);
    expect(kindsInSources().filter((kind) => !formats.has(kind))).toEqual([]);
  });

  it('has golden files', () => {
    for (const { kind, versions } of formats.values()) {
      if (kind in withoutGolden) continue;
      for (const version of versions) expect(foldersIn(path.join(golden, kind, version.replace('vcloud/', ''))), `${kind} ${version}`).not.toEqual([]);
    }
  });

  it.each(cases)('%s %s, shape %s: is read, and says the same', async (kind, version, number) => {
    const folder = path.join(golden, kind, version, number);
    const model = plainModel(await goldenKinds[kind]?.read(folder));
    const file = path.join(folder, 'model.json');
    if (writing && !fs.existsSync(file)) fs.writeFileSync(file, `${canonicalJson(model, 2)}\n`);
    expect(differences(JSON.parse(fs.readFileSync(file, 'utf8')), model)).toEqual([]);
  });
});

describe('what is written now', () => {
  let world = '';
  beforeAll(async () => {
    world = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-formats-'));
    await writeWorld(world);
  }, 60_000);
  afterAll(() => fs.rmSync(world, { recursive: true, force: true }));

  it.each(Object.entries(goldenKinds))('%s: has the shape of its newest golden file', (name, kind) => {
    if (ofEngine.has(name) && noEngine !== undefined) return;
    const fresh = fs.mkdtempSync(path.join(world, 'fresh-'));
    copyTo(world, kind, fresh);
    expect(filesOf(world, kind), `the small federation writes no ${name}`).not.toEqual([]);
    const version = path.join(golden, name, presentVersion(name));
    const numbers = foldersIn(version);
    const newest = path.join(version, numbers.at(-1) ?? '0');
    const [was, is] = [shapeOf(newest, kind.maps ?? []), shapeOf(fresh, kind.maps ?? [])];
    const changed = canonicalJson(was) !== canonicalJson(is);
    if (writing && changed) copyTo(world, kind, path.join(version, String(numbers.length + 1)));
    const hint = `the shape of ${name} changed. Where older toolkits can read it, add a golden file: VCLOUD_GOLDEN=write npx vitest run --project unit test/migrate (twice); else give it a version and a step in modules/core/formats.ts`;
    if (!writing) expect({ gone: was.filter((one) => !is.includes(one)), new: is.filter((one) => !was.includes(one)) }, hint).toEqual({ gone: [], new: [] });
  });
});

/** Properties that were taken once and are not any more; a step brings what named them forward. */
const dropped: Readonly<Record<string, readonly string[]>> = { 'asn-plan': ['needs[].owner'] };

describe('what people may write', () => {
  it.each(Object.values(goldenKinds).flatMap(({ schema }) => (schema === undefined ? [] : [schema])))('%s: takes every property it ever took', async (kind) => {
    const file = path.join(golden, 'schemas', `${kind}.txt`);
    const now = schemaPaths(await jsonSchema(kind));
    const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    if (writing) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, `${[...new Set([...before, ...now])].sort().join('\n')}\n`);
    }
    expect(before.length + (writing ? 1 : 0)).toBeGreaterThan(0);
    expect(before.filter((one) => !now.includes(one) && !(dropped[kind] ?? []).includes(one))).toEqual([]);
  });
});
