import type { SynthesisedStack } from '../../../modules/engine/index.ts';
import { openstackStack, type Resources } from '../live/federation.ts';

/** What of a real cloud the faults are planted against. */
export interface Ground {
  /** Begins every name of this run. */
  readonly prefix: string;
  /** A subnet of the project, made by hand: 10.77.0.0/24. */
  readonly livePrefix: string;
  /** Two networks of the project have this name. */
  readonly twice: string;
}

/** One planted fault. */
export interface Fault {
  readonly id: string;
  /** As the table in docs/preflight.md names it. */
  readonly what: string;
  readonly check: string;
  /** What the message must say. */
  readonly says: RegExp;
  /** Whether a sandbox, which asks no cloud, sees it too. */
  readonly sandbox: boolean;
  /** Name of the credentials it is planned with; `lab` by default. */
  readonly cloud?: string;
  readonly stacks: (ground: Ground, path: string, cloud: string) => readonly SynthesisedStack[];
}

const net = { openstack_networking_network_v2: { n: { name: 'n', admin_state_up: true } } };
const netId = '${openstack_networking_network_v2.n.id}';

type Bodies = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One stack of a network and what is wrong beside it. */
function inNetwork(resources: Resources): Fault['stacks'] {
  return (_, path, cloud) => [openstackStack(path, { ...net, ...resources }, { cloud })];
}

function only(resources: Resources, provider: Readonly<Record<string, unknown>> = {}): Fault['stacks'] {
  return (_, path, cloud) => [openstackStack(path, resources, { cloud, provider })];
}

function subnets(bodies: Bodies): Resources {
  const complete = Object.entries(bodies).map(([name, body]) => [name, { name, network_id: netId, ip_version: 4, ...body }] as const);
  return { openstack_networking_subnet_v2: Object.fromEntries(complete) };
}

