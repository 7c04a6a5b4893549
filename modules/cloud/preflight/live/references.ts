import { blocksOf, type Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import type { AskedCloud } from './cloud.ts';
import { narrowed, ownDomain } from './identity.ts';
import { isSilence, lookupOf, named, withId, type Found, type Kind } from './lookups.ts';

/** Something a configuration refers to by name or id, and that must be there already. */
interface Reference {
  readonly item: Item;
  readonly attribute: string;
  readonly kind: Kind;
  readonly by: 'name' | 'id';
  readonly text: string;
  /** What else it must be. */
  readonly mustBe?: 'external' | undefined;
}

/** Attributes that hold ids, of every kind that has them. */
const ids: Readonly<Record<string, Kind>> = {
  network_id: 'network',
  vip_network_id: 'network',
  external_network_id: 'network',
  subnet_id: 'subnet',
  vip_subnet_id: 'subnet',
  subnetpool_id: 'subnetPool',
  address_scope_id: 'addressScope',
  router_id: 'router',
  port_id: 'port',
  vip_port_id: 'port',
  security_group_id: 'securityGroup',
  security_group_ids: 'securityGroup',
  remote_group_id: 'securityGroup',
  qos_policy_id: 'qosPolicy',
  image_id: 'image',
  zone_id: 'zone',
  role_id: 'role',
  tenant_id: 'project',
  project_id: 'project',
  default_project_id: 'project',
  user_id: 'user',
  group_id: 'group',
};

/** Attributes that hold names, by kind of resource. */
const names: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  openstack_compute_instance_v2: { image_name: 'image', flavor_name: 'flavor', key_pair: 'keypair', security_groups: 'securityGroup' },
  openstack_blockstorage_volume_v3: { volume_type: 'volumeType' },
  openstack_networking_floatingip_v2: { pool: 'network' },
};

/** Data sources that look something up by its name. */
const looked: Readonly<Record<string, Kind>> = {
  openstack_images_image_v2: 'image',
  openstack_compute_flavor_v2: 'flavor',
  openstack_compute_keypair_v2: 'keypair',
  openstack_dns_zone_v2: 'zone',
  openstack_networking_network_v2: 'network',
  openstack_networking_subnet_v2: 'subnet',
  openstack_networking_subnetpool_v2: 'subnetPool',
  openstack_networking_addressscope_v2: 'addressScope',
  openstack_networking_router_v2: 'router',
  openstack_networking_secgroup_v2: 'securityGroup',
  openstack_networking_qos_policy_v2: 'qosPolicy',
  openstack_identity_project_v3: 'project',
  openstack_identity_role_v3: 'role',
  openstack_identity_user_v3: 'user',
  openstack_identity_group_v3: 'group',
};

/** Kinds whose names a cloud takes once: what a plan adds must not be there under its name. */
const taken: Readonly<Record<string, Kind>> = {
  openstack_dns_zone_v2: 'zone',
  openstack_identity_project_v3: 'project',
  openstack_identity_user_v3: 'user',
  openstack_identity_role_v3: 'role',
  openstack_compute_keypair_v2: 'keypair',
  openstack_compute_flavor_v2: 'flavor',
  openstack_blockstorage_volume_type_v3: 'volumeType',
};

/** What is referred to by name or id is there, once where it is looked up; what is to be made is not there yet. */
export async function checkReferences(
  world: PlannedWorld,
  cloud: AskedCloud,
  { items, data }: { readonly items: readonly Item[]; readonly data: readonly Item[] },
  dead: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  const ready = (kind: Kind): boolean => !dead.has(lookupOf(kind).service);
  const references = items.filter((item) => world.added(item) !== 0).flatMap((item) => referencesOf(world, item));
  await Promise.all([
    ...together(references.filter(({ kind }) => ready(kind))).map((group) => checkReference(world, cloud, group, findings)),
    ...data
      .filter(({ type }) => looked[type] !== undefined && ready(looked[type]))
      .map((item) => checkLookup(world, cloud, item, looked[item.type] as Kind, findings)),
    ...items
      .filter((item) => taken[item.type] !== undefined && ready(taken[item.type] as Kind) && world.added(item) !== 0)
      .map((item) => checkFree(world, cloud, item, taken[item.type] as Kind, findings)),
    ...items.map((item) => (dead.has('key-manager') ? undefined : checkContainers(world, cloud, item, findings))),
  ]);
}

