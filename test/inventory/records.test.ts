import { describe, expect, it } from 'vitest';
import type { StackResource, StateResource, SynthesisedStack } from '../../modules/engine/types.ts';
import { collectRecords, type Drift, type InventoryRecord } from '../../modules/inventory/index.ts';
import type { OverlaySet } from '../../modules/vpn/types.ts';
import { allocation, asOf, centre, plan } from './support.ts';

const place = { file: 'stacks/da-nang/lgsp.ts', line: 7, column: 3 };

function stack(bodies: Readonly<Record<string, unknown>>, environment: 'sandbox' | 'production' = 'sandbox'): SynthesisedStack {
  const resources = Object.keys(bodies).map((address): StackResource => {
    const [type = '', name = ''] = address.split('.');
    return {
      address,
      type,
      planned: environment === 'sandbox' ? `terraform_data.${type}__${name}` : address,
      construct: `Lgsp/${name}`,
      subject: 'tenant/da-nang-lgsp',
      place,
      name,
    };
  });
  const resource: Record<string, Record<string, unknown>> = {};
  for (const [address, body] of Object.entries(bodies)) {
    const [type = '', name = ''] = address.split('.');
    if (environment === 'sandbox') (resource['terraform_data'] ??= {})[`${type}__${name}`] = { input: body };
    else (resource[type] ??= {})[name] = body;
  }
  const json = JSON.stringify({ resource });
  return {
    path: 'da-nang.da-nang-lgsp.workload',
    agency: 'da-nang',
    tenant: 'da-nang-lgsp',
    cloud: 'da-nang-cloud',
    environment,
    json,
    digest: 'd',
    dependsOn: [],
    reads: ['da-nang.da-nang-lgsp.platform'],
    resources,
  };
}

const held = (address: string, attributes: StateResource['attributes']): StateResource => ({
  stack: 'da-nang.da-nang-lgsp.workload',
  address,
  type: 'openstack_compute_instance_v2',
  attributes,
});

const server = 'openstack_compute_instance_v2.web';
const planned = 'terraform_data.openstack_compute_instance_v2__web';

async function recordsOf(stacks: SynthesisedStack[], states?: ReadonlyMap<string, readonly StateResource[]>): Promise<InventoryRecord[]> {
  const { federation } = await centre();
  return collectRecords({ federation, synthesis: { stacks, cached: 0 }, states });
}

async function driftOf(
  body: unknown,
  state: readonly StateResource[] | undefined,
  environment: 'sandbox' | 'production' = 'sandbox',
): Promise<[Drift | undefined, unknown]> {
  const one = stack({ [server]: body }, environment);
  const records = await recordsOf([one], state === undefined ? new Map() : new Map([[one.path, state]]));
  const found = records.find(({ kind, layer }) => kind === 'resource' && layer === 'declared');
  return [found?.drift, found?.attributes['differs']];
}

