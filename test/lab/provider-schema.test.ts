import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesise } from '../../modules/cloud/index.ts';
import { providerSchema } from '../../modules/cloud/runtime/schema.ts';
import { isObject } from '../../modules/core/index.ts';
import { openZones } from '../../modules/dns/index.ts';
import type { SynthesisedStack } from '../../modules/engine/index.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { loadAddressPlans, planAddresses } from '../../modules/network/index.ts';
import { because, present, providerMirror, terraformBinary, terraformIn, tofuBinary, type Ended } from './support/lab.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const mirror = providerMirror();
const engines = { terraform: terraformBinary(), tofu: tofuBinary() };

let synthesised: Promise<readonly SynthesisedStack[]> | undefined;

/** The stacks of the reference federation as they are in production: with the provider's own resources. */
async function productionStacks(): Promise<readonly SynthesisedStack[]> {
  const asOf = '2026-01-01';
  const declared = await loadFederation(repository, { asOf });
  const federation = { ...declared, settings: { ...declared.settings, environment: 'production' as const } };
  const { addressPlan, problems } = planAddresses(await loadAddressPlans(repository, federation));
  expect(problems).toEqual([]);
  const zones = await openZones(repository, { asOf });
  return (await synthesise({ root: repository, federation, addresses: addressPlan, zones, cache: false })).stacks;
}

/** Every argument that a stack writes, as `type.argument.argument`: what the provider is asked to accept. */
function argumentsOf({ json }: SynthesisedStack): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown, at: string): void => {
    if (Array.isArray(value)) value.forEach((item) => walk(item, at));
    else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        found.add(`${at}.${key}`);
        walk(inner, `${at}.${key}`);
      }
    }
  };
  const document: unknown = JSON.parse(json);
  for (const section of ['resource', 'data']) {
    const types = isObject(document) ? document[section] : undefined;
    for (const [type, bodies] of Object.entries(isObject(types) ? types : {})) {
      for (const body of Object.values(isObject(bodies) ? bodies : {})) walk(body, `${section}.${type}`);
    }
  }
  return found;
}

/** The fewest stacks found that together write every argument any of `stacks` writes. */
function covering(stacks: readonly SynthesisedStack[]): SynthesisedStack[] {
  const left = stacks.map((stack) => ({ stack, writes: argumentsOf(stack) }));
  const open = new Set(left.flatMap(({ writes }) => [...writes]));
  const chosen: SynthesisedStack[] = [];
  while (open.size > 0) {
    const gain = ({ writes }: { writes: Set<string> }): number => [...writes].filter((written) => open.has(written)).length;
    const best = left.reduce((one, other) => (gain(other) > gain(one) ? other : one));
    best.writes.forEach((written) => open.delete(written));
    chosen.push(best.stack);
  }
  return chosen;
}

function at(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function valuesOf(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value) : [];
}

const blocksOf = (kinds: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(isObject(kinds) ? kinds : {}).map(([type, schema]) => [type, essence(at(schema, 'block'))]));
const blockMap = (kinds: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(kinds).map(([type, block]) => [type, essence(block)]));

/** A schema without what only people read, and without what says the same by being absent. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !/^(description|description_kind|version)$/u.test(key) || isObject(inner));
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, essence(inner)]).filter(([, inner]) => inner !== false && !(isObject(inner) && Object.keys(inner).length === 0)),
  );
}

const usesOnlyOpenstack = ({ resources }: SynthesisedStack): boolean =>
  resources.some(({ type }) => type.startsWith('openstack_')) && resources.every(({ type }) => /^(openstack_|terraform_data$)/u.test(type));

describe.each(['terraform', 'tofu'] as const)('the real OpenStack provider under %s', (name) => {
  const why = because(mirror, engines[name]);

  describe.skipIf(why !== '')(`judges stacks of the reference federation${why}`, () => {
    let folder: string;
    let stacks: readonly SynthesisedStack[] = [];
    beforeAll(async () => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-validate-'));
      stacks = (await (synthesised ??= productionStacks())).filter(usesOnlyOpenstack);
    });
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

    function validate(stack: string, json: string): Ended {
      const place = path.join(folder, stack);
      fs.mkdirSync(place, { recursive: true });
      fs.writeFileSync(path.join(place, 'main.tf.json'), json);
      const run = terraformIn(place, { binary: present(engines[name]), mirror: present(mirror) });
      const ready = run('init', '-input=false', '-backend=false');
      expect(ready.status, `${stack}: ${ready.output}`).toBe(0);
      return run('validate', '-json');
    }

    const diagnostics = ({ stdout }: Ended): unknown => {
      const answer: unknown = JSON.parse(stdout);
      return isObject(answer) ? answer['diagnostics'] : answer;
    };

    it('and accepts every argument that any of them writes, without a warning', () => {
      const chosen = covering(stacks);
      expect(stacks.length).toBeGreaterThan(100);
      expect(new Set(chosen.flatMap(({ resources }) => resources.map(({ type }) => type))).size).toBeGreaterThan(10);
      for (const { path: stack, json } of chosen) expect(diagnostics(validate(stack, json)), stack).toEqual([]);
    });

    it('and reports about itself exactly the schema that our classes and checks were made from', () => {
      const place = path.join(folder, 'schema');
      fs.mkdirSync(place);
      const { source } = providerSchema('openstack');
      fs.writeFileSync(path.join(place, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: { openstack: { source } } } }));
      const run = terraformIn(place, { binary: present(engines[name]), mirror: present(mirror) });
      expect(run('init', '-input=false').status).toBe(0);
      const answer: unknown = JSON.parse(run('providers', 'schema', '-json').stdout);
      const reported = valuesOf(at(answer, 'provider_schemas'));
      expect(reported).toHaveLength(1);
      const { resources, data, configuration } = providerSchema('openstack');
      expect(blocksOf(at(reported[0], 'resource_schemas'))).toEqual(blockMap(resources));
      expect(blocksOf(at(reported[0], 'data_source_schemas'))).toEqual(blockMap(data));
      expect(essence(at(at(reported[0], 'provider'), 'block'))).toEqual(essence(configuration));
      expect(Object.keys(resources).length).toBeGreaterThan(100);
    });

    it('and refuses an argument it does not have, so it does judge', () => {
      const [stack] = stacks;
      const spoilt = (stack?.json ?? '').replace('"name":', '"no_such_argument":');
      expect(validate('spoilt', spoilt).stdout).toContain('no_such_argument');
    });
  });
});
