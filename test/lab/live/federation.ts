import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, isAlive, sha256 } from '../../../modules/core/index.ts';
import { liveClouds } from '../../../modules/cloud/live/index.ts';
import type { CloudCredentials, CloudPort, SynthesisedStack } from '../../../modules/engine/index.ts';
import { temporaryRoot } from '../../engine/fixtures.ts';

/** Bodies of a stack's resources by type and name, as Terraform JSON has them. */
export type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** A production stack of OpenStack resources on cloud `lab`, as the cloud room would hand it over. */
export function openstackStack(
  name: string,
  resources: Resources,
  { dependsOn = [], cloud = 'lab', provider = {} }: { dependsOn?: readonly string[]; cloud?: string; provider?: Readonly<Record<string, unknown>> } = {},
): SynthesisedStack {
  const json = canonicalJson(
    {
      terraform: { required_providers: { openstack: { source: 'terraform-provider-openstack/openstack' } } },
      provider: { openstack: provider },
      resource: resources,
    },
    2,
  );
  const list = Object.entries(resources).flatMap(([type, named]) =>
    Object.keys(named).map((one) => ({ address: `${type}.${one}`, type, planned: `${type}.${one}`, construct: `${name}/${one}` })),
  );
  return {
    path: name,
    agency: name.split('.')[0] ?? name,
    cloud,
    environment: 'production',
    json,
    digest: sha256(json),
    dependsOn,
    reads: [],
    resources: list,
  };
}

/**
 * Two stacks of 25 objects of 13 kinds: some carry the mark the constructs write, some only a name, some hang on others.
 */
export function thirteenKinds(prefix: string): readonly SynthesisedStack[] {
  const networks = 'lab.net.workload';
  const rules = 'lab.net.rules';
  const mark = (stack: string): string => `vcloud:lab:${stack}`;
  const marked = (name: string, stack: string): Record<string, unknown> => ({
    name: `${prefix}-${name}`,
    description: `${name} [${mark(stack)}]`,
    tags: [mark(stack)],
  });
  const net = ['a', 'b', 'c'];
  const of = (entries: readonly (readonly [string, Record<string, unknown>])[]): Record<string, Record<string, unknown>> => Object.fromEntries(entries);
  return [
    openstackStack(networks, {
      openstack_networking_network_v2: of(net.map((one) => [one, { ...marked(`net-${one}`, networks), admin_state_up: true }])),
      openstack_networking_subnet_v2: of(
        net.map((one, index) => [
          one,
          { name: `${prefix}-sub-${one}`, network_id: `\${openstack_networking_network_v2.${one}.id}`, cidr: `10.9${index}.0.0/24`, ip_version: 4 },
        ]),
      ),
      openstack_networking_router_v2: of([['r', { ...marked('router', networks), admin_state_up: true }]]),
      openstack_networking_router_interface_v2: of(
        net.map((one) => [one, { router_id: '${openstack_networking_router_v2.r.id}', subnet_id: `\${openstack_networking_subnet_v2.${one}.id}` }]),
      ),
      openstack_networking_port_v2: of(
        ['a', 'b'].map((one) => [
          one,
          {
            ...marked(`port-${one}`, networks),
            network_id: `\${openstack_networking_network_v2.${one}.id}`,
            fixed_ip: [{ subnet_id: `\${openstack_networking_subnet_v2.${one}.id}` }],
          },
        ]),
      ),
      openstack_networking_trunk_v2: of([['t', { ...marked('trunk', networks), port_id: '${openstack_networking_port_v2.a.id}', admin_state_up: true }]]),
    }),
    openstackStack(rules, {
      openstack_networking_secgroup_v2: of(['web', 'db'].map((one) => [one, { ...marked(`sg-${one}`, rules), delete_default_rules: true }])),
      openstack_networking_secgroup_rule_v2: of(
        [443, 80, 5432].map((port) => [
          `p${port}`,
          {
            security_group_id: `\${openstack_networking_secgroup_v2.${port === 5432 ? 'db' : 'web'}.id}`,
            direction: 'ingress',
            ethertype: 'IPv4',
            protocol: 'tcp',
            port_range_min: port,
            port_range_max: port,
            remote_ip_prefix: '0.0.0.0/0',
          },
        ]),
      ),
      openstack_networking_subnetpool_v2: of([['pool', { name: `${prefix}-pool`, prefixes: ['10.64.0.0/16'], min_prefixlen: 24 }]]),
      openstack_networking_addressscope_v2: of([['scope', { name: `${prefix}-scope`, ip_version: 4 }]]),
      openstack_networking_address_group_v2: of([['group', { name: `${prefix}-group`, description: `[${mark(rules)}]`, addresses: ['192.0.2.0/24'] }]]),
      openstack_vpnaas_ike_policy_v2: of([['ike', { name: `${prefix}-ike` }]]),
      openstack_vpnaas_ipsec_policy_v2: of([['ipsec', { name: `${prefix}-ipsec` }]]),
    }),
  ];
}

/** A federation's folder on a real cloud: credentials in a file it names, stacks as given. */
export interface LiveFederation {
  readonly root: string;
  readonly stacks: readonly SynthesisedStack[];
  readonly options: {
    readonly root: string;
    readonly stacks: readonly SynthesisedStack[];
    readonly credentials: Record<string, CloudCredentials>;
    readonly clouds: CloudPort;
  };
}

export function liveFederation(stacks: readonly SynthesisedStack[], environments: Readonly<Record<string, Readonly<Record<string, string>>>>): LiveFederation {
  const root = temporaryRoot();
  for (const [cloud, variables] of Object.entries(environments)) {
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    fs.writeFileSync(path.join(root, `${cloud}.env`), `${lines.join('\n')}\n`, { mode: 0o600 });
  }
  fs.writeFileSync(path.join(root, 'stacks.json'), JSON.stringify(stacks));
  return { root, stacks, options: { root, stacks, ...settingsOf(root) } };
}

/** What both the test and its driver run with. */
export function settingsOf(root: string): { readonly credentials: Record<string, CloudCredentials>; readonly clouds: CloudPort } {
  const files = fs.readdirSync(root).filter((name) => name.endsWith('.env'));
  return {
    credentials: Object.fromEntries(files.map((name) => [name.slice(0, -'.env'.length), `file:${name}`])),
    clouds: liveClouds({ member: 'lab', rate: 50, timeout: 20_000, tries: 3 }),
  };
}

/** An apply in a process of its own, so that it can be killed. */
export function startApply(root: string, directory: string): ChildProcess {
  const node = path.resolve(import.meta.dirname, '../../../node_modules/.bin/node');
  return spawn(node, ['--conditions=vcloud-source', path.join(import.meta.dirname, 'driver.ts'), root, directory], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Engines of these stacks that run now. */
export function engines(root: string, stacks: readonly SynthesisedStack[]): number[] {
  return stacks.flatMap((stack) => {
    try {
      const pid = Number(fs.readFileSync(path.join(root, '.vcloud/state', stack.path, 'running.pid'), 'utf8'));
      return isAlive(pid) ? [pid] : [];
    } catch {
      return [];
    }
  });
}
