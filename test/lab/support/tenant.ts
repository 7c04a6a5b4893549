import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isObject } from '../../../modules/core/index.ts';
import { CloudClient, type Json, type ServiceType } from './client.ts';
import { openstackVariables, type OpenstackLab } from './openstack.ts';

/** A project of its own for one test, with a user who has no rights elsewhere. */
export interface Tenant {
  readonly projectId: string;
  readonly project: string;
  readonly userId: string;
  readonly username: string;
  readonly password: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly client: CloudClient;
  /** What the project still has, as `kind name`; without the security group Neutron makes by itself. */
  readonly remaining: () => Promise<readonly string[]>;
  /** Deletes all the project has, then the user and the project. */
  readonly remove: () => Promise<void>;
}

/** Roles a tenant's user needs to use every service of the lab. */
const roles = ['member', 'creator', 'load-balancer_member'];

/**
 * Makes a project and a user.
 * @param name beginning of both names; a random ending keeps tests apart
 */
export async function freshTenant(lab: OpenstackLab, name: string): Promise<Tenant> {
  const { admin, authUrl, region } = lab;
  const unique = `${name}-${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const domain_id = 'default';
  const projectId = idIn(await admin.post('identity', '/projects', { project: { name: unique, domain_id } }), 'project');
  const userId = idIn(await admin.post('identity', '/users', { user: { name: unique, password, domain_id, default_project_id: projectId } }), 'user');
  const known = await admin.list('identity', '/roles', 'roles');
  for (const role of roles) {
    const id = known.find((each) => each['name'] === role)?.['id'];
    if (typeof id === 'string') await admin.put('identity', `/projects/${projectId}/users/${userId}/roles/${id}`);
  }
  const client = new CloudClient({ authUrl, username: unique, password, project: unique });
  return {
    projectId,
    project: unique,
    userId,
    username: unique,
    password,
    environment: openstackVariables(authUrl, region, unique, password, unique),
    client,
    remaining: () => remainingOf(admin, projectId),
    remove: async () => {
      await cleanProject(admin, projectId);
      await admin.remove('identity', `/users/${userId}`);
      await admin.remove('identity', `/projects/${projectId}`);
    },
  };
}

interface Kind {
  readonly service: ServiceType;
  /** Path of the collection, without the query. */
  readonly path: string;
  readonly key: string;
  /** Query with which an administrator sees all projects. */
  readonly query?: string;
  readonly removal?: string;
  /** Whether the object lives on for a while after its deletion was accepted. */
  readonly slow?: boolean;
}

/** What a project may hold, in an order in which it can be deleted. */
const kinds: readonly Kind[] = [
  { service: 'load-balancer', path: '/v2/lbaas/loadbalancers', key: 'loadbalancers', removal: '?cascade=true', slow: true },
  { service: 'compute', path: '/servers', key: 'servers', query: '/detail?all_tenants=1', slow: true },
  { service: 'compute', path: '/os-server-groups', key: 'server_groups', query: '?all_projects=1' },
  { service: 'volumev3', path: '/snapshots', key: 'snapshots', query: '/detail?all_tenants=1', slow: true },
  { service: 'volumev3', path: '/volumes', key: 'volumes', query: '/detail?all_tenants=1', slow: true },
  { service: 'image', path: '/v2/images', key: 'images', query: '?limit=1000' },
  { service: 'dns', path: '/v2/zones', key: 'zones', slow: true },
  network('vpn/ipsec-site-connections', 'ipsec_site_connections'),
  network('vpn/endpoint-groups', 'endpoint_groups'),
  network('vpn/vpnservices', 'vpnservices'),
  network('vpn/ikepolicies', 'ikepolicies'),
  network('vpn/ipsecpolicies', 'ipsecpolicies'),
  network('bgp-speakers', 'bgp_speakers'),
  network('bgp-peers', 'bgp_peers'),
  network('floatingips', 'floatingips'),
  network('trunks', 'trunks'),
  network('routers', 'routers'),
  network('ports', 'ports'),
  network('subnets', 'subnets'),
  network('rbac-policies', 'rbac_policies'),
  network('networks', 'networks'),
  network('subnetpools', 'subnetpools'),
  network('address-scopes', 'address_scopes'),
  network('security-groups', 'security_groups'),
  network('address-groups', 'address_groups'),
  network('qos/policies', 'policies'),
];

function network(path: string, key: string): Kind {
  return { service: 'network', path: `/v2.0/${path}`, key };
}

/** Deletes all that a project has, as an administrator. The project itself and its users stay. */
export async function cleanProject(admin: CloudClient, projectId: string): Promise<void> {
  for (const kind of kinds) {
    const found = await objectsOf(admin, kind, projectId);
    // Some at once: a thousand networks one after another take longer than the test that made them.
    for (let first = 0; first < found.length; first += 6) {
      await Promise.all(found.slice(first, first + 6).map((object) => removeOne(admin, kind, object)));
    }
    if (kind.slow === true && found.length > 0) await untilNone(admin, kind, projectId);
  }
}

async function remainingOf(admin: CloudClient, projectId: string): Promise<string[]> {
  const result: string[] = [];
  for (const kind of kinds) {
    for (const object of await objectsOf(admin, kind, projectId)) {
      if (kind.key === 'security_groups' && object['name'] === 'default') continue;
      result.push(`${kind.key} ${String(object['name'] ?? object['id'])}`);
    }
  }
  return result;
}

async function objectsOf(admin: CloudClient, kind: Kind, projectId: string): Promise<readonly Json[]> {
  if (!(await admin.services()).has(kind.service)) return [];
  const answer = await admin.request(kind.service, 'GET', `${kind.path}${kind.query ?? ''}`, undefined, { 'X-Auth-All-Projects': 'true' });
  // A plugin that this cloud does not have.
  if (answer.status === 404) return [];
  if (answer.status !== 200) throw new Error(`GET ${kind.path}: ${answer.status} ${answer.text.slice(0, 300)}`);
  const list = answer.body[kind.key];
  return (Array.isArray(list) ? list : []).filter(isObject).filter((object) => ownerOf(object) === projectId);
}

function ownerOf(object: Json): unknown {
  return (
    object['project_id'] ??
    object['tenant_id'] ??
    object['owner'] ??
    object['os-vol-tenant-attr:tenant_id'] ??
    object['os-extended-snapshot-attributes:project_id']
  );
}

async function removeOne(admin: CloudClient, kind: Kind, object: Json): Promise<void> {
  const path = `${kind.path}/${String(object['id'])}`;
  if (kind.key === 'routers') {
    await admin.put('network', path, { router: { routes: [] } });
    for (const port of await admin.list('network', `/v2.0/ports?device_id=${String(object['id'])}`, 'ports')) {
      if (String(port['device_owner']).startsWith('network:router_interface')) {
        await admin.put('network', `${path}/remove_router_interface`, { port_id: port['id'] });
      }
    }
  }
  if (kind.key === 'floatingips') {
    for (const { id } of await admin.list('network', `${path}/port_forwardings`, 'port_forwardings')) {
      await admin.remove('network', `${path}/port_forwardings/${String(id)}`);
    }
  }
  // Designate knows a zone of another project only with this header, and answers 404 without it.
  const { status, text } = await admin.request(kind.service, 'DELETE', `${path}${kind.removal ?? ''}`, undefined, { 'X-Auth-All-Projects': 'true' });
  if (status !== 404 && (status < 200 || status > 299)) throw new Error(`DELETE ${path}: ${status} ${text.slice(0, 500)}`);
}

async function untilNone(admin: CloudClient, kind: Kind, projectId: string): Promise<void> {
  for (let turn = 0; turn < 240; turn++) {
    if ((await objectsOf(admin, kind, projectId)).length === 0) return;
    await pause(500);
  }
  throw new Error(`${kind.key} of project ${projectId} do not go away`);
}

function idIn(body: Json, key: string): string {
  const object = body[key];
  if (!isObject(object)) throw new Error(`no ${key} in the answer`);
  return String(object['id']);
}
