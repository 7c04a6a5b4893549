import type { PreflightQuery } from '../../../engine/index.ts';
import type { StackModel } from '../model.ts';
import type { Findings } from '../report.ts';
import type { PlannedWorld } from '../world.ts';
import type { CloudLimits } from './cloud.ts';

export async function checkKubernetes(
  _world: PlannedWorld,
  stacks: readonly StackModel[],
  _query: PreflightQuery,
  _limits: CloudLimits,
  findings: Findings,
): Promise<void> {
  for (const { stack } of stacks)
    findings.add({ check: 'live', stacks: [stack.path], cloud: stack.cloud, result: 'unknown', message: 'its Kubernetes API was not asked' });
}
