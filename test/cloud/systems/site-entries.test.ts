import * as os from 'node:os';
import { App, TerraformStack } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Agency } from '../../../modules/cloud/program/agency.ts';
import { renderStack } from '../../../modules/cloud/synth/render.ts';
import { World } from '../../../modules/cloud/synth/world.ts';
import { declaredShape } from '../../../modules/cloud/systems/intent.ts';
import { placeOnSite, type Rule } from '../../../modules/cloud/systems/site/index.ts';
import { loadFederation } from '../../../modules/federation/index.ts';
import { loadAddressPlans, planAddresses } from '../../../modules/network/index.ts';
import { oneIntent } from './one-intent.ts';

const asOf = '2026-01-01';

describe('an entry at a site for members of the same system', () => {
  it('opens both ends: to its address at who uses it, from its address at who is behind it', async () => {
    const root = oneIntent();
    const federation = await loadFederation(root, { asOf });
    const { addressPlan } = planAddresses(await loadAddressPlans(root, federation));
    const world = new World(federation, addressPlan, { zones: [], files: new Map() });
    const app = new App({ outdir: os.tmpdir(), stackTraces: false });
    const unit = world.units.find(({ id }) => world.answer('unit', id).includes('permits-harbour')) ?? expect.fail('no unit');
    const agency = new Agency(app, world, unit);
    const tenant = agency.tenant('permits-harbour');
    const shape = declaredShape(agency, tenant) ?? expect.fail('no shape');
    const service = shape.components.find(({ name }) => name === 'application')?.ports[0] ?? expect.fail('no port');
    const inside = {
      name: 'inside',
      component: 'application',
      listen: 8090,
      port: service.name,
      from: { component: 'portal' },
      tls: { at: 'members' },
    } as const;
    placeOnSite(agency, tenant, { ...shape, entries: [...shape.entries, inside] });
    const stacks = app.node.findAll().filter((child) => TerraformStack.isStack(child));
    for (const stack of stacks) stack.prepareStack();
    const records = stacks.flatMap((stack) => {
      const { resource } = JSON.parse(renderStack(stack, unit.agency, 'production').json) as {
        resource: Record<string, Record<string, { input: Record<string, unknown> }>>;
      };
      return Object.values(resource['terraform_data'] ?? {}).map(({ input }) => input);
    });
    const rules = (component: string): Rule[] =>
      (records.find(({ name }) => name === `permits-harbour-${component}-rules`)?.['rules'] as Rule[]).filter(({ peer }) => peer === 'entry inside');
    const entry = records.find(({ name }) => name === 'permits-harbour-inside');
    const prefixes = [`${String(entry?.['v4'])}/32`, `${String(entry?.['v6'])}/128`];
    expect(rules('portal')).toEqual([{ direction: 'out', peer: 'entry inside', prefixes, protocol: 'tcp', port: 8090, why: 'uses inside' }]);
    expect(rules('application')).toMatchObject([{ direction: 'in', prefixes, port: service.number }]);
    expect(rules('database')).toEqual([]);
  });
});
