import { Construct } from 'constructs';
import { DataNetworkingQosPolicyV2 } from '../providers/openstack/data-networking-qos-policy-v2.ts';
import { NetworkingQosBandwidthLimitRuleV2 } from '../providers/openstack/networking-qos-bandwidth-limit-rule-v2.ts';
import { NetworkingQosPolicyV2 } from '../providers/openstack/networking-qos-policy-v2.ts';
import { TenantStack } from '../program/stack.ts';

export interface BandwidthLimitProps {
  /** Most a port may send, and receive, in megabits a second. */
  readonly egressMbps?: number;
  readonly ingressMbps?: number;
  /** Id of the project whose it is; the one of the stack's credentials by default. */
  readonly project?: string;
}

/**
 * A limit for each port it is given to (`qosPolicyId`): one member cannot fill the line of all. Bursts are 80 % of a second,
 * as Neutron advises. By Neutron's own rules only the cloud's operator may make one: put it into the stack `platform` with the
 * tenant's `project`, and find it in the workload by its name (`policyNamed`).
 */
export class BandwidthLimit extends Construct {
  readonly policy: NetworkingQosPolicyV2;

  constructor(scope: Construct, id: string, { egressMbps, ingressMbps, project }: BandwidthLimitProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    // No tags: some releases of Neutron refuse them on this kind; the description carries the mark.
    this.policy = new NetworkingQosPolicyV2(this, 'policy', {
      name: stack.nameOf(id),
      description: stack.describe('limit of bandwidth'),
      ...(project === undefined ? {} : { projectId: project }),
    });
    for (const [direction, mbps] of [
      ['egress', egressMbps],
      ['ingress', ingressMbps],
    ] as const)
      if (mbps !== undefined)
        new NetworkingQosBandwidthLimitRuleV2(this, direction, { qosPolicyId: this.policy.id, direction, maxKbps: mbps * 1000, maxBurstKbps: mbps * 800 });
  }
}

/** Id of the limit that a tenant's `platform` stack made as `id`, found by its name when the plan is made. */
export function policyNamed(scope: Construct, id: string): string {
  return new DataNetworkingQosPolicyV2(scope, id, { name: TenantStack.of(scope).nameOf(id) }).id;
}
