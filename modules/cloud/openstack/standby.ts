import { Construct } from 'constructs';
import { BlockstorageVolumeV3 } from '../providers/openstack/blockstorage-volume-v3.ts';
import { NetworkingPortV2 } from '../providers/openstack/networking-port-v2.ts';
import type { Agency, TenantFacts } from '../program/agency.ts';
import type { TenantStack } from '../program/stack.ts';
import type { Primary } from '../synth/world.ts';
import { tenantStack } from './tenant.ts';

export interface StandbyProps {
  readonly tenant: TenantFacts;
  /** The tenant's own workload: the standby's ports lie in its data network. */
  readonly workload: TenantStack;
  readonly primaries: readonly Primary[];
}

/** Gibibytes a replica of a tenant's data takes: as many as its data has. */
export function replicaGiB(agency: Agency, { tenant }: Pick<Primary, 'tenant'>): number {
  return agency.ask('tenant', tenant)?.size?.['dataGiB'] ?? 200;
}

/**
 * The disaster-recovery side of other tenants, in a stack of its own: per primary a replica of its data volume and a
 * port kept free for the server that takes over. Ids are not known before the primary is applied, so this stack reads its state
 * and waits for it. It stands apart from the workload, so that two tenants may stand by for each other.
 */
export class Standby extends Construct {
  readonly stack: TenantStack;

  constructor(agency: Agency, id: string, { tenant, workload, primaries }: StandbyProps) {
    super(agency, id);
    const stack = tenantStack(agency, { tenant, part: 'standby', after: [workload] });
    this.stack = stack;
    const network = stack.read(workload.path, 'data_network_id');
    for (const primary of primaries) {
      const producer = `${primary.agency}.${primary.tenant}.workload`;
      const what = new Construct(stack, `${primary.system}-of-${primary.tenant}`);
      new NetworkingPortV2(what, 'port', {
        name: stack.nameOf(`standby-${primary.system}`),
        description: stack.describe(`kept free for ${primary.system}`),
        networkId: network,
        adminStateUp: false,
        tags: [stack.tag],
      });
      new BlockstorageVolumeV3(what, 'replica', {
        name: stack.nameOf(`replica-${primary.system}`),
        description: stack.describe(`replica of ${primary.tenant} for ${primary.system}`),
        size: replicaGiB(agency, primary),
        sourceReplica: stack.read(producer, 'data_volume_1_id'),
        metadata: { vcloud: stack.tag, system: primary.system, mode: primary.mode ?? 'not stated' },
      });
    }
  }
}
