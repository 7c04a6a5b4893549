import { blocksOf, type Item } from '../model.ts';
import { numberIn, textIn, type PlannedWorld } from '../world.ts';

/** Something a quota counts: `compute.instances`. */
export type Quantity = string;

/** What a plan adds to one quantity, and by which objects. */
export interface Demand {
  amount: number;
  readonly items: Item[];
  /** What could not be counted. */
  readonly open: Item[];
}

/** Size of a flavor, by name or id. */
export type FlavorSizes = (item: Item) => { readonly cores: number; readonly ram: number } | undefined;

/** Kinds that count one each. */
const counted: Readonly<Record<string, Quantity>> = {
  openstack_compute_instance_v2: 'compute.instances',
  openstack_compute_servergroup_v2: 'compute.server_groups',
  openstack_blockstorage_volume_v3: 'block-storage.volumes',
  openstack_networking_network_v2: 'network.network',
  openstack_networking_subnet_v2: 'network.subnet',
  openstack_networking_subnetpool_v2: 'network.subnetpool',
  openstack_networking_port_v2: 'network.port',
  openstack_networking_router_v2: 'network.router',
  openstack_networking_router_interface_v2: 'network.port',
  openstack_networking_floatingip_v2: 'network.floatingip',
  openstack_networking_rbac_policy_v2: 'network.rbac_policy',
  openstack_networking_secgroup_v2: 'network.security_group',
  openstack_networking_secgroup_rule_v2: 'network.security_group_rule',
  openstack_networking_trunk_v2: 'network.trunk',
  openstack_vpnaas_service_v2: 'network.vpnservice',
  openstack_vpnaas_endpoint_group_v2: 'network.endpoint_group',
  openstack_vpnaas_site_connection_v2: 'network.ipsec_site_connection',
  openstack_vpnaas_ike_policy_v2: 'network.ikepolicy',
  openstack_vpnaas_ipsec_policy_v2: 'network.ipsecpolicy',
  openstack_lb_loadbalancer_v2: 'load-balancer.load_balancer',
  openstack_lb_listener_v2: 'load-balancer.listener',
  openstack_lb_pool_v2: 'load-balancer.pool',
  openstack_lb_monitor_v2: 'load-balancer.health_monitor',
  openstack_lb_l7policy_v2: 'load-balancer.l7policy',
  openstack_dns_zone_v2: 'dns.zones',
  openstack_keymanager_secret_v1: 'key-manager.secrets',
  openstack_keymanager_container_v1: 'key-manager.containers',
};

/** What quotas call things, for people. */
export const quantityNames: Readonly<Record<Quantity, string>> = {
  'compute.instances': 'servers',
  'compute.cores': 'cores',
  'compute.ram': 'MiB of memory',
  'compute.server_groups': 'server groups',
  'block-storage.volumes': 'volumes',
  'block-storage.gigabytes': 'GiB of volumes',
  'network.network': 'networks',
  'network.subnet': 'subnets',
  'network.port': 'ports',
  'network.router': 'routers',
  'network.floatingip': 'floating addresses',
  'network.security_group': 'security groups',
  'network.security_group_rule': 'rules of security groups',
  'load-balancer.load_balancer': 'load balancers',
  'dns.zones': 'zones',
  'key-manager.secrets': 'secrets',
};

/** What the plan adds, by project and quantity. `projectOf` names the project an object is made in. */
export function demandOf(
  world: PlannedWorld,
  items: Iterable<Item>,
  projectOf: (item: Item) => string | undefined,
  flavor: FlavorSizes,
): Map<string, Map<Quantity, Demand>> {
  const projects = new Map<string, Map<Quantity, Demand>>();
  const add = (item: Item, quantity: Quantity, amount: number | undefined): void => {
    const project = projectOf(item);
    if (project === undefined || amount === 0) return;
    const quantities = projects.get(project) ?? new Map<Quantity, Demand>();
    projects.set(project, quantities);
    const demand = quantities.get(quantity) ?? { amount: 0, items: [], open: [] };
    quantities.set(quantity, demand);
    if (amount === undefined) demand.open.push(item);
    else demand.amount += amount;
    demand.items.push(item);
  };
  for (const item of items) {
    const quantity = counted[item.type];
    const added = world.added(item);
    if (quantity !== undefined) add(item, quantity, added);
    const times = (amount: number | undefined): number | undefined => (amount === undefined || added === undefined ? undefined : amount * added);
    if (item.type === 'openstack_compute_instance_v2') addServer(world, item, times, add, flavor(item), added);
    if (item.type === 'openstack_blockstorage_volume_v3') add(item, 'block-storage.gigabytes', volumeGrowth(world, item, added));
    if (item.type === 'openstack_lb_loadbalancer_v2' && item.body['vip_port_id'] === undefined) add(item, 'network.port', added);
    if (item.type === 'openstack_networking_secgroup_v2' && item.body['delete_default_rules'] !== true) add(item, 'network.security_group_rule', times(2));
  }
  return projects;
}

function addServer(
  world: PlannedWorld,
  item: Item,
  times: (amount: number | undefined) => number | undefined,
  add: (item: Item, quantity: Quantity, amount: number | undefined) => void,
  size: ReturnType<FlavorSizes>,
  added: number | undefined,
): void {
  if (added === 0) return;
  add(item, 'compute.cores', times(size?.cores));
  add(item, 'compute.ram', times(size?.ram));
  // A server attached to a network, not to a port of the plan, gets a port.
  const made = blocksOf(item.body, 'network').filter(({ port }) => port === undefined || port === null || port === '').length;
  if (made > 0) add(item, 'network.port', times(made));
  const disks = blocksOf(item.body, 'block_device').filter(
    (disk) => disk['destination_type'] === 'volume' && ['image', 'blank', 'snapshot'].includes(String(textIn(world.resolve(item, disk['source_type'])))),
  );
  if (disks.length === 0) return;
  add(item, 'block-storage.volumes', times(disks.length));
  const sizes = disks.map((disk) => numberIn(world.resolve(item, disk['volume_size'])));
  add(item, 'block-storage.gigabytes', times(sizes.some((one) => one === undefined) ? undefined : sizes.reduce<number>((sum, one) => sum + (one ?? 0), 0)));
}

/** Gibibytes a volume takes beyond what it has. */
function volumeGrowth(world: PlannedWorld, item: Item, added: number | undefined): number | undefined {
  const size = numberIn(world.value(item, 'size'));
  if (size === undefined || added === undefined) return undefined;
  const grown = world.heldOf(item).reduce((sum, { attributes }) => {
    const before = attributes['size'];
    return sum + (typeof before === 'number' ? Math.max(0, size - before) : 0);
  }, 0);
  return size * added + grown;
}
