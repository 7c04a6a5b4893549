import { Construct } from 'constructs';
import { BlockstorageVolumeV3 } from '../providers/openstack/blockstorage-volume-v3.ts';
import { ComputeInstanceV2 } from '../providers/openstack/compute-instance-v2.ts';
import { ComputeServergroupV2 } from '../providers/openstack/compute-servergroup-v2.ts';
import { ComputeVolumeAttachV2 } from '../providers/openstack/compute-volume-attach-v2.ts';
import { NetworkingPortV2 } from '../providers/openstack/networking-port-v2.ts';
import { TenantStack } from '../program/stack.ts';
import type { TenantNetwork } from './network.ts';
import { SecurityGroup, type Allow } from './security.ts';

export interface ServersProps {
  readonly network: TenantNetwork;
  readonly count: number;
  /** Names in the cloud's catalogue. */
  readonly flavor: string;
  readonly image: string;
  readonly allow: readonly Allow[];
  /** A data volume of this size on each. */
  readonly volumeGiB?: number;
  /** A type the cloud offers; `encrypted` by default, because data at rest is encrypted unless somebody decides otherwise. */
  readonly volumeType?: string;
  /** Number of the first server's address in its network. */
  readonly firstHost?: number;
  readonly userData?: string;
}

/** Like servers that back each other up: kept on different hosts while there are enough, each with a fixed address of both families. */
export class Servers extends Construct {
  readonly name: string;
  readonly network: TenantNetwork;
  readonly security: SecurityGroup;
  readonly instances: readonly ComputeInstanceV2[];
  readonly volumes: readonly BlockstorageVolumeV3[];
  readonly addresses: readonly { readonly v4?: string; readonly v6?: string }[];

  constructor(scope: Construct, id: string, props: ServersProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const { network, count, flavor, image, volumeGiB, volumeType = 'encrypted', firstHost = 10 } = props;
    this.name = id;
    this.network = network;
    this.security = new SecurityGroup(this, 'group', { allow: props.allow });
    // Soft whatever the count: a policy that followed it would replace the group, and every server in it, when one is added.
    const apart = new ComputeServergroupV2(this, 'apart', { name: stack.nameOf(id), policies: ['soft-anti-affinity'] });
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    this.addresses = numbers.map((number) => network.host(firstHost + number - 1, this));
    this.instances = numbers.map((number, index) => {
      const { v4, v6 } = this.addresses[index] ?? {};
      const port = new NetworkingPortV2(this, `port-${number}`, {
        name: stack.nameOf(`${id}-${number}`),
        description: stack.describe(`port of ${id} ${number}`),
        networkId: network.network.id,
        adminStateUp: true,
        securityGroupIds: [this.security.group.id],
        fixedIp: [
          ...(network.subnet4 && v4 !== undefined ? [{ subnetId: network.subnet4.id, ipAddress: v4 }] : []),
          ...(network.subnet6 && v6 !== undefined ? [{ subnetId: network.subnet6.id, ipAddress: v6 }] : []),
        ],
        tags: [stack.tag],
      });
      return new ComputeInstanceV2(this, `server-${number}`, {
        name: stack.nameOf(`${id}-${number}`),
        flavorName: flavor,
        imageName: image,
        network: [{ port: port.id }],
        schedulerHints: [{ group: apart.id }],
        metadata: { vcloud: stack.tag, role: id },
        tags: [stack.tag],
        ...(props.userData === undefined ? {} : { userData: props.userData }),
      });
    });
    this.volumes =
      volumeGiB === undefined
        ? []
        : this.instances.map((instance, index) => {
            const volume = new BlockstorageVolumeV3(this, `volume-${index + 1}`, {
              name: stack.nameOf(`${id}-${index + 1}-data`),
              description: stack.describe(`data of ${id} ${index + 1}`),
              size: volumeGiB,
              // Without it a volume in use cannot grow, and the new size is in the state all the same.
              enableOnlineResize: true,
              metadata: { vcloud: stack.tag },
              volumeType,
            });
            new ComputeVolumeAttachV2(this, `attach-${index + 1}`, { instanceId: instance.id, volumeId: volume.id });
            return volume;
          });
  }
}
