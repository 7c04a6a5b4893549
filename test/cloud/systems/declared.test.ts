import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { loadFederation } from '../../../modules/federation/index.ts';
import { describeBlueprint, systemBlueprints, type Blueprint } from '../../../modules/cloud/systems/index.ts';
import { documentOf, fixture, type Fixture } from '../world.ts';

/** A tenant as YAML, which JSON is. */
function tenantOf(blueprint: Blueprint, id: string, cloud: string, more: object = {}): string {
  const parameters = { ...blueprint.example, ...(blueprint.example['audience'] === undefined ? {} : { audience: ['dedicated=agency/works'] }), ...more };
  return `  - ${JSON.stringify({ id, names: { vi: id, en: id }, owner: 'works', cloud, blueprint: blueprint.name, parameters })}\n`;
}

/** A federation in which tenants are of the kinds named, numbered and with every holder their examples name. */
function world(tenants: readonly string[], systems = ''): Fixture {
  const made = fixture('production');
  made.write(
    'stacks/works/systems.yaml',
    `apiVersion: vcloud/v1\nkind: Declarations\ntenants:\n${tenants.join('')}${systems === '' ? '' : `systems:\n${systems}`}`,
  );
  let row = 100;
  const number = (key: string): void => {
    row += 1;
    made.allocations.set(key, { key, v4: `10.${row}.0.0/26`, v6: `2001:db8:${row}::/64`, place: { file: 'plan.yaml' }, container: false, role: 'network' });
  };
  for (const { example } of systemBlueprints.values())
    for (const text of Object.values(example).flat())
      for (const [key] of String(text).matchAll(/(?:tenant|agency|site|domain)\/[a-z/-]+/gu)) if (!made.allocations.has(key)) number(key);
  for (const line of tenants) {
    const [, id = ''] = /"id":"([^"]+)"/u.exec(line) ?? [];
    for (const network of ['web', 'app', 'data', 'management', 'exchange', 'egress']) number(`tenant/${id}/${network}`);
  }
  return made;
}

const blueprints = [...systemBlueprints.values()];
const partnered = (first: string, second: string): string =>
  `  - { id: ${first}, names: { vi: S, en: S }, owner: works, tenants: [${first}], network: dedicated, dataClass: shared, disasterRecovery: { tenant: ${second}, mode: replica, rpoMinutes: 60, rtoMinutes: 120 } }\n`;

