import { Construct } from 'constructs';
import { canonicalJson, fail, sha256 } from '../../core/index.ts';
import { NetworkingAddressGroupV2 } from '../providers/openstack/networking-address-group-v2.ts';
import { NetworkingSecgroupRuleV2 } from '../providers/openstack/networking-secgroup-rule-v2.ts';
import { NetworkingSecgroupV2 } from '../providers/openstack/networking-secgroup-v2.ts';
import { TenantStack } from '../program/stack.ts';
import { everyone, rulesOf, type FlowRule, type Opening, type Protocol, type Remote } from './flows.ts';
import { TenantNetwork } from './network.ts';

/**
 * One end of a conversation: everyone, a network of the tenant, the members of a group, a key of the address plan, a
 * prefix, or prefixes known by a name.
 */
export type Party =
  'anywhere' | TenantNetwork | SecurityGroup | { readonly key: string } | { readonly name: string; readonly prefixes: readonly string[] } | (string & {});

interface What {
  /** One port, or the first and the last; every port where none is named. */
  readonly port?: number | readonly [number, number];
  readonly protocol?: Protocol;
  /** What it is for, for the person who reviews the rule. */
  readonly why: string;
}

/** Who may reach what, as a person would say it; the rules of both families follow. */
export interface Allow extends What {
  readonly from: Party;
}

/** Where members may open connections to. */
export interface Reach extends What {
  readonly to: Party;
}

/** A conversation between two parties, at least one of them a group. */
export interface Flow extends What {
  readonly from: Party;
  readonly to: Party;
}

export interface SecurityGroupProps {
  readonly allow?: readonly Allow[];
  readonly reach?: readonly Reach[];
  /** `true` lets everything out. Otherwise only what is said goes out, and answers. */
  readonly outgoing?: boolean;
  /** What it is for; by default the reasons of `allow`. */
  readonly purpose?: string;
}

/**
 * A security group by intent: each line of `allow` and `reach` becomes a rule in every family it makes sense in. A line
 * that names another group opens that group too, in the other direction: who may be spoken to may be spoken to by whom it says.
 */
export class SecurityGroup extends Construct {
  readonly group: NetworkingSecgroupV2;
  readonly #stack: TenantStack;
  readonly #name: string;
  readonly #rules = new Map<string, string>();
  readonly #meant = new Set<string>();

