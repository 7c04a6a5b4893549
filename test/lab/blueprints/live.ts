import { isObject } from '../../../modules/core/index.ts';
import type { CloudClient, Json, ServiceType } from '../support/lab.ts';

/** One security group rule as Neutron has it. */
export interface LiveRule {
  readonly direction: 'ingress' | 'egress';
  readonly protocol: string;
  readonly port: number | undefined;
  /** Prefixes it is about; a group's name after `group:`. */
  readonly remotes: readonly string[];
}

/** What a project really has, as its services answer. */
export interface Live {
  readonly tenant: string;
  readonly servers: readonly Json[];
  readonly serverGroups: readonly Json[];
  readonly volumes: readonly Json[];
  readonly ports: readonly Json[];
  readonly networks: readonly Json[];
  readonly balancers: readonly Json[];
  readonly listeners: readonly Json[];
  readonly pools: readonly Json[];
  readonly members: ReadonlyMap<string, readonly Json[]>;
  readonly secrets: readonly Json[];
  readonly containers: readonly Json[];
  /** Rules by the name of their group without the tenant's. */
  readonly rules: ReadonlyMap<string, readonly LiveRule[]>;
  readonly quotas: { readonly compute: Json; readonly network: Json; readonly volume: Json; readonly balancer: Json };
}

/** Reads everything of one project. `admin` sees all projects, `own` is a login into this one. */
export async function readLive(admin: CloudClient, own: CloudClient, tenant: string): Promise<Live> {
  const id = await own.projectId();
  const adminId = await admin.projectId();
  const network = (path: string, key: string): Promise<readonly Json[]> => own.list('network', `/v2.0/${path}?project_id=${id}`, key);
  const balancer = (path: string, key: string): Promise<readonly Json[]> => own.list('load-balancer', `/v2/lbaas/${path}?project_id=${id}`, key);
  const inside = async (service: ServiceType, path: string, key: string, from = admin): Promise<Json> => {
    const found = (await from.get(service, path))[key];
    return isObject(found) ? found : {};
  };
  const [servers, serverGroups, volumes, ports, networks, groups, addressGroups, balancers, listeners, pools] = await Promise.all([
    own.list('compute', '/servers/detail', 'servers'),
    own.list('compute', '/os-server-groups', 'server_groups'),
    own.list('volumev3', '/volumes/detail', 'volumes'),
    network('ports', 'ports'),
    network('networks', 'networks'),
    network('security-groups', 'security_groups'),
    network('address-groups', 'address_groups'),
    balancer('loadbalancers', 'loadbalancers'),
    balancer('listeners', 'listeners'),
    balancer('pools', 'pools'),
  ]);
  const members = new Map<string, readonly Json[]>();
  for (const pool of pools) members.set(String(pool['id']), await own.list('load-balancer', `/v2/lbaas/pools/${String(pool['id'])}/members`, 'members'));
  const nameOf = new Map(groups.map((group) => [String(group['id']), bare(tenant, String(group['name']))]));
  const addressesOf = new Map(addressGroups.map((group) => [String(group['id']), Array.isArray(group['addresses']) ? group['addresses'].map(String) : []]));
  return {
    tenant,
    servers,
    serverGroups,
    volumes,
    ports,
    networks,
    balancers,
    listeners,
    pools,
    members,
    secrets: await own.list('key-manager', '/v1/secrets?limit=100', 'secrets'),
    containers: await own.list('key-manager', '/v1/containers?limit=100', 'containers'),
    rules: new Map(
      groups.map((group) => [
        nameOf.get(String(group['id'])) ?? '',
        (Array.isArray(group['security_group_rules']) ? group['security_group_rules'].filter(isObject) : []).map((rule): LiveRule => {
          const { remote_group_id: remoteGroup, remote_address_group_id: addresses, remote_ip_prefix: prefix } = rule;
          const remotes =
            typeof remoteGroup === 'string'
              ? [`group:${nameOf.get(remoteGroup) ?? remoteGroup}`]
              : typeof addresses === 'string'
                ? (addressesOf.get(addresses) ?? [])
                : [typeof prefix === 'string' ? prefix : rule['ethertype'] === 'IPv6' ? '::/0' : '0.0.0.0/0'];
          return {
            direction: rule['direction'] === 'ingress' ? 'ingress' : 'egress',
            protocol: String(rule['protocol']),
            port: typeof rule['port_range_min'] === 'number' ? rule['port_range_min'] : undefined,
            remotes,
          };
        }),
      ]),
    ),
    quotas: {
      compute: await inside('compute', `/os-quota-sets/${id}/detail`, 'quota_set'),
      network: await inside('network', `/v2.0/quotas/${id}/details.json`, 'quota'),
      volume: await inside('volumev3', `/os-quota-sets/${id}?usage=true`, 'quota_set', adminId === '' ? own : admin),
      balancer: await inside('load-balancer', `/v2/quotas/${id}`, 'quota'),
    },
  };
}

/** A name without the tenant's before it. */
export function bare(tenant: string, name: string): string {
  return name.startsWith(`${tenant}-`) ? name.slice(tenant.length + 1) : name;
}
