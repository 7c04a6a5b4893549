import * as os from 'node:os';
import { App, TerraformOutput, TerraformStack, Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { ProblemError, type Problem } from '../../modules/core/index.ts';
import { DeploymentV1 } from '../../modules/cloud/providers/kubernetes/deployment-v1.ts';
import { NamespaceV1 } from '../../modules/cloud/providers/kubernetes/namespace-v1.ts';
import { DataNetworkingNetworkV2 } from '../../modules/cloud/providers/openstack/data-networking-network-v2.ts';
import { NetworkingNetworkV2 } from '../../modules/cloud/providers/openstack/networking-network-v2.ts';
import { NetworkingPortV2 } from '../../modules/cloud/providers/openstack/networking-port-v2.ts';
import { OpenstackProvider } from '../../modules/cloud/providers/openstack/provider.ts';

function stack(): TerraformStack {
  return new TerraformStack(new App({ outdir: os.tmpdir(), stackTraces: false }), 'stack');
}

function problemsOf(work: () => void): readonly Problem[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

/** As a program without types would write it. */
const loose = (value: unknown): never => value as never;

describe('a generated class', () => {
  it('writes Terraform’s names, single blocks as a list of one, and references', () => {
    const at = stack();
    new OpenstackProvider(at, 'openstack', { cloud: 'works', endpointOverrides: { network: 'https://cloud.test/' } });
    const uplink = new DataNetworkingNetworkV2(at, 'uplink', { name: 'external' });
    const network = new NetworkingNetworkV2(at, 'net', { name: 'a', adminStateUp: true, tags: [uplink.id] });
    new NetworkingPortV2(at, 'port', {
      networkId: network.id,
      fixedIp: [{ subnetId: 'x', ipAddress: '10.0.0.1' }],
      binding: { vnicType: 'direct' },
      dependsOn: [network],
      lifecycle: { ignoreChanges: ['tags'] },
    });
    const namespace = new NamespaceV1(at, 'ns', { metadata: { name: 'apps' } });
    new TerraformOutput(at, 'seen', { value: [namespace.at('metadata[0].name'), network.mtu] });
    const document = at.toTerraform() as Record<string, Record<string, Record<string, Record<string, unknown>>>>;
    expect(document['terraform']).toMatchObject({ required_providers: { openstack: { source: 'terraform-provider-openstack/openstack', version: '~> 3.4' } } });
    expect(document['provider']).toEqual({ openstack: [{ cloud: 'works', endpoint_overrides: { network: 'https://cloud.test/' } }] });
    expect(document['data']?.['openstack_networking_network_v2']?.['uplink']).toMatchObject({ name: 'external' });
    expect(document['resource']?.['openstack_networking_network_v2']?.['net']).toMatchObject({
      admin_state_up: true,
      name: 'a',
      tags: ['${data.openstack_networking_network_v2.uplink.id}'],
    });
    expect(document['resource']?.['openstack_networking_port_v2']?.['port']).toMatchObject({
      network_id: '${openstack_networking_network_v2.net.id}',
      fixed_ip: [{ subnet_id: 'x', ip_address: '10.0.0.1' }],
      binding: [{ vnic_type: 'direct' }],
      depends_on: ['openstack_networking_network_v2.net'],
      lifecycle: { ignore_changes: ['tags'] },
    });
    expect(document['output']).toEqual({ seen: { value: ['${kubernetes_namespace_v1.ns.metadata[0].name}', '${openstack_networking_network_v2.net.mtu}'] } });
  });

  it('names every fault of its properties, with the construct’s path', () => {
    const found = problemsOf(
      () =>
        new NetworkingPortV2(
          stack(),
          'port',
          loose({ adminStateup: true, allFixedIps: ['x'], securityGroupIds: 'one', fixedIp: [{ subnetIdd: 'x' }, 5], binding: [{}, {}], macAddress: {} }),
        ),
    );
    expect(found.map(({ code, subject }) => [code, subject])).toEqual([
      ['CLOUD-BODY-UNKNOWN', 'stack/port'],
      ['CLOUD-BODY-COMPUTED', 'stack/port'],
      ['CLOUD-BODY-TYPE', 'stack/port'],
      ['CLOUD-BODY-UNKNOWN', 'stack/port'],
      ['CLOUD-BODY-TYPE', 'stack/port'],
      ['CLOUD-BODY-COUNT', 'stack/port'],
      ['CLOUD-BODY-TYPE', 'stack/port'],
      ['CLOUD-BODY-MISSING', 'stack/port'],
    ]);
    expect(found[0]).toMatchObject({ message: expect.stringContaining('adminStateup') as unknown, hint: 'did you mean "adminStateUp"?' });
    expect(found[3]?.message).toContain('fixedIp[0].subnetIdd');
    expect(found.at(-1)?.message).toContain('networkId');
  });

  it('checks deep blocks: what is missing three levels down is named by its path', () => {
    const found = problemsOf(
      () =>
        new DeploymentV1(
          stack(),
          'd',
          loose({
            metadata: { name: 'x' },
            spec: { template: { metadata: {}, spec: { container: [{ image: 'i' }, { name: 'c', port: [{ containerPort: '80x' }] }] } } },
          }),
        ),
    );
    expect(found.map(({ message }) => message.split(':')[0])).toEqual([
      'spec.template.spec.container[0].name',
      'spec.template.spec.container[1].port.containerPort',
    ]);
  });

  it('lets values pass that are not known yet', () => {
    const at = stack();
    const later = Token.asAny({ resolve: () => 5 });
    expect(problemsOf(() => new NetworkingNetworkV2(at, 'net', loose({ mtu: later, tags: '${var.tags}', name: '${var.name}' })))).toEqual([]);
  });
});
