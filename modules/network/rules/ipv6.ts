import { compareCodeUnits } from '../../core/index.ts';
import { agencyOf, type Federation, type Network } from '../../federation/index.ts';
import type { PlanSet } from '../model.ts';

/** How many networks are in which state of the move to IPv6. */
export interface Ipv6Counts {
  readonly networks: number;
  readonly none: number;
  readonly planned: number;
  readonly dual: number;
  readonly ipv6Only: number;
  readonly notStated: number;
  /** Share that runs IPv6, from 0 to 1; 1 where there is no network. */
  readonly share: number;
  /** Networks past the date they were to run IPv6. */
  readonly overdue: number;
  /** The next date by which a network is to run IPv6; undefined where none is left. */
  readonly next?: string | undefined;
  /** Blocks for hosts in the plan, by the families they have. */
  readonly blocks: { readonly v4: number; readonly dual: number; readonly v6: number };
}

export interface Ipv6Progress {
  readonly asOf: string;
  readonly total: Ipv6Counts;
  /** Agencies in code-unit order of ids; what has no agency stands under ''. */
  readonly organisations: readonly (Ipv6Counts & { readonly id: string; readonly names?: { readonly vi: string; readonly en: string } | undefined })[];
  /** Networks that do not run IPv6 yet, by date, those without one last. */
  readonly open: readonly {
    readonly id: string;
    readonly owner: string;
    readonly state: string;
    readonly target?: string | undefined;
    readonly overdue: boolean;
  }[];
}

interface Tally {
  networks: number;
  none: number;
  planned: number;
  dual: number;
  'ipv6-only': number;
  notStated: number;
  overdue: number;
  next?: string | undefined;
  readonly blocks: { v4: number; dual: number; v6: number };
}

const empty = (): Tally => ({ networks: 0, none: 0, planned: 0, dual: 0, 'ipv6-only': 0, notStated: 0, overdue: 0, blocks: { v4: 0, dual: 0, v6: 0 } });

/**
 * How far every agency is with IPv6 on the date of `federation`: what its networks declare, and beside it what the plan
 * gives hosts (blocks with `role` network, lan or site).
 */
export function ipv6Progress(planSet: PlanSet, federation: Federation): Ipv6Progress {
  const { asOf } = federation;
  const total = empty();
  const tallies = new Map<string, Tally>();
  const of = (owner: string | undefined): readonly Tally[] => {
    const id = owner === undefined ? '' : agencyOf(federation, owner);
    const known = tallies.get(id) ?? empty();
    tallies.set(id, known);
    return [total, known];
  };
  for (const network of federation.networks.values()) for (const tally of of(network.owner)) count(tally, network, asOf);
  for (const { role, owner, v4, v6 } of planSet.needs.values()) {
    if (role !== 'network' && role !== 'lan' && role !== 'site') continue;
    for (const { blocks } of of(owner)) blocks[v4 && v6 ? 'dual' : v4 ? 'v4' : 'v6']++;
  }
  const open = [...federation.networks.values()]
    .filter(({ ipv6 }) => ipv6 !== 'dual' && ipv6 !== 'ipv6-only')
    .map((network) => ({
      id: network.id,
      owner: network.owner,
      state: network.ipv6 ?? 'not stated',
      target: network.ipv6Target,
      overdue: isOverdue(network, asOf),
    }))
    .sort((one, other) => compareCodeUnits(one.target ?? '~', other.target ?? '~') || compareCodeUnits(one.id, other.id));
  const organisations = [...tallies]
    .sort(([one], [other]) => compareCodeUnits(one, other))
    .map(([id, tally]) => ({ id, names: federation.organisations.get(id)?.names, ...countsOf(tally) }));
  return { asOf, total: countsOf(total), organisations, open };
}

function count(tally: Tally, network: Network, asOf: string): void {
  const { ipv6, ipv6Target: target } = network;
  tally.networks++;
  tally[ipv6 ?? 'notStated']++;
  if (ipv6 === 'dual' || ipv6 === 'ipv6-only') return;
  if (isOverdue(network, asOf)) tally.overdue++;
  else if (target !== undefined && (tally.next === undefined || target < tally.next)) tally.next = target;
}

function isOverdue({ ipv6, ipv6Target }: Network, asOf: string): boolean {
  return ipv6 !== 'dual' && ipv6 !== 'ipv6-only' && ipv6Target !== undefined && asOf > ipv6Target;
}

function countsOf({ 'ipv6-only': ipv6Only, ...tally }: Tally): Ipv6Counts {
  const { networks, dual } = tally;
  return { ...tally, ipv6Only, share: networks === 0 ? 1 : (dual + ipv6Only) / networks };
}