const subnetId = '${openstack_networking_subnet_v2.s.id}';
const port = (name: string, address: string): [string, Record<string, unknown>] => [
  name,
  { name, network_id: netId, admin_state_up: true, fixed_ip: [{ subnet_id: subnetId, ip_address: address }] },
];
const rule = (body: Readonly<Record<string, unknown>>): Resources => ({
  openstack_networking_secgroup_v2: { g: { name: 'preflight-g' } },
  openstack_networking_secgroup_rule_v2: {
    r: { security_group_id: '${openstack_networking_secgroup_v2.g.id}', direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', ...body },
  },
});
const server = (body: Readonly<Record<string, unknown>>): Resources => ({ openstack_compute_instance_v2: { vm: { name: 'vm', ...body } } });
const zone = (body: Readonly<Record<string, unknown>>): Resources => ({ openstack_dns_zone_v2: { z: { ttl: 3600, type: 'PRIMARY', ...body } } });

export const faults: readonly Fault[] = [
  {
    id: 'octet',
    what: 'a prefix that is none: 10.1.0.300/24',
    check: 'cidr',
    says: /"10\.1\.0\.300\/24" is no prefix/u,
    sandbox: true,
    stacks: inNetwork(subnets({ s: { cidr: '10.1.0.300/24' } })),
  },
  {
    id: 'hostbits',
    what: 'a prefix with host bits set',
    check: 'cidr',
    says: /bits to the right/u,
    sandbox: true,
    stacks: inNetwork(subnets({ s: { cidr: '10.1.0.5/24' } })),
  },
  {
    id: 'overlap',
    what: 'two subnets of one network overlap',
    check: 'overlap',
    says: /10\.1\.0\.128\/25 overlaps 10\.1\.0\.0\/24 .* in the same network/u,
    sandbox: true,
    stacks: inNetwork(subnets({ s: { cidr: '10.1.0.0/24' }, t: { cidr: '10.1.0.128/25' } })),
  },
  {
    id: 'router',
    what: 'two subnets on one router overlap',
    check: 'overlap',
    says: /on the same router/u,
    sandbox: true,
    stacks: only({
      openstack_networking_network_v2: { n: { name: 'n' }, m: { name: 'm' } },
      openstack_networking_subnet_v2: {
        s: { network_id: netId, cidr: '10.2.0.0/24', ip_version: 4 },
        t: { network_id: '${openstack_networking_network_v2.m.id}', cidr: '10.2.0.0/25', ip_version: 4 },
      },
      openstack_networking_router_v2: { r: { name: 'r' } },
      openstack_networking_router_interface_v2: {
        s: { router_id: '${openstack_networking_router_v2.r.id}', subnet_id: subnetId },
        t: { router_id: '${openstack_networking_router_v2.r.id}', subnet_id: '${openstack_networking_subnet_v2.t.id}' },
      },
    }),
  },
  {
    id: 'live',
    what: 'a subnet overlaps a live network of the project',
    check: 'live-overlap',
    says: /which is there: subnet/u,
    sandbox: false,
    stacks: (ground, path, cloud) => [openstackStack(path, { ...net, ...subnets({ s: { cidr: ground.livePrefix } }) }, { cloud })],
  },
  {
    id: 'plan',
    what: 'a subnet takes addresses of another organisation',
    check: 'address-plan',
    says: /gives to other \(agency\/other 10\.99\.0\.0\/16\)/u,
    sandbox: true,
    stacks: inNetwork(subnets({ s: { cidr: '10.99.3.0/24' } })),
  },
  {
    id: 'gateway',
    what: 'a gateway outside its subnet',
    check: 'address',
    says: /gateway 10\.3\.1\.1 lies outside/u,
    sandbox: true,
    stacks: inNetwork(subnets({ s: { cidr: '10.3.0.0/24', gateway_ip: '10.3.1.1' } })),
  },
  {
    id: 'pool',
    what: 'an allocation pool outside its subnet',
    check: 'address',
    says: /allocation pool .* lies outside/u,
    sandbox: true,
    stacks: inNetwork(subnets({ s: { cidr: '10.3.0.0/24', allocation_pool: [{ start: '10.3.0.100', end: '10.3.1.20' }] } })),
  },
  {
    id: 'fixed',
    what: 'a fixed address outside its subnet',
    check: 'address',
    says: /fixed address 10\.4\.9\.9 lies outside/u,
    sandbox: true,
    stacks: inNetwork({ ...subnets({ s: { cidr: '10.4.0.0/24' } }), openstack_networking_port_v2: Object.fromEntries([port('p', '10.4.9.9')]) }),
  },
  {
    id: 'twice',
    what: 'a fixed address given twice',
    check: 'address',
    says: /10\.4\.0\.9 is also fixed address of/u,
    sandbox: true,
    stacks: inNetwork({
      ...subnets({ s: { cidr: '10.4.0.0/24' } }),
      openstack_networking_port_v2: Object.fromEntries([port('p', '10.4.0.9'), port('q', '10.4.0.9')]),
    }),
  },
  {
    id: 'room',
    what: 'more ports than a subnet has addresses',
    check: 'room',
    says: /has room for 1 address, and 2 are/u,
    sandbox: true,
    stacks: inNetwork({
      ...subnets({ s: { cidr: '10.5.0.0/30' } }),
      openstack_networking_port_v2: Object.fromEntries(
        ['p', 'q'].map((name) => [name, { name, network_id: netId, fixed_ip: [{ subnet_id: subnetId }] }] as const),
      ),
    }),
  },
  {
    id: 'range',
    what: 'a port range upside down',
    check: 'rule',
    says: /port range 443-80 is upside down/u,
    sandbox: true,
    stacks: only(rule({ port_range_min: 443, port_range_max: 80 })),
  },
  {
    id: 'protocol',
    what: 'an unknown protocol',
    check: 'rule',
    says: /protocol "tpc" is none/u,
    sandbox: true,
    stacks: only(rule({ protocol: 'tpc', port_range_min: 1, port_range_max: 2 })),
  },
  {
    id: 'vip',
    what: 'a VIP outside its subnet',
    check: 'address',
    says: /VIP 10\.7\.0\.5 lies outside/u,
    sandbox: true,
    stacks: inNetwork({
      ...subnets({ s: { cidr: '10.6.0.0/24' } }),
      openstack_lb_loadbalancer_v2: { lb: { name: 'lb', vip_subnet_id: subnetId, vip_address: '10.7.0.5' } },
    }),
  },
  {
    id: 'group',
    what: 'an unknown policy of a server group',
    check: 'value',
    says: /policy "not-together"/u,
    sandbox: true,
    stacks: only({ openstack_compute_servergroup_v2: { g: { name: 'g', policies: ['not-together'] } } }),
  },
  {
    id: 'dot',
    what: 'a zone without its final dot',
    check: 'dns',
    says: /does not end with a dot/u,
    sandbox: true,
    stacks: (ground, path, cloud) => [openstackStack(path, zone({ name: `dotless.${ground.prefix}.example`, email: 'hostmaster@example.org' }), { cloud })],
  },
  {
    id: 'email',
    what: 'a zone without an e-mail address',
    check: 'dns',
    says: /needs an e-mail address/u,
    sandbox: true,
    stacks: (ground, path, cloud) => [openstackStack(path, zone({ name: `mute.${ground.prefix}.example.` }), { cloud })],
  },
  {
    id: 'flavor',
    what: 'a flavor that is not there',
    check: 'reference',
    says: /no flavor "preflight\.huge"/u,
    sandbox: false,
    stacks: inNetwork(
      server({
        flavor_name: 'preflight.huge',
        image_id: '',
        block_device: [{ source_type: 'blank', destination_type: 'volume', volume_size: 1 }],
        network: [{ uuid: netId }],
      }),
    ),
  },
  {
    id: 'image',
    what: 'an image that is not there',
    check: 'reference',
    says: /no image "preflight-os"/u,
    sandbox: false,
    stacks: only({ openstack_blockstorage_volume_v3: { v: { name: 'v', size: 1, image_id: '${data.openstack_images_image_v2.os.id}' } } }),
  },
  {
    id: 'type',
    what: 'a volume type that is not there',
    check: 'reference',
    says: /no volume type "preflight-fast"/u,
    sandbox: false,
    stacks: only({ openstack_blockstorage_volume_v3: { v: { name: 'v', size: 1, volume_type: 'preflight-fast' } } }),
  },
  {
    id: 'external',
    what: 'an external network that is not there',
    check: 'reference',
    says: /no network "preflight-internet"/u,
    sandbox: false,
    stacks: only({ openstack_networking_floatingip_v2: { f: { pool: 'preflight-internet' } } }),
  },
  {
    id: 'ambiguous',
    what: 'a name two networks have, looked up',
    check: 'reference',
    says: /2 of network are called/u,
    sandbox: false,
    stacks: (_, path, cloud) => [
      openstackStack(path, { openstack_networking_port_v2: { p: { name: 'p', network_id: '${data.openstack_networking_network_v2.twice.id}' } } }, { cloud }),
    ],
  },
  {
    id: 'container',
    what: "a listener's certificate that is not in the key store",
    check: 'reference',
    says: /is not in the key store/u,
    sandbox: false,
    stacks: inNetwork({
      ...subnets({ s: { cidr: '10.8.0.0/24' } }),
      openstack_lb_loadbalancer_v2: { lb: { name: 'lb', vip_subnet_id: subnetId } },
      openstack_lb_listener_v2: {
        l: {
          name: 'l',
          loadbalancer_id: '${openstack_lb_loadbalancer_v2.lb.id}',
          protocol: 'TERMINATED_HTTPS',
          protocol_port: 443,
          default_tls_container_ref: 'http://127.0.0.1/v1/containers/00000000-0000-4000-8000-000000000000',
        },
      },
    }),
  },
  {
    id: 'networks',
    what: 'more networks than the quota leaves',
    check: 'quota',
    says: /2 more networks do not fit the quota .* it leaves 1 \(limit 1, 0 used\)/u,
    sandbox: false,
    cloud: 'small',
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' }, m: { name: 'm' } } }),
  },
  {
    id: 'volumes',
    what: 'more gibibytes than the quota leaves',
    check: 'quota',
    says: /50 more GiB of volumes do not fit/u,
    sandbox: false,
    cloud: 'small',
    stacks: only({ openstack_blockstorage_volume_v3: { v: { name: 'v', size: 50 } } }),
  },
  {
    id: 'declared',
    what: 'more networks than the quota another stack of the plan declares',
    check: 'quota',
    says: /do not fit .*limit 1, 0 used, declared by openstack_networking_quota_v2\.q of declared\.lab\.platform/u,
    sandbox: false,
    cloud: 'operator',
    stacks: (ground, path, cloud) => [
      openstackStack(
        path.replace('workload', 'platform'),
        {
          openstack_identity_project_v3: { p: { name: `${ground.prefix}-made` } },
          openstack_networking_quota_v2: { q: { project_id: '${openstack_identity_project_v3.p.id}', network: 1 } },
        },
        { cloud },
      ),
      openstackStack(
        path,
        { openstack_networking_network_v2: { n: { name: 'n' }, m: { name: 'm' } } },
        { cloud, dependsOn: [path.replace('workload', 'platform')], provider: { tenant_name: `${ground.prefix}-made` } },
      ),
    ],
  },
  {
    id: 'swift',
    what: 'a service the cloud has not (Swift)',
    check: 'service',
    says: /no object-store \(Swift\)/u,
    sandbox: false,
    stacks: only({ openstack_objectstorage_container_v1: { c: { name: 'c' } } }),
  },
  {
    id: 'bgpvpn',
    what: 'an extension of Neutron the cloud has not',
    check: 'service',
    says: /no extension "bgpvpn"/u,
    sandbox: false,
    stacks: only({ openstack_bgpvpn_v2: { b: { name: 'b', type: 'l3' } } }),
  },
  {
    id: 'region',
    what: 'an unknown region',
    check: 'region',
    says: /region "nowhere" is none/u,
    sandbox: false,
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' } } }, { region: 'nowhere' }),
  },
  {
    id: 'project',
    what: 'a project that does not exist, by id',
    check: 'reference',
    says: /no project "0{32}"/u,
    sandbox: false,
    cloud: 'operator',
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n', tenant_id: '0'.repeat(32) } } }),
  },
  {
    id: 'login',
    what: 'a project that does not exist, in the credentials',
    check: 'credentials',
    says: /project "preflight-none" is not there/u,
    sandbox: false,
    cloud: 'nowhere',
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' } } }),
  },
  {
    id: 'password',
    what: 'a wrong password',
    check: 'credentials',
    says: /the cloud refuses them/u,
    sandbox: false,
    cloud: 'wrong',
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' } } }),
  },
  {
    id: 'unscoped',
    what: 'credentials for no project',
    check: 'credentials',
    says: /are for no project/u,
    sandbox: false,
    cloud: 'unscoped',
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' } } }),
  },
  {
    id: 'dead',
    what: 'a cloud whose endpoint is dead',
    check: 'endpoint',
    says: /identity \(Keystone\) at .* does not answer/u,
    sandbox: false,
    cloud: 'dead',
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' } } }),
  },
  {
    id: 'neutron',
    what: 'a service whose endpoint is dead',
    check: 'endpoint',
    says: /network \(Neutron\) at .* does not answer/u,
    sandbox: false,
    stacks: only({ openstack_networking_network_v2: { n: { name: 'n' } } }, { endpoint_overrides: { network: 'http://127.0.0.1:9/v2.0/' } }),
  },
];
