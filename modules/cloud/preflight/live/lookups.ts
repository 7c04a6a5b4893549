import { isObject } from '../../../core/index.ts';
import type { AskedCloud, Said } from './cloud.ts';

type Silence = Extract<Said, { ok: false }>;
export type Found = Readonly<Record<string, unknown>>;

/** How one kind of object is looked for in a cloud. */
export interface Lookup {
  readonly noun: string;
  readonly service: string;
  /** Type of the resource that makes one: what a plan makes itself need not be there. */
  readonly type: string;
  /** List by name; the service filters, or the list is short. */
  readonly byName: (name: string) => string;
  readonly key: string;
  /** Key of one in its own answer; absent: the list by id is asked. */
  readonly byId: (id: string) => string;
  /** Where the elements are wrapped in an object. */
  readonly wrapped?: string | undefined;
  /** Field that is its name. */
  readonly name?: string | undefined;
}

const network = (noun: string, path: string, type: string): Lookup => ({
  noun,
  service: 'network',
  type,
  key: path.replaceAll('-', '_').replace(/^.*\//u, ''),
  byName: (name) => `/v2.0/${path}?name=${encodeURIComponent(name)}`,
  byId: (id) => `/v2.0/${path}/${encodeURIComponent(id)}`,
});
const identity = (noun: string, path: string, type: string): Lookup => ({
  noun,
  service: 'identity',
  type,
  key: path,
  byName: (name) => `/${path}?name=${encodeURIComponent(name)}`,
  byId: (id) => `/${path}/${encodeURIComponent(id)}`,
});

export const lookups = {
  image: {
    noun: 'image',
    service: 'image',
    type: 'openstack_images_image_v2',
    key: 'images',
    byName: (name) => `/v2/images?name=${encodeURIComponent(name)}`,
    byId: (id) => `/v2/images/${encodeURIComponent(id)}`,
  },
  flavor: {
    noun: 'flavor',
    service: 'compute',
    type: 'openstack_compute_flavor_v2',
    key: 'flavors',
    byName: () => '/flavors/detail',
    byId: (id) => `/flavors/${encodeURIComponent(id)}`,
  },
  keypair: {
    noun: 'key pair',
    service: 'compute',
    type: 'openstack_compute_keypair_v2',
    key: 'keypairs',
    wrapped: 'keypair',
    byName: () => '/os-keypairs',
    byId: (id) => `/os-keypairs/${encodeURIComponent(id)}`,
  },
  volumeType: {
    noun: 'volume type',
    service: 'block-storage',
    type: 'openstack_blockstorage_volume_type_v3',
    key: 'volume_types',
    byName: () => '/types',
    byId: (id) => `/types/${encodeURIComponent(id)}`,
  },
  zone: {
    noun: 'zone',
    service: 'dns',
    type: 'openstack_dns_zone_v2',
    key: 'zones',
    byName: (name) => `/v2/zones?name=${encodeURIComponent(name)}`,
    byId: (id) => `/v2/zones/${encodeURIComponent(id)}`,
  },
  network: network('network', 'networks', 'openstack_networking_network_v2'),
  subnet: network('subnet', 'subnets', 'openstack_networking_subnet_v2'),
  subnetPool: network('subnet pool', 'subnetpools', 'openstack_networking_subnetpool_v2'),
  addressScope: network('address scope', 'address-scopes', 'openstack_networking_addressscope_v2'),
  router: network('router', 'routers', 'openstack_networking_router_v2'),
  port: network('port', 'ports', 'openstack_networking_port_v2'),
  securityGroup: network('security group', 'security-groups', 'openstack_networking_secgroup_v2'),
  qosPolicy: network('QoS policy', 'qos/policies', 'openstack_networking_qos_policy_v2'),
  project: identity('project', 'projects', 'openstack_identity_project_v3'),
  role: identity('role', 'roles', 'openstack_identity_role_v3'),
  user: identity('user', 'users', 'openstack_identity_user_v3'),
  group: identity('group', 'groups', 'openstack_identity_group_v3'),
} as const satisfies Readonly<Record<string, Lookup>>;

export type Kind = keyof typeof lookups;

export function lookupOf(kind: Kind): Lookup {
  return lookups[kind];
}

/** Objects of a name, as the cloud lists them; or why that could not be asked. */
export async function named(cloud: AskedCloud, kind: Kind, name: string, query = ''): Promise<readonly Found[] | Silence> {
  const lookup = lookupOf(kind);
  const list = await cloud.list(lookup.service, `${lookup.byName(name)}${query}`, lookup.key);
  if ('ok' in list) return list;
  const inner = list.map((one) => (lookup.wrapped === undefined ? one : one[lookup.wrapped])).filter(isObject);
  // Some services give the nearest, or everything.
  return inner.filter((one) => one[lookup.name ?? 'name'] === name);
}

/** An object by its id; undefined: there is none. */
export async function withId(cloud: AskedCloud, kind: Kind, id: string): Promise<Found | undefined | Silence> {
  const lookup = lookupOf(kind);
  const answer = await cloud.ask(lookup.service, lookup.byId(id));
  if (!answer.ok) return answer.reason === '404' || answer.reason === '400' ? undefined : answer;
  const [inner] = Object.values(answer.body);
  return lookup.service === 'image' || lookup.service === 'dns' || !isObject(inner) ? answer.body : inner;
}

export function isSilence(value: unknown): value is Silence {
  return isObject(value) && value['ok'] === false;
}
