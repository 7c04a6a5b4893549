import type { Network } from '../../federation/index.ts';
import { formatPrefix } from '../format.ts';
import type { Domain, Leg, Need } from '../model.ts';
import type { Prefix } from '../prefix.ts';
import { specialPurpose } from '../special.ts';
import type { RuleContext, Violation } from './context.ts';

/** Declared networks against the plan: a public one has its own addresses, what is said of IPv6 is planned and in time. */
export function* networkRules(context: RuleContext): Generator<Violation> {
  const { planSet, federation, asOf } = context;
  if (!federation) return;
  const needsOf = new Map<string, Need[]>();
  for (const need of planSet.needs.values()) {
    if (need.subject?.collection !== 'networks') continue;
    needsOf.set(need.subject.id, [...(needsOf.get(need.subject.id) ?? []), need]);
  }
  for (const network of federation.networks.values()) {
    const keyed = network.key === undefined ? undefined : planSet.needs.get(network.key);
    const needs = [...(keyed ? [keyed] : []), ...(needsOf.get(network.id) ?? [])];
    if (network.zone === 'public') yield* publicAddress(context, network, needs);
    yield* ipv6(network, needs, asOf);
  }
}

function names(network: Network, needs: readonly Need[]): string[] {
  return [network.id, network.owner, ...needs.map(({ key }) => key)];
}

function isPrivate(prefix: Prefix): boolean {
  const kind = specialPurpose(prefix)?.kind;
  return kind === 'private' || kind === 'shared';
}

/** Whether the plan says that what a domain carries is not for the public. */
function isPrivateDomain(domain: Domain | undefined): boolean {
  return domain?.zone !== undefined && domain.zone !== 'public';
}

function* publicAddress(context: RuleContext, network: Network, needs: readonly Need[]): Generator<Violation> {
  const legs = needs.flatMap(({ v4, v6 }) => [v4, v6].filter((leg): leg is Leg => leg !== undefined));
  const pools = legs.map((leg) => context.poolOf(leg));
  const inside = pools.filter(({ prefix, domain }) => isPrivate(prefix) || isPrivateDomain(context.planSet.domains.get(domain)));
  if (legs.length > inside.length) return;
  const said =
    legs.length === 0
      ? 'no plan gives it a block'
      : legs
          .map((leg) => {
            const pool = context.poolOf(leg);
            const kind = specialPurpose(pool.prefix)?.kind;
            const why =
              kind === 'shared'
                ? 'which its carrier shares among customers'
                : kind === 'private'
                  ? 'which is private'
                  : `of domain "${pool.domain}", which is not public`;
            return `"${leg.need.key}" lies in ${formatPrefix(pool.prefix)}, ${why}`;
          })
          .join('; ');
  yield {
    rule: 'public-address',
    names: names(network, needs),
    place: network.place,
    text: `public network "${network.id}" of "${network.owner}" has no public address of its own: ${network.addressOrigin === 'provider' ? "its addresses are its provider's" : said}`,
    hint: 'give it a block of a public pool (`forEach: { networks: { zone: public } }`), or switch the rule off for it with the reason and a date',
  };
}

function* ipv6(network: Network, needs: readonly Need[], asOf: string | undefined): Generator<Violation> {
  const { id, ipv6: state, ipv6Target: target, place, key } = network;
  const named = { names: names(network, needs), place };
  const runs = state === 'dual' || state === 'ipv6-only';
  if (runs && (needs.length > 0 || key !== undefined) && !needs.some(({ v6 }) => v6)) {
    yield {
      ...named,
      rule: 'ipv6-block',
      text: `network "${id}" is said to run IPv6 (ipv6: ${state}), but ${needs.length > 0 ? `${needs.map((need) => `"${need.key}"`).join(', ')} has IPv4 only` : `no plan has its key "${key ?? ''}"`}`,
      hint: 'add a v6 leg to the need, or correct the state of the network',
    };
  }
  if (state === undefined) {
    yield {
      ...named,
      rule: 'ipv6-state',
      group: 'state',
      text: 'nothing is stated of IPv6',
      hint: 'add `ipv6: none`, `planned`, `dual` or `ipv6-only`',
    };
  } else if (!runs && target === undefined) {
    yield { ...named, rule: 'ipv6-state', group: 'date', text: 'no IPv6 yet, and no date by which there will be', hint: 'add `ipv6Target: "YYYY-MM-DD"`' };
  } else if (!runs && target !== undefined && asOf !== undefined && asOf > target) {
    yield {
      ...named,
      rule: 'ipv6-overdue',
      text: `network "${id}" of "${network.owner}" was to run IPv6 by ${target} and is still "${state}" on ${asOf}`,
      hint: 'say what it runs now (`ipv6: dual`), or set a new date in a reviewed change',
    };
  }
}
