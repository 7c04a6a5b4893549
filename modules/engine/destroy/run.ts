import { fail } from '../../core/index.ts';
import { plan, type PlanOptions } from '../plan.ts';
import { selectionExpression } from '../select/index.ts';
import type { PlanRun } from '../types.ts';
import type { DestroyRequest } from './guard.ts';

export interface DestroyOptions extends Omit<PlanOptions, 'destroy' | 'allowRemove' | 'all'>, DestroyRequest {}

/**
 * Plans the destruction of the selected stacks, in the reverse order of their dependencies, into a plan directory that is
 * reviewed, approved and applied like any other. Destroys nothing itself.
 * @throws ProblemError ENGINE-DESTROY-SELECT without a selection, ENGINE-DESTROY-DEPENDENTS, ENGINE-DESTROY-PROTECTED,
 * ENGINE-DESTROY-ALLOW: all of them, before anything is planned
 */
export async function destroy(options: DestroyOptions): Promise<PlanRun> {
  const { allow, kinds, ...rest } = options;
  if (selectionExpression(options.select ?? {}) === undefined) {
    fail('ENGINE-DESTROY-SELECT', 'nothing says what to destroy', {
      hint: 'select it: --stack PATH, --agency ID, --select EXPRESSION; "--select all" for everything',
    });
  }
  return await plan({ ...rest, destroy: { allow, kinds } });
}
