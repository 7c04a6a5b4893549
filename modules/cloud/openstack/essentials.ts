import { Construct } from 'constructs';
import { TenantStack } from '../program/stack.ts';
import { SecurityGroup, type Party } from './security.ts';

export interface EssentialsProps {
  /** Resolvers; the tenant's own networks by default, where the cloud's DHCP service answers. */
  readonly nameservers?: readonly string[];
  /** Time servers; the tenant's own networks by default. */
  readonly timeServers?: readonly string[];
}

/** Where Nova's metadata answers, the second as of Neutron 2020 (https://docs.openstack.org/nova/latest/user/metadata.html). */
const metadata = ['169.254.169.254/32', 'fe80::a9fe:a9fe/128'];

/**
 * What every server needs to start: names, time, its own metadata. One group for all servers of a stack, so that it is said
 * once and nothing else has to be let out for it. DHCP and neighbour discovery need no rule, Neutron lets them through itself.
 */
export class Essentials extends Construct {
  readonly security: SecurityGroup;

  constructor(scope: Construct, id: string, { nameservers, timeServers }: EssentialsProps = {}) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const own = stack.agency.ask('networks', stack.tenant.id).flatMap(({ v4, v6 }) => [v4, v6].filter((prefix) => prefix !== undefined));
    const at = (name: string, servers: readonly string[] | undefined): Party => ({
      name: servers === undefined ? 'own-networks' : name,
      prefixes: servers?.map(single) ?? own,
    });
    this.security = new SecurityGroup(this, 'group', {
      purpose: 'names, time and metadata',
      reach: [
        { to: at('nameservers', nameservers), port: 53, protocol: 'udp', why: 'names' },
        { to: at('nameservers', nameservers), port: 53, protocol: 'tcp', why: 'names, long answers' },
        { to: at('time-servers', timeServers), port: 123, protocol: 'udp', why: 'time' },
        { to: { name: 'metadata', prefixes: metadata }, port: 80, why: 'what the cloud tells a server about itself' },
      ],
    });
  }

  /** That of a stack, made when the first server asks for it. */
  static of(construct: Construct): Essentials {
    const stack = TenantStack.of(construct);
    const known = stack.node.tryFindChild('essentials');
    return known instanceof Essentials ? known : new Essentials(stack, 'essentials');
  }
}

/** A server's address as the prefix of that address alone; a prefix stays. */
function single(server: string): string {
  return server.includes('/') ? server : `${server}/${server.includes(':') ? 128 : 32}`;
}
