import { formatPrefix, isFault, readPrefix, type Prefix } from '../../../network/index.ts';
import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { overlappingPairs } from '../static/pairs.ts';
import type { PlannedSubnet } from '../static/subnets.ts';
import type { AskedCloud } from './cloud.ts';

interface Placed {
  readonly prefix: Prefix;
  readonly item?: Item | undefined;
  readonly live?: Readonly<Record<string, unknown>> | undefined;
}

const fields = 'fields=id&fields=name&fields=cidr&fields=network_id&fields=project_id';

/**
 * No subnet the plan adds shares an address with one that is there and that no state here holds: of the project, of shared and of
 * external networks.
 */
export async function checkLiveNetworks(
  cloud: AskedCloud,
  project: string,
  subnets: readonly PlannedSubnet[],
  held: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  const added = subnets.flatMap(({ item, prefix }) => (prefix === undefined ? [] : [{ item, prefix }]));
  if (added.length === 0) return;
  for (const { item } of added) findings.look('live-overlap', item, 'subnet');
  const live = await liveSubnets(cloud, project);
  if ('message' in live) {
    const items = added.map(({ item }) => item);
    findings.unknown('live-overlap', items, `the subnets that are there could not be read: ${live.message}`);
    return;
  }
  const others = live.subnets.flatMap((one): Placed[] => {
    const read = readPrefix(String(one['cidr']));
    return isFault(read) || held.has(String(one['id'])) ? [] : [{ prefix: read, live: one }];
  });
  for (const [one, other] of overlappingPairs<Placed>([...added, ...others])) {
    const [mine, there] = one.item === undefined ? [other, one] : [one, other];
    if (mine.item === undefined || there.live === undefined) continue;
    const { name, id, project_id: owner } = there.live;
    const whose = owner === project ? 'of this project' : 'of a shared or external network';
    findings.fail(
      'live-overlap',
      mine.item,
      `${formatPrefix(mine.prefix)} overlaps ${formatPrefix(there.prefix)}, which is there: subnet "${typeof name === 'string' ? name : ''}" (${String(id)}) ${whose}`,
      'take another prefix, or take that subnet in with vcloud import',
    );
  }
}

type Live = { readonly subnets: readonly Readonly<Record<string, unknown>>[] } | { readonly message: string };

async function liveSubnets(cloud: AskedCloud, project: string): Promise<Live> {
  const own = project === '' ? [] : await cloud.list('network', `/v2.0/subnets?project_id=${project}&${fields}`, 'subnets');
  if ('ok' in own) return own;
  const nets = new Set<string>();
  for (const query of ['shared=true', 'router:external=true']) {
    const list = await cloud.list('network', `/v2.0/networks?${query}&fields=id`, 'networks');
    if ('ok' in list) return list;
    for (const { id } of list) if (typeof id === 'string') nets.add(id);
  }
  const ids = [...nets].sort();
  const all = [...own];
  // An address line holds so many ids.
  for (let from = 0; from < ids.length; from += 50) {
    const query = ids.slice(from, from + 50).map((id) => `network_id=${id}`);
    const list = await cloud.list('network', `/v2.0/subnets?${query.join('&')}&${fields}`, 'subnets');
    if ('ok' in list) return list;
    all.push(...list);
  }
  return { subnets: [...new Map(all.map((one) => [String(one['id']), one])).values()] };
}