describe('records', () => {
  it('cover everything declared, in the order of layer, kind and URN, twice the same', async () => {
    const { federation, addresses } = await centre();
    const records = collectRecords({ federation, addresses });
    const counts: Record<string, number> = {};
    for (const { kind } of records) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual({ organisation: 5, system: 1, service: 1, cloud: 1, site: 2, tenant: 1, prefix: 5 });
    expect(records.every(({ declaredAt }) => /:\d+:\d+$/u.test(declaredAt ?? ''))).toBe(true);
    expect(collectRecords({ federation, addresses })).toEqual(records);
    expect(new Set(records.map(({ urn, layer }) => `${urn}${layer}`)).size).toBe(records.length);
  });

  it('name owner, owners, names, place and relations', async () => {
    const { federation } = await centre();
    expect(collectRecords({ federation }).find(({ urn }) => urn === 'urn:vcloud:centre:site:da-nang-room')).toEqual({
      urn: 'urn:vcloud:centre:site:da-nang-room',
      kind: 'site',
      layer: 'declared',
      member: 'centre',
      owner: 'commune-20194',
      owners: ['commune-20194', 'da-nang', 'viet-nam'],
      names: { vi: 'Phòng máy', en: 'Server room' },
      observed: asOf,
      declaredAt: 'stacks/centre/organisations.yaml:11:5',
      relations: [{ type: 'ownedBy', to: 'urn:vcloud:centre:organisation:commune-20194' }],
      attributes: { kind: 'server-room' },
    });
  });

  it('give each leg of an allocation to whoever the need was made for', async () => {
    const { federation } = await centre();
    const addresses = plan([
      allocation('agency/da-nang', { v4: '10.48.0.0/16', v6: '3fff:48::/32' }, { container: true }),
      allocation('site/da-nang-room', { v4: '10.48.1.0/24' }, { holder: 'agency/da-nang' }),
      allocation('tenant/da-nang-lgsp/web', { v4: '10.48.2.0/26' }),
      allocation('special/x', { v4: '10.48.3.0/26' }, { holder: 'site/da-nang-room' }),
      allocation('commune/20194', { v4: '10.48.4.0/24' }, { subject: { collection: 'organisations', id: 'commune-20194' } }),
      allocation('nobody/x', { v4: '10.99.0.0/24' }),
    ]);
    const owners = collectRecords({ federation, addresses })
      .filter(({ kind }) => kind === 'prefix')
      .map(({ urn, owner, attributes }) => [urn.replace('urn:vcloud:centre:prefix:', ''), owner, attributes['prefix']]);
    expect(owners).toEqual([
      ['agency/da-nang/v4', 'da-nang', '10.48.0.0/16'],
      ['agency/da-nang/v6', 'da-nang', '3fff:48::/32'],
      ['commune/20194/v4', 'commune-20194', '10.48.4.0/24'],
      ['nobody/x/v4', 'mst', '10.99.0.0/24'],
      ['site/da-nang-room/v4', 'commune-20194', '10.48.1.0/24'],
      ['special/x/v4', 'commune-20194', '10.48.3.0/26'],
      ['tenant/da-nang-lgsp/web/v4', 'da-nang', '10.48.2.0/26'],
    ]);
  });

  it('name tunnels after the end that is configured here', async () => {
    const { federation } = await centre();
    const node = (id: string, owner: string, role: 'hub' | 'spoke', elsewhere = false): OverlaySet['overlays'][number]['nodes'][number] => ({
      id,
      owner,
      role,
      elsewhere,
      endpoints: [],
      prefixes: [],
    });
    const tunnel = (from: string, to: string): OverlaySet['overlays'][number]['tunnels'][number] => ({
      id: `${from}--${to}`,
      overlay: 'wan',
      from,
      to,
      profile: 'ipsec',
      addresses: [],
    });
    const overlays: OverlaySet = {
      files: new Map(),
      overlays: [
        {
          name: 'wan',
          profile: { name: 'ipsec', kind: 'ipsec', trial: false },
          nodes: [
            node('hub', 'da-nang', 'hub'),
            node('ward', 'commune-20194', 'spoke'),
            node('far', 'moh', 'spoke', true),
            node('far-hub', 'moh', 'hub', true),
          ],
          tunnels: [tunnel('ward', 'hub'), tunnel('far', 'hub'), tunnel('far', 'far-hub')],
        },
      ],
    };
    const tunnels = collectRecords({ federation, overlays }).filter(({ kind }) => kind === 'tunnel');
    expect(tunnels.map(({ urn, owner }) => [urn.split(':').at(-1), owner])).toEqual([
      ['wan/far--hub', 'da-nang'],
      ['wan/ward--hub', 'commune-20194'],
    ]);
  });

  it('trace a resource to its stack, its tenant and the line it is declared at', async () => {
    const records = await recordsOf([stack({ [server]: { name: 'web' } })]);
    expect(records.find(({ kind }) => kind === 'resource')).toMatchObject({
      urn: 'urn:vcloud:centre:resource:da-nang.da-nang-lgsp.workload/openstack_compute_instance_v2.web',
      owner: 'da-nang',
      declaredAt: 'stacks/da-nang/lgsp.ts:7:3',
      drift: 'unknown',
      relations: [
        { type: 'partOf', to: 'urn:vcloud:centre:stack:da-nang.da-nang-lgsp.workload' },
        { type: 'follows', to: 'urn:vcloud:centre:tenant:da-nang-lgsp' },
      ],
      attributes: { type: 'openstack_compute_instance_v2', address: server, planned, environment: 'sandbox' },
    });
    expect(records.find(({ kind }) => kind === 'stack')?.relations).toContainEqual({
      type: 'dependsOn',
      to: 'urn:vcloud:centre:stack:da-nang.da-nang-lgsp.platform',
    });
  });

  it('hold nothing of a state but its identity', async () => {
    const one = stack({ [server]: { name: 'web' } });
    const secret = held(planned, { id: 'abc', input: { name: 'web', admin_pass: 'hunter2hunter2' } });
    const records = await recordsOf([one], new Map([[one.path, [secret]]]));
    expect(records.find(({ layer }) => layer === 'state')?.attributes).toEqual({
      type: 'openstack_compute_instance_v2',
      address: server,
      stack: one.path,
      id: 'abc',
    });
    expect(JSON.stringify(records)).not.toContain('hunter2');
  });
});