describe('a tenant declared to be a system', () => {
  it('gets that system on OpenStack, whichever of the nine it is, and its other side on another', async () => {
    const tenants = blueprints.flatMap((one) => [tenantOf(one, `${one.name}-one`, 'works-cloud'), tenantOf(one, `${one.name}-two`, 'second-cloud')]);
    const systems = blueprints.map(({ name }) => partnered(`${name}-one`, `${name}-two`)).join('');
    const made = world(tenants, systems);
    made.write(
      'stacks/works/cloud.yaml',
      'apiVersion: vcloud/v1\nkind: Declarations\nclouds:\n  - { id: second-cloud, kind: openstack, names: { vi: C, en: C }, owner: works, regions: [{ name: south, site: works-dc }] }\n',
    );
    const synthesis = await made.run();
    for (const { name, members } of blueprints) {
      for (const side of ['one', 'two']) {
        const { resource } = documentOf(synthesis, `works.${name}-${side}.workload`);
        const stack = synthesis.stacks.find(({ path }) => path === `works.${name}-${side}.workload`);
        // Nothing of a system waits for another stack than its own project's: the two sides start without each other.
        expect(stack?.reads.filter((read) => !read.startsWith(`works.${name}-${side}.`))).toEqual([]);
        const servers = Object.keys(resource['openstack_compute_instance_v2'] ?? {});
        for (const member of Object.keys(members))
          expect(
            servers.some((server) => server.startsWith(member)),
            `${name}: ${member}`,
          ).toBe(true);
      }
      const rules = (side: string): string =>
        JSON.stringify(documentOf(synthesis, `works.${name}-${side}.workload`).resource['openstack_networking_secgroup_rule_v2']);
      const data = (side: string): string => made.allocations.get(`tenant/${name}-${side}/data`)?.v6 ?? '';
      if (name !== 'edge')
        expect([rules('one').includes(data('two').replace(/::\/64$/u, '')), rules('two').includes(data('one').replace(/::\/64$/u, ''))], name).toEqual([
          true,
          true,
        ]);
    }
  });

  it('may be written as the example people read of each kind is, word for word', async () => {
    const made = fixture();
    const examples = blueprints.map((one) => describeBlueprint(one).example.replace('id: example', `id: ${one.name}`));
    made.write('stacks/works/examples.yaml', `apiVersion: vcloud/v1\nkind: Declarations\ntenants:\n${examples.join('')}`);
    const { tenants } = await loadFederation(made.root, { asOf: '2026-01-01' });
    for (const { name, example } of blueprints) expect(tenants.get(name)).toMatchObject({ blueprint: name, parameters: example });
  });

  it('keeps an archive as objects where a cloud has them, and can do what the refusal says', async () => {
    const archive = systemBlueprints.get('archive') as Blueprint;
    const run = async (more: object): Promise<unknown> => {
      const made = world([tenantOf(archive, 'files', 'works-cloud', { medium: 'objects', objectStore: ['agency/works:443'], ...more })]);
      return documentOf(await made.run(), 'works.files.workload').resource['openstack_objectstorage_container_v1'];
    };
    await expect(run({})).rejects.toThrow(/store sealed cannot be placed on works-cloud[^]*parameter `storeClass`/u);
    expect(Object.values((await run({ storeClass: 'write-once' })) as object)).toMatchObject([{ name: 'files-sealed', storage_policy: 'write-once' }]);
  });

  it('is the same system on a Kubernetes cluster', async () => {
    const usable = blueprints.filter(({ needsPartner }) => needsPartner !== true);
    const synthesis = await world(usable.map((one) => tenantOf(one, one.name, 'works-cluster'))).run();
    for (const { name, members } of usable) {
      const kinds = documentOf(synthesis, `works.${name}.workload`).resource;
      const named = JSON.stringify([kinds['kubernetes_deployment_v1'], kinds['kubernetes_stateful_set_v1']]);
      for (const member of Object.keys(members)) expect(named, `${name}: ${member}`).toContain(`"${member}`);
    }
  });

  it('is refused with tenant, parameter, place, cause and an example where something is missing', async () => {
    const node = systemBlueprints.get('exchange-node');
    const tenants = [tenantOf(node as Blueprint, 'node', 'works-cloud').replace('"timeStampAuthority":"tenant/certification/web",', '')];
    const found = await world(tenants)
      .run()
      .catch((error: unknown) => error);
    expect(found).toBeInstanceOf(ProblemError);
    expect((found as ProblemError).problems).toEqual([
      {
        code: 'CLOUD-PARAMETER',
        severity: 'error',
        file: 'stacks/works/systems.yaml',
        line: 4,
        column: 5,
        subject: 'tenant/node',
        message:
          'tenant "node": blueprint exchange-node needs the parameter "timeStampAuthority": who stamps the time of an exchange; without it no exchange can be proved',
        hint: 'parameters: { timeStampAuthority: tenant/certification/web }, for example',
      },
    ]);
  });

  it('may be reached from a whole routing domain, where that has one pool of a family', async () => {
    const web = systemBlueprints.get('web-system') as Blueprint;
    const made = world([tenantOf(web, 'site', 'works-cloud', { audience: ['dedicated=domain/dedicated'] })]);
    expect(made.allocations.delete('domain/dedicated')).toBe(true);
    await expect(made.run()).rejects.toThrow(/nothing for domain\/dedicated/u);
    made.pools.set('v6', { name: 'v6', prefix: '3fff::/20', domain: 'dedicated', place: { file: 'plan.yaml' } });
    made.pools.set('v4', { name: 'v4', prefix: '10.0.0.0/8', domain: 'dedicated', place: { file: 'plan.yaml' } });
    expect(JSON.stringify(documentOf(await made.run(), 'works.site.workload').resource['openstack_lb_listener_v2'])).toContain('10.0.0.0/8');
    made.pools.set('more', { name: 'more', prefix: '192.0.2.0/24', domain: 'dedicated', place: { file: 'plan.yaml' } });
    await expect(made.run()).rejects.toThrow(/nothing for domain\/dedicated/u);
  });
});
