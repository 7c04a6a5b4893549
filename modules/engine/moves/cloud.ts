import { plural, problem, type Problem } from '../../core/index.ts';
import type { StackRecord, StateHead } from '../state.ts';
import type { DeclaredStack } from '../types.ts';

/**
 * What speaks against planning a stack that is declared in another cloud than the one its objects are in: asked with the new
 * cloud's credentials they would all seem gone, be made again there and fall out of the state where they are. Undefined: nothing
 * does (it holds no objects, or where they are was never said). Pure.
 */
export function cloudChange(
  stack: Pick<DeclaredStack, 'path' | 'cloud'> | undefined,
  head: Pick<StateHead, 'resources'> | undefined,
  record: Pick<StackRecord, 'cloud'> | undefined,
): Problem | undefined {
  const [before, now] = [record?.cloud, stack?.cloud];
  if (stack === undefined || head === undefined || head.resources === 0 || before === undefined || now === undefined || before === now) return undefined;
  return problem(
    'ENGINE-CLOUD-CHANGED',
    `${plural(head.resources, 'object')} of it ${head.resources === 1 ? 'is' : 'are'} in cloud "${before}", and it is declared in "${now}"`,
    {
      subject: stack.path,
      hint: `declare it in "${before}" again; to leave that cloud, destroy it there first (vcloud destroy --stack ${stack.path}), or give its system a tenant in "${now}" and move it (vcloud system move)`,
    },
  );
}