describe('drift', () => {
  const body = {
    name: 'web',
    tags: ['vcloud'],
    flavor: 4,
    network: [{ name: 'app' }],
    image: null,
    port: '${terraform_data.openstack_networking_port_v2__web.input.id}',
  };
  const input = { name: 'web', tags: ['vcloud'], flavor: 4, network: [{ name: 'app' }], image: null, port: 'p-1' };

  it('is in-sync where the state holds what is declared, references and defaults aside', async () => {
    expect(await driftOf(body, [held(planned, { id: '1', input })])).toEqual(['in-sync', undefined]);
    expect(await driftOf(body, [held(planned, { id: '1', input: { ...input, extra: true } })])).toEqual(['in-sync', undefined]);
    expect(await driftOf({ flavor: 4 }, [held(planned, { input: { flavor: '4' } })])).toEqual(['in-sync', undefined]);
  });

  it('is drifted where it does not, and says where', async () => {
    expect(await driftOf(body, [held(planned, { input: { ...input, name: 'web2', tags: ['vcloud', 'x'], network: [{ name: 'db' }] } })])).toEqual([
      'drifted',
      ['name', 'network[0].name', 'tags'],
    ]);
    expect(await driftOf({ port: '${x.y}' }, [held(planned, { input: {} })])).toEqual(['drifted', ['port']]);
  });

  it('is missing where the state has no such resource, unknown where no state is known', async () => {
    expect(await driftOf(body, [])).toEqual(['missing', undefined]);
    expect(await driftOf(body, undefined)).toEqual(['unknown', undefined]);
  });

  it('compares the attributes themselves outside the sandbox', async () => {
    const declared = { name: 'web', block: [{ size: 10 }], lifecycle: { prevent_destroy: true }, depends_on: ['x.y'] };
    expect(await driftOf(declared, [held(server, { id: '1', name: 'web', block: { size: 10 }, status: 'ACTIVE' })], 'production')).toEqual([
      'in-sync',
      undefined,
    ]);
    expect(await driftOf(declared, [held(server, { id: '1', name: 'other', block: [{ size: 20 }] })], 'production')).toEqual([
      'drifted',
      ['block[0].size', 'name'],
    ]);
  });

  it('is unmanaged for what only the state holds, in a declared stack or in one that is gone', async () => {
    const one = stack({ [server]: body });
    const records = await recordsOf(
      [one],
      new Map([
        [one.path, [held(planned, { input }), held('terraform_data.openstack_networking_port_v2__old', { input: {} })]],
        ['ha-noi.gone.workload', [{ ...held('terraform_data.openstack_networking_port_v2__x', {}), stack: 'ha-noi.gone.workload' }]],
      ]),
    );
    expect(records.filter(({ drift }) => drift === 'unmanaged').map(({ urn, owner, layer }) => [urn.split(':').at(-1), owner, layer])).toEqual([
      ['da-nang.da-nang-lgsp.workload/openstack_networking_port_v2.old', 'da-nang', 'state'],
      ['ha-noi.gone.workload/openstack_networking_port_v2.x', 'ha-noi', 'state'],
    ]);
  });
});
