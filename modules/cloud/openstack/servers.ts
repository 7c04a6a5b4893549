import { Construct } from 'constructs';
import type { BlockstorageVolumeV3 } from '../providers/openstack/blockstorage-volume-v3.ts';
import { ComputeInstanceV2 } from '../providers/openstack/compute-instance-v2.ts';
import { ComputeServergroupV2 } from '../providers/openstack/compute-servergroup-v2.ts';
import { ComputeVolumeAttachV2 } from '../providers/openstack/compute-volume-attach-v2.ts';
import { NetworkingPortV2 } from '../providers/openstack/networking-port-v2.ts';
import { TenantStack } from '../program/stack.ts';
import { called } from './catalogue.ts';
import { Essentials } from './essentials.ts';
import type { TenantNetwork } from './network.ts';
import { SecurityGroup, type Allow, type Reach } from './security.ts';
import { DataVolume, type VolumeBackup } from './volumes.ts';

export interface ServersProps {
  readonly network: TenantNetwork;
  readonly count: number;
  /** As the cloud's catalogue has them; their own names where it says nothing. */
  readonly flavor: string;
  readonly image: string;
  readonly allow: readonly Allow[];
  /** Where they may open connections to, besides what `Essentials` lets every server reach. */
  readonly reach?: readonly Reach[];
  /** A data volume of this size on each. */
  readonly volumeGiB?: number;
  /** A type the cloud offers; `encrypted` by default, because data at rest is encrypted unless somebody decides otherwise. */
  readonly volumeType?: string;
  readonly backup?: VolumeBackup;
  /** Number of the first server's address in its network. */
  readonly firstHost?: number;
  /** Their addresses, where something else worked them out. */
  readonly addresses?: readonly { readonly v4?: string; readonly v6?: string }[];
  readonly userData?: string;
  /** Plain settings each server reads from its metadata; never a secret. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Name of a key pair that administrators log in with. */
  readonly keyPair?: string;
  /** Id of a policy that limits what each may send. */
  readonly qosPolicyId?: string;
}

/** Like servers that back each other up: kept on different hosts while there are enough, each with a fixed address of both families. */
export class Servers extends Construct {
  readonly name: string;
  readonly network: TenantNetwork;
  readonly security: SecurityGroup;
  readonly instances: readonly ComputeInstanceV2[];
  readonly ports: readonly NetworkingPortV2[];
  readonly volumes: readonly BlockstorageVolumeV3[];
  readonly addresses: readonly { readonly v4?: string; readonly v6?: string }[];

  constructor(scope: Construct, id: string, props: ServersProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const { network, count, flavor, image, volumeGiB, firstHost = 10, allow, reach = [], volumeType, backup, qosPolicyId, keyPair, settings } = props;
    this.name = id;
    this.network = network;
    this.security = new SecurityGroup(this, 'group', { allow, reach });
    const groups = [this.security.group.id, Essentials.of(this).security.group.id];
    // Soft whatever the count: a policy that followed it would replace the group, and every server in it, when one is added.
    const apart = new ComputeServergroupV2(this, 'apart', { name: stack.nameOf(id), policies: ['soft-anti-affinity'] });
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    this.addresses = props.addresses?.map((address) => network.take(address, this)) ?? numbers.map((number) => network.host(firstHost + number - 1, this));
    this.ports = numbers.map((number, index) => {
      const { v4, v6 } = this.addresses[index] ?? {};
      return new NetworkingPortV2(this, `port-${number}`, {
        name: stack.nameOf(`${id}-${number}`),
        description: stack.describe(`port of ${id} ${number}`),
        networkId: network.network.id,
        adminStateUp: true,
        securityGroupIds: groups,
        ...(qosPolicyId === undefined ? {} : { qosPolicyId }),
        fixedIp: [
          ...(network.subnet4 && v4 !== undefined ? [{ subnetId: network.subnet4.id, ipAddress: v4 }] : []),
          ...(network.subnet6 && v6 !== undefined ? [{ subnetId: network.subnet6.id, ipAddress: v6 }] : []),
        ],
        tags: [stack.tag],
      });
    });
    this.instances = this.ports.map(
      (port, index) =>
        new ComputeInstanceV2(this, `server-${index + 1}`, {
          name: stack.nameOf(`${id}-${index + 1}`),
          flavorName: called(this, 'flavors', flavor),
          imageName: called(this, 'images', image),
          network: [{ port: port.id }],
          schedulerHints: [{ group: apart.id }],
          metadata: { ...settings, vcloud: stack.tag, role: id },
          tags: [stack.tag],
          ...(keyPair === undefined ? {} : { keyPair }),
          ...(props.userData === undefined ? {} : { userData: props.userData }),
        }),
    );
    this.volumes =
      volumeGiB === undefined
        ? []
        : this.instances.map((instance, index) => {
            const { volume } = new DataVolume(this, `volume-${index + 1}`, {
              gib: volumeGiB,
              name: `${id}-${index + 1}-data`,
              purpose: `data of ${id} ${index + 1}`,
              ...(volumeType === undefined ? {} : { type: volumeType }),
              ...(backup === undefined ? {} : { backup }),
            });
            new ComputeVolumeAttachV2(this, `attach-${index + 1}`, { instanceId: instance.id, volumeId: volume.id });
            return volume;
          });
  }
}
