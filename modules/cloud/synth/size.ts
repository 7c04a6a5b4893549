import { problem, type Problem } from '../../core/index.ts';
import type { SynthesisedStack } from '../../engine/index.ts';

/** As many resources a plan reads in half a minute and an interrupted apply leaves to sort out by hand. */
export const stackSize = 200;

/** A warning (CLOUD-STACK-SIZE) for every stack that has grown too long to plan and to recover well. Pure. */
export function judgeSizes(stacks: readonly Pick<SynthesisedStack, 'path' | 'resources'>[]): readonly Problem[] {
  return stacks
    .filter(({ resources }) => resources.length > stackSize)
    .map(({ path, resources }) =>
      problem('CLOUD-STACK-SIZE', `${resources.length} resources in one stack; every plan reads them all, and its state is rewritten after each`, {
        severity: 'warning',
        subject: path,
        hint: `keep a stack below ${stackSize}: put parts of the tenant into stacks of their own (\`tenant.stack("PART")\`)`,
      }),
    );
}
