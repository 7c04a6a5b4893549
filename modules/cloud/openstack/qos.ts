import { Construct } from 'constructs';
import { NetworkingQosBandwidthLimitRuleV2 } from '../providers/openstack/networking-qos-bandwidth-limit-rule-v2.ts';
import { NetworkingQosPolicyV2 } from '../providers/openstack/networking-qos-policy-v2.ts';
import { TenantStack } from '../program/stack.ts';

export interface BandwidthLimitProps {
  /** Most a port may send, and receive, in megabits a second. */
  readonly egressMbps?: number;
  readonly ingressMbps?: number;
}

/** A limit for each port it is given to (`qosPolicyId`): one member cannot fill the line of all. Bursts are 80 % of a second, as Neutron advises. */
export class BandwidthLimit extends Construct {
  readonly policy: NetworkingQosPolicyV2;

  constructor(scope: Construct, id: string, { egressMbps, ingressMbps }: BandwidthLimitProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    this.policy = new NetworkingQosPolicyV2(this, 'policy', { name: stack.nameOf(id), description: stack.describe('limit of bandwidth'), tags: [stack.tag] });
    for (const [direction, mbps] of [
      ['egress', egressMbps],
      ['ingress', ingressMbps],
    ] as const)
      if (mbps !== undefined)
        new NetworkingQosBandwidthLimitRuleV2(this, direction, { qosPolicyId: this.policy.id, direction, maxKbps: mbps * 1000, maxBurstKbps: mbps * 800 });
  }
}
