import { Fn, TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { VpnaasEndpointGroupV2 } from '../providers/openstack/vpnaas-endpoint-group-v2.ts';
import { VpnaasIkePolicyV2 } from '../providers/openstack/vpnaas-ike-policy-v2.ts';
import { VpnaasIpsecPolicyV2 } from '../providers/openstack/vpnaas-ipsec-policy-v2.ts';
import { VpnaasServiceV2 } from '../providers/openstack/vpnaas-service-v2.ts';
import { VpnaasSiteConnectionV2 } from '../providers/openstack/vpnaas-site-connection-v2.ts';
import { TenantStack } from '../program/stack.ts';
import type { TenantNetwork, TenantRouter } from './network.ts';

export interface SiteVpnProps {
  readonly router: TenantRouter;
  /** Networks of this side; one connection carries one family. */
  readonly networks: readonly TenantNetwork[];
  readonly family?: 'v4' | 'v6';
  readonly peer: {
    /** Where the other side answers. */
    readonly address: string;
    /** How it names itself; its address by default. */
    readonly id?: string;
    /** Its prefixes, by key of the address plan or in words. */
    readonly prefixes: readonly ({ readonly key: string } | string)[];
  };
  /**
   * Name of the variable that holds the pre-shared key, `psk` and the construct's id by default. Its value comes with the
   * tenant's credentials (`TF_VAR_NAME`), is shown by no plan, and lies in the plan file and the state, which are secrets for it.
   */
  readonly secret?: string;
  /** Who opens the connection; both by default. */
  readonly initiator?: 'bi-directional' | 'response-only';
}

/** AES-256 with a group of 2048 bits and SHA-256: what RFC 8247 and RFC 8221 ask for, as far as VPNaaS has it. */
const strong = { encryptionAlgorithm: 'aes-256', authAlgorithm: 'sha256', pfs: 'group14' } as const;

/** An IPsec connection from the tenant's router to another site (IKEv2, tunnel mode, dead peers noticed within two minutes). */
export class SiteVpn extends Construct {
  readonly service: VpnaasServiceV2;
  readonly connection: VpnaasSiteConnectionV2;

  /** @throws ProblemError CLOUD-VPN-PREFIXES where a side has no prefix of the family */
  constructor(scope: Construct, id: string, { router, networks, family = 'v4', peer, secret, initiator = 'bi-directional' }: SiteVpnProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const described = (what: string): { name: string; description: string } => ({
      name: stack.nameOf(`${id}-${what}`),
      description: stack.describe(`${id}: ${what}`),
    });
    const local = networks.flatMap((network) => (family === 'v4' ? network.subnet4 : network.subnet6) ?? []);
    const remote = peer.prefixes
      .flatMap((prefix) => (typeof prefix === 'string' ? prefix : (stack.agency.addresses(prefix.key)[family] ?? [])))
      .filter((prefix) => prefix.includes(':') === (family === 'v6'));
    for (const [side, count] of [
      ['this', local.length],
      ['the other', remote.length],
    ] as const)
      if (count === 0)
        fail('CLOUD-VPN-PREFIXES', `${side} side of VPN ${id} has no prefix of IP${family}`, {
          subject: this.node.path,
          hint: 'name networks and prefixes of one family, and another connection for the other',
        });
    const psk = new TerraformVariable(this, 'psk', {
      type: 'string',
      sensitive: true,
      description: stack.describe(`pre-shared key of ${id}`),
    });
    psk.overrideLogicalId(secret ?? `psk_${id.replace(/[^A-Za-z0-9_]+/gu, '_')}`);
    const lifetime = (seconds: number): { units: string; value: number }[] => [{ units: 'seconds', value: seconds }];
    const ike = new VpnaasIkePolicyV2(this, 'ike', { ...described('ike'), ...strong, ikeVersion: 'v2', lifetime: lifetime(28_800) });
    const ipsec = new VpnaasIpsecPolicyV2(this, 'ipsec', {
      ...described('ipsec'),
      ...strong,
      transformProtocol: 'esp',
      encapsulationMode: 'tunnel',
      lifetime: lifetime(3600),
    });
    const ours = new VpnaasEndpointGroupV2(this, 'local', { ...described('local'), type: 'subnet', endpoints: local.map((subnet) => subnet.id) });
    const theirs = new VpnaasEndpointGroupV2(this, 'remote', { ...described('remote'), type: 'cidr', endpoints: [...new Set(remote)].sort() });
    // Neutron refuses a service on a router whose legs are not there yet, and no reference shows that.
    this.service = new VpnaasServiceV2(this, 'service', {
      ...described('service'),
      routerId: router.router.id,
      adminStateUp: true,
      dependsOn: [...router.interfaces],
    });
    this.connection = new VpnaasSiteConnectionV2(this, 'connection', {
      ...described('connection'),
      vpnserviceId: this.service.id,
      ikepolicyId: ike.id,
      ipsecpolicyId: ipsec.id,
      localEpGroupId: ours.id,
      peerEpGroupId: theirs.id,
      peerAddress: peer.address,
      peerId: peer.id ?? peer.address,
      // The provider does not mark it: without this it would be printed in every plan.
      psk: Fn.sensitive(psk.stringValue) as string,
      initiator,
      adminStateUp: true,
      dpd: [{ action: 'restart', interval: 30, timeout: 120 }],
    });
  }
}