function referencesOf(world: PlannedWorld, item: Item): Reference[] {
  const found: Reference[] = [];
  const take = (body: Item['body'], attribute: string, kind: Kind, by: Reference['by']): void => {
    const given = body[attribute];
    for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) {
      const text = textIn(world.resolve(item, one));
      const mustBe = attribute === 'external_network_id' || attribute === 'pool' ? 'external' : undefined;
      if (text !== undefined && !text.includes('${')) found.push({ item, attribute, kind, by, text, mustBe });
    }
  };
  for (const [attribute, kind] of Object.entries(ids)) take(item.body, attribute, kind, 'id');
  for (const [attribute, kind] of Object.entries(names[item.type] ?? {})) take(item.body, attribute, kind, 'name');
  if (item.type === 'openstack_compute_instance_v2') {
    take(item.body, 'flavor_id', 'flavor', 'id');
    for (const block of blocksOf(item.body, 'network')) {
      take(block, 'uuid', 'network', 'id');
      take(block, 'name', 'network', 'name');
      take(block, 'port', 'port', 'id');
    }
    for (const disk of blocksOf(item.body, 'block_device')) {
      if (textIn(world.resolve(item, disk['source_type'])) === 'image') take(disk, 'uuid', 'image', 'id');
      take(disk, 'volume_type', 'volumeType', 'name');
    }
  }
  for (const block of blocksOf(item.body, 'fixed_ip')) take(block, 'subnet_id', 'subnet', 'id');
  return found;
}

/** Whether a plan itself makes something of that name in the same cloud. */
function isPlanned(world: PlannedWorld, item: Item, kind: Kind, name: string): boolean {
  const cloud = world.stack(item.stack)?.stack.cloud;
  const { type } = lookupOf(kind);
  for (const other of world.items(type)) {
    // A domain is no project of that name.
    if (kind === 'project' && (other.body['is_domain'] === true) !== (item.body['is_domain'] === true)) continue;
    if (world.stack(other.stack)?.stack.cloud === cloud && world.text(other, 'name') === name) return true;
  }
  return false;
}

/** Those that refer to the same by the same attribute: one fault is told once. */
function together(references: readonly Reference[]): Reference[][] {
  const groups = new Map<string, Reference[]>();
  for (const reference of references) {
    const { kind, by, text, attribute } = reference;
    const key = [kind, by, attribute, text].join(' ');
    const group = groups.get(key);
    if (group) group.push(reference);
    else groups.set(key, [reference]);
  }
  return [...groups.values()];
}

async function checkReference(world: PlannedWorld, cloud: AskedCloud, group: readonly Reference[], findings: Findings): Promise<void> {
  const items = group.map(({ item }) => item);
  const [first] = group;
  if (first === undefined) return;
  const { attribute, kind, by, text, mustBe } = first;
  const { noun } = lookupOf(kind);
  for (const item of items) findings.look('reference', item, 'object');
  if (by === 'name' && isPlanned(world, first.item, kind, text)) return;
  if (kind === 'securityGroup' && text === 'default') return;
  if (kind === 'project' && text === cloud.session.project) return;
  const found = by === 'name' ? await named(cloud, kind, text) : await withId(cloud, kind, text);
  const what = `${noun} "${text}" (${attribute}${items.length > 1 ? ` of ${items.length} objects` : ''})`;
  if (isSilence(found)) {
    findings.unknown('reference', items, `whether ${what} is there could not be asked: ${found.message}`);
    return;
  }
  const there: readonly Found[] = found === undefined ? [] : Array.isArray(found) ? (found as readonly Found[]) : [found as Found];
  const [one] = there;
  if (one === undefined) findings.fail('reference', items, `no ${what} is in this cloud`, await offer(cloud, kind));
  else if (by === 'name' && there.length > 1)
    findings.fail('reference', items, `${there.length} of ${noun} are called "${text}" (${attribute})`, 'name it by its id, or give them different names');
  else if (mustBe === 'external' && one['router:external'] !== true)
    findings.fail('reference', items, `${what} is not external`, 'name a network of the cloud that is');
  else if (kind === 'image' && typeof one['status'] === 'string' && one['status'] !== 'active')
    findings.fail('reference', items, `image "${text}" is ${one['status']}`, 'wait until it is active, or take another');
}

/** What a cloud has of a kind, where that is a short list. */
async function offer(cloud: AskedCloud, kind: Kind): Promise<string> {
  const { service, byName, key } = lookupOf(kind);
  const path = byName('');
  if (path.includes('?')) return 'correct the name, or have it made';
  const list = await cloud.list(service, path, key);
  const known = 'ok' in list ? [] : list.map(({ name }) => name).filter((name) => typeof name === 'string');
  return known.length === 0
    ? 'this cloud has none that you see: have it made'
    : `it has ${known.slice(0, 8).sort().join(', ')}${known.length > 8 ? ', ...' : ''}`;
}

