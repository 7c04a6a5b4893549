import { isObject } from '../../../core/index.ts';
import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { numberIn, type PlannedWorld } from '../world.ts';
import type { AskedCloud, Said } from './cloud.ts';
import { quantityNames, type Demand, type Quantity } from './demand.ts';

/** Where a project is: in the cloud, or made by this plan. */
export interface Project {
  /** Its id; undefined where this plan makes it. */
  readonly id: string | undefined;
  readonly name: string;
}

interface Limit {
  /** -1: none. */
  readonly limit: number;
  readonly used: number | undefined;
  /** The object that declares it, where a plan does. */
  readonly declared?: Item | undefined;
}

/** Kinds that set quotas, and what their attributes are of. */
const declaring: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  openstack_compute_quotaset_v2: ['compute', {}],
  openstack_blockstorage_quotaset_v3: ['block-storage', {}],
  openstack_networking_quota_v2: ['network', {}],
  openstack_lb_quota_v2: ['load-balancer', { loadbalancer: 'load_balancer', l7_policy: 'l7policy', l7_rule: 'l7rule' }],
  openstack_dns_quota_v2: ['dns', {}],
};

/** Quotas that stacks of the plan declare for a project. */
export function declaredLimits(world: PlannedWorld, isOf: (item: Item) => boolean): Map<Quantity, Limit> {
  const found = new Map<Quantity, Limit>();
  for (const item of world.items(...Object.keys(declaring))) {
    const [service, names] = declaring[item.type] ?? ['', {}];
    if (!isOf(item)) continue;
    for (const attribute of Object.keys(item.body)) {
      const limit = numberIn(world.value(item, attribute));
      if (limit !== undefined) found.set(`${service}.${names[attribute] ?? attribute}`, { limit, used: undefined, declared: item });
    }
  }
  return found;
}

/** Every quantity the plan adds fits what the project's quota leaves. */
export async function checkQuota(
  cloud: AskedCloud,
  project: Project,
  demands: ReadonlyMap<Quantity, Demand>,
  declared: ReadonlyMap<Quantity, Limit>,
  dead: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  for (const [quantity, { amount, items, open }] of [...demands].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [service = ''] = quantity.split('.');
    if (dead.has(service)) continue;
    const stated = declared.get(quantity);
    const live = await limitOf(cloud, project, quantity, stated !== undefined);
    const limit = stated?.limit ?? (isLimit(live) ? live.limit : undefined);
    const what = quantityNames[quantity] ?? quantity.replace(/^.*\./u, '').replaceAll('_', ' ');
    for (const item of items) findings.look('quota', item, 'object');
    if (limit === -1) continue;
    const of = `project "${project.name}"`;
    if (limit === undefined) {
      const why = isLimit(live) ? 'it is not told' : live.message;
      findings.unknown('quota', items, `whether the quota of ${of} has room for ${amount} more ${what} could not be asked: ${why}`);
      continue;
    }
    const used = project.id === undefined ? 0 : isLimit(live) ? live.used : undefined;
    const where = stated?.declared === undefined ? '' : `, declared by ${stated.declared.address} of ${stated.declared.stack}`;
    if (amount + (used ?? 0) > limit) {
      const room = Math.max(0, limit - (used ?? 0));
      findings.fail(
        'quota',
        items,
        `${amount} more ${what} do not fit the quota of ${of}: it leaves ${room} (limit ${limit}, ${used ?? 'an unknown number'} used${where})`,
        stated === undefined ? `ask the cloud's operator for a larger quota, or use less` : 'declare a larger quota, or use less',
      );
    } else if (used === undefined) {
      const why = isLimit(live) ? 'it is not told' : live.message;
      findings.unknown('quota', items, `how many ${what} ${of} uses could not be asked: ${why}`);
    } else if (open.length > 0)
      findings.unknown('quota', open, `how many ${what} it takes is not known, because its size or number is not (the quota leaves ${limit - used})`);
  }
}

type Silence = Extract<Said, { ok: false }>;

function isLimit(value: Limit | Silence): value is Limit {
  return 'limit' in value;
}

/** @param counted whether what is used matters also where the cloud sets no limit, because a plan declares one */
async function limitOf(cloud: AskedCloud, { id }: Project, quantity: Quantity, counted: boolean): Promise<Limit | Silence> {
  const [service = '', name = ''] = quantity.split('.');
  // A project that is not there yet gets the cloud's defaults.
  const project = id ?? cloud.session.project;
  const defaults = id === undefined;
  switch (service) {
    case 'compute':
    case 'block-storage': {
      const path = defaults ? `/os-quota-sets/${project}/defaults` : `/os-quota-sets/${project}${service === 'compute' ? '/detail' : '?usage=True'}`;
      return readLimit(await cloud.ask(service, path), 'quota_set', name);
    }
    case 'network':
      return readLimit(await cloud.ask(service, `/v2.0/quotas/${project}/${defaults ? 'default' : 'details.json'}`), 'quota', name);
    case 'load-balancer': {
      const found = readLimit(await cloud.ask(service, `/v2/lbaas/quotas/${defaults ? 'defaults' : project}`), 'quota', name);
      const list = balancerLists[name];
      if (!isLimit(found) || (found.limit === -1 && !counted) || defaults || list === undefined) return found;
      const used = await cloud.list(service, `/v2/lbaas/${list}?project_id=${project}&fields=id`, list);
      return 'ok' in used ? used : { limit: found.limit, used: used.length };
    }
    case 'dns': {
      if (defaults) return { ok: false, reason: 'planned', message: 'the project is made by this plan, and nothing declares its quota' };
      const found = readLimit(await cloud.ask(service, `/v2/quotas/${project}`), undefined, name);
      if (!isLimit(found) || (found.limit === -1 && !counted)) return found;
      const zones = await cloud.ask(service, '/v2/zones?limit=1');
      const total = zones.ok && isObject(zones.body['metadata']) ? zones.body['metadata']['total_count'] : undefined;
      return { limit: found.limit, used: typeof total === 'number' ? total : undefined };
    }
    case 'key-manager': {
      const found = readLimit(await cloud.ask(service, '/v1/quotas'), 'quotas', name);
      if (!isLimit(found) || (found.limit === -1 && !counted) || defaults) return found;
      const held = await cloud.ask(service, `/v1/${name}?limit=1`);
      const total = held.ok ? held.body['total'] : undefined;
      return { limit: found.limit, used: typeof total === 'number' ? total : undefined };
    }
    default:
      return { ok: false, reason: 'unknown', message: `nothing is known of quotas of ${service}` };
  }
}

/** Quota -> the list whose length is what is used. */
const balancerLists: Readonly<Record<string, string>> = {
  load_balancer: 'loadbalancers',
  listener: 'listeners',
  pool: 'pools',
  health_monitor: 'healthmonitors',
  l7policy: 'l7policies',
};

function readLimit(answer: Said, key: string | undefined, name: string): Limit | Silence {
  if (!answer.ok) return answer;
  const holder = key === undefined ? answer.body : answer.body[key];
  const value = isObject(holder) ? holder[name] : undefined;
  if (typeof value === 'number') return { limit: value, used: undefined };
  // A cloud counts only what it limits.
  if (isObject(holder) && value === undefined) return { limit: -1, used: undefined };
  if (!isObject(value) || typeof value['limit'] !== 'number') return { ok: false, reason: 'format', message: 'its answer has no limit' };
  const count = (field: string): number => (typeof value[field] === 'number' ? value[field] : 0);
  return { limit: value['limit'], used: count('used') + count('in_use') + count('reserved') };
}