  constructor(scope: Construct, id: string, { allow = [], reach = [], outgoing = false, purpose }: SecurityGroupProps) {
    super(scope, id);
    this.#stack = TenantStack.of(this);
    this.#name = id === 'group' ? (this.node.scope?.node.id ?? id) : id;
    this.group = new NetworkingSecgroupV2(this, 'group', {
      name: this.#stack.nameOf(this.#name),
      description: this.#stack.describe(short(purpose ?? ([...new Set([...allow, ...reach].map(({ why }) => why))].join('; ') || this.#name))),
      // Neutron's own two rules let everything out.
      deleteDefaultRules: true,
      tags: [this.#stack.tag],
    });
    for (const { from, ...what } of allow) permit({ from, to: this, ...what });
    for (const { to, ...what } of reach) permit({ from: this, to, ...what });
    if (outgoing)
      for (const family of ['IPv4', 'IPv6'])
        new NetworkingSecgroupRuleV2(this, `out-${family.toLowerCase()}`, {
          securityGroupId: this.group.id,
          direction: 'egress',
          ethertype: family,
          description: this.#stack.describe('all outgoing'),
        });
  }

  /** How rules of other groups call it. */
  get label(): string {
    return this.#name;
  }

  /** Adds the rules of one side of a conversation; one that is there already is not added again. Use `permit` for both sides. */
  open(direction: Opening['direction'], party: Party, { port, protocol = 'tcp', why }: What): void {
    const ports: readonly [number, number] | undefined = typeof port === 'number' ? [port, port] : port;
    const remote = remoteOf(party, this.#stack);
    for (const rule of rulesOf({ direction, remote, protocol, ...(ports === undefined ? {} : { ports }) })) {
      const said = canonicalJson({ ...rule.remote, path: party instanceof SecurityGroup ? party.node.path : '' });
      // Neutron holds a rule once, by whatever names it is asked for.
      const meant = canonicalJson([rule.direction, rule.family, rule.protocol, rule.ports ?? null, said]);
      if (this.#meant.has(meant)) continue;
      this.#meant.add(meant);
      const id = (this.#rules.get(rule.id) ?? said) === said ? rule.id : `${rule.id}-${sha256(said).slice(0, 8)}`;
      if (this.#rules.has(id)) continue;
      this.#rules.set(id, said);
      this.#add(id, rule, party, why);
    }
  }

  #add(id: string, { direction, family, protocol, ports, remote }: FlowRule, party: Party, why: string): void {
    new NetworkingSecgroupRuleV2(this, id, {
      securityGroupId: this.group.id,
      direction,
      ethertype: family,
      protocol,
      ...(ports === undefined ? {} : { portRangeMin: ports[0], portRangeMax: ports[1] }),
      ...('prefix' in remote
        ? { remoteIpPrefix: remote.prefix }
        : 'addressGroup' in remote
          ? { remoteAddressGroupId: addressGroup(this.#stack, remote.addressGroup, remote.addresses).id }
          : { remoteGroupId: party instanceof SecurityGroup ? party.group.id : remote.group }),
      description: this.#stack.describe(short(why)),
    });
  }
}

/** Neutron holds 255 characters of a description, the mark included. */
function short(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`;
}

/**
 * Lets one party open connections to another: an incoming rule at the receiver and an outgoing one at the sender, of every
 * end that is a group.
 * @throws ProblemError CLOUD-FLOW where neither end is a group: nothing could hold the rule
 */
export function permit({ from, to, ...what }: Flow): void {
  if (!(from instanceof SecurityGroup) && !(to instanceof SecurityGroup))
    fail('CLOUD-FLOW', `"${what.why}": neither end is a group of the tenant`, { hint: 'rules are held by the servers of one end; name a group there' });
  if (to instanceof SecurityGroup) to.open('ingress', from, what);
  if (from instanceof SecurityGroup) from.open('egress', to, what);
}

function remoteOf(party: Party, stack: TenantStack): Remote {
  if (party instanceof SecurityGroup) return { group: party.label };
  if (party instanceof TenantNetwork) return { name: party.name, prefixes: both(party) };
  if (party === 'anywhere') return everyone;
  if (typeof party === 'string') return { name: party, prefixes: [party] };
  return 'key' in party ? { name: party.key, prefixes: both(stack.agency.addresses(party.key)) } : party;
}

function both({ v4, v6 }: { readonly v4?: string | undefined; readonly v6?: string | undefined }): string[] {
  return [v4, v6].filter((prefix) => prefix !== undefined);
}

/** One address group per name and members in a stack, whoever asks for it first. */
function addressGroup(stack: TenantStack, name: string, addresses: readonly string[]): NetworkingAddressGroupV2 {
  const scope = stack.node.tryFindChild('prefixes') ?? new Construct(stack, 'prefixes');
  const known = scope.node.tryFindChild(name);
  if (known instanceof NamedPrefixes && known.addresses.join() === addresses.join()) return known.group;
  return new NamedPrefixes(scope, known === undefined ? name : `${name}-${sha256(addresses.join()).slice(0, 8)}`, stack, addresses).group;
}

class NamedPrefixes extends Construct {
  readonly group: NetworkingAddressGroupV2;
  readonly addresses: readonly string[];

  constructor(scope: Construct, id: string, stack: TenantStack, addresses: readonly string[]) {
    super(scope, id);
    this.addresses = addresses;
    this.group = new NetworkingAddressGroupV2(this, 'group', { name: stack.nameOf(id), description: stack.describe(id), addresses });
  }
}