/** A data source finds exactly one, or its plan fails after everything before it. */
async function checkLookup(world: PlannedWorld, cloud: AskedCloud, item: Item, kind: Kind, findings: Findings): Promise<void> {
  const name = world.text(item, 'name');
  if (name === undefined) return;
  findings.look('reference', item, 'object');
  if (isPlanned(world, item, kind, name)) return;
  const { noun, service } = lookupOf(kind);
  const place = service === 'identity' ? await narrowed(world, cloud, item, { kind, by: ['domain_id', 'parent_id'] }) : undefined;
  const found = await named(cloud, kind, name, service === 'network' ? filters(world, item) : (place?.query ?? ''));
  if (isSilence(found)) findings.unknown('reference', item, `whether ${noun} "${name}" is there could not be asked: ${found.message}`);
  else if (place?.planned === true) findings.unknown('reference', item, `${noun} "${name}" is looked for in what this plan makes`);
  else if (found.length === 0) findings.fail('reference', item, `no ${noun} "${name}" is in this cloud`, await offer(cloud, kind));
  else if (place !== undefined && place.later.length > 0)
    findings.unknown(
      'reference',
      item,
      `whether ${noun} "${name}" is the one that is looked for is told by its ${place.later.join(' and ')}, known only later`,
    );
  else if (found.length > 1 && item.body['most_recent'] !== true)
    findings.fail(
      'reference',
      item,
      `${found.length} of ${noun} are called "${name}", and one is looked for`,
      'give them different names, or look it up by its id',
    );
}

/** What Neutron's lists are narrowed by, as the data source does it. */
function filters(world: PlannedWorld, item: Item): string {
  const query = new URLSearchParams();
  for (const [attribute, field] of Object.entries({
    network_id: 'network_id',
    cidr: 'cidr',
    tenant_id: 'project_id',
    ip_version: 'ip_version',
    subnet_id: 'id',
    router_id: 'id',
  })) {
    const text = world.text(item, attribute);
    if (text !== undefined && !(attribute === 'network_id' && item.type === 'openstack_networking_network_v2')) query.set(field, text);
  }
  if (item.body['external'] === true) query.set('router:external', 'true');
  const text = query.toString();
  return text === '' ? '' : `&${text}`;
}

async function checkFree(world: PlannedWorld, cloud: AskedCloud, item: Item, kind: Kind, findings: Findings): Promise<void> {
  const name = world.text(item, 'name');
  if (name === undefined || world.heldOf(item).length > 0) return;
  findings.look('name', item, 'name');
  const { noun, service } = lookupOf(kind);
  const place = service === 'identity' ? await narrowed(world, cloud, item, { kind, by: ['domain_id'] }) : undefined;
  if (place?.planned === true) return;
  const list = await named(cloud, kind, name, place?.query);
  const found = isSilence(list) || place === undefined ? list : await inDomain(cloud, item, kind, list);
  if (isSilence(found)) findings.unknown('name', item, `whether the name "${name}" is free could not be asked: ${found.message}`);
  else if (found === undefined || (found.length > 0 && place !== undefined && place.later.length > 0))
    findings.unknown('name', item, `${noun} "${name}" is there in some domain, and in which this one is made is known only later`);
  else if (found.length > 0)
    findings.fail('name', item, `${noun} "${name}" is there already${idOf(found[0])}`, `take it in with vcloud import, or give this one another name`);
}

/** Those of the domain that something is made in by naming none; undefined where there are some, and the cloud does not say which domain it is. */
async function inDomain(cloud: AskedCloud, item: Item, kind: Kind, list: readonly Found[]): Promise<readonly Found[] | undefined> {
  const given = item.body['domain_id'] ?? '';
  // Roles that name no domain are of none, and a domain is in none.
  if (list.length === 0 || given !== '' || kind === 'role' || item.body['is_domain'] === true) return list;
  const domain = await ownDomain(cloud);
  return domain === undefined ? undefined : list.filter((one) => one['domain_id'] === domain);
}

/** Certificates of listeners are in the key store. */
async function checkContainers(world: PlannedWorld, cloud: AskedCloud, item: Item, findings: Findings): Promise<void> {
  for (const attribute of ['default_tls_container_ref', 'client_ca_tls_container_ref', 'sni_container_refs', 'tls_container_ref', 'ca_tls_container_ref']) {
    const given = item.body[attribute];
    for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) {
      const text = textIn(world.resolve(item, one));
      const [, list, id] = /\/v1\/(containers|secrets)\/([0-9a-f-]+)\/?$/u.exec(text ?? '') ?? [];
      if (text === undefined) continue;
      findings.look('reference', item, 'object');
      if (list === undefined) {
        findings.fail(
          'reference',
          item,
          `${attribute} "${text}" is no address of a container or secret`,
          'give what Barbican calls container_ref or secret_ref',
        );
        continue;
      }
      const answer = await cloud.ask('key-manager', `/v1/${list}/${id ?? ''}`);
      if (answer.ok) continue;
      if (answer.reason === '404')
        findings.fail('reference', item, `${attribute} "${text}" is not in the key store`, 'store the certificate first, or correct the reference');
      else findings.unknown('reference', item, `whether ${attribute} is in the key store could not be asked: ${answer.message}`);
    }
  }
}

function idOf(found: Found | undefined): string {
  const id = found?.['id'];
  return typeof id === 'string' && id !== '' ? ` (${id})` : '';
}
