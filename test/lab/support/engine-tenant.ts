import * as os from 'node:os';
import { App, Fn, TerraformOutput, TerraformStack } from 'cdktf';
import { NetworkingAddressGroupV2 } from '../../../modules/cloud/providers/openstack/networking-address-group-v2.ts';
import { NetworkingAddressscopeV2 } from '../../../modules/cloud/providers/openstack/networking-addressscope-v2.ts';
import { NetworkingNetworkV2 } from '../../../modules/cloud/providers/openstack/networking-network-v2.ts';
import { NetworkingPortV2 } from '../../../modules/cloud/providers/openstack/networking-port-v2.ts';
import { NetworkingRouterInterfaceV2 } from '../../../modules/cloud/providers/openstack/networking-router-interface-v2.ts';
import { NetworkingRouterV2 } from '../../../modules/cloud/providers/openstack/networking-router-v2.ts';
import { NetworkingSecgroupRuleV2 } from '../../../modules/cloud/providers/openstack/networking-secgroup-rule-v2.ts';
import { NetworkingSecgroupV2 } from '../../../modules/cloud/providers/openstack/networking-secgroup-v2.ts';
import { NetworkingSubnetV2 } from '../../../modules/cloud/providers/openstack/networking-subnet-v2.ts';
import { NetworkingSubnetpoolV2 } from '../../../modules/cloud/providers/openstack/networking-subnetpool-v2.ts';
import { OpenstackProvider } from '../../../modules/cloud/providers/openstack/provider.ts';
import { VpnaasEndpointGroupV2 } from '../../../modules/cloud/providers/openstack/vpnaas-endpoint-group-v2.ts';
import { VpnaasIkePolicyV2 } from '../../../modules/cloud/providers/openstack/vpnaas-ike-policy-v2.ts';
import { VpnaasIpsecPolicyV2 } from '../../../modules/cloud/providers/openstack/vpnaas-ipsec-policy-v2.ts';
import { renderStack } from '../../../modules/cloud/synth/render.ts';
import type { SynthesisedStack } from '../../../modules/engine/index.ts';

/** What must stand in no state in clear where the engine can encrypt it. */
export const plantedSecret = 'only-for-the-owner-7f3a';

/** One tenant of plain resources, with references, text made of references, lists, blocks, order and an output. */
export function tenantStack(): SynthesisedStack {
  const stack = new TerraformStack(new App({ outdir: os.tmpdir(), stackTraces: false }), 'moh.portal.workload');
  new OpenstackProvider(stack, 'openstack', { maxRetries: 3, delayedAuth: true, endpointType: 'public' });
  const scope = new NetworkingAddressscopeV2(stack, 'scope', { name: 'portal', ipVersion: 4 });
  const pool = new NetworkingSubnetpoolV2(stack, 'pool', { name: 'portal', prefixes: ['10.64.0.0/16'], defaultPrefixlen: 24, addressScopeId: scope.id });
  const network = new NetworkingNetworkV2(stack, 'net', { name: 'portal', description: 'as declared', tags: ['portal', 'web'] });
  const subnet = new NetworkingSubnetV2(stack, 'subnet', {
    name: 'portal',
    networkId: network.id,
    subnetpoolId: pool.id,
    cidr: '10.64.7.0/24',
    dnsNameservers: ['10.64.7.2', '10.64.7.3'],
    allocationPool: [{ start: '10.64.7.10', end: '10.64.7.200' }],
  });
  const router = new NetworkingRouterV2(stack, 'router', {
    name: `of-${network.name}`,
    description: Fn.sensitive(plantedSecret) as string,
    adminStateUp: true,
  });
  const leg = new NetworkingRouterInterfaceV2(stack, 'leg', { routerId: router.id, subnetId: subnet.id });
  const group = new NetworkingSecgroupV2(stack, 'group', { name: 'web', description: 'web servers' });
  const partners = new NetworkingAddressGroupV2(stack, 'partners', { name: 'partners', addresses: ['192.0.2.0/24', '198.51.100.0/24'] });
  new NetworkingSecgroupRuleV2(stack, 'https', {
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: 'tcp',
    portRangeMin: 443,
    portRangeMax: 443,
    remoteAddressGroupId: partners.id,
    securityGroupId: group.id,
  });
  const port = new NetworkingPortV2(stack, 'port', {
    name: 'web-1',
    networkId: network.id,
    securityGroupIds: [group.id],
    fixedIp: [{ subnetId: subnet.id, ipAddress: '10.64.7.11' }],
    allowedAddressPairs: [{ ipAddress: '10.64.7.250' }],
    dependsOn: [leg],
  });
  new VpnaasIkePolicyV2(stack, 'ike', {
    name: 'portal',
    ikeVersion: 'v2',
    encryptionAlgorithm: 'aes-256',
    pfs: 'group14',
    lifetime: [{ units: 'seconds', value: 7200 }],
  });
  new VpnaasIpsecPolicyV2(stack, 'ipsec', { name: 'portal', encryptionAlgorithm: 'aes-256', pfs: 'group14', lifetime: [{ units: 'seconds', value: 3600 }] });
  new VpnaasEndpointGroupV2(stack, 'endpoints', { name: 'partners', type: 'cidr', endpoints: ['192.0.2.0/24'] });
  new TerraformOutput(stack, 'address', { value: `${port.name} in ${subnet.cidr}`, staticId: true });
  const { json, ...rest } = renderStack(stack, 'moh', 'production');
  return { ...rest, json, environment: 'production' };
}
