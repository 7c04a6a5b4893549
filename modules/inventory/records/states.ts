import type { States } from './resources.ts';

/** What the states of a member hold, by stack; a stack whose state does not exist or cannot be read is absent: unknown. */
export async function readStates(root: string): Promise<States> {
  const { listStates, readState } = await import('../../engine/index.ts');
  const states = new Map<string, NonNullable<ReturnType<typeof readState>>>();
  for (const stack of listStates(root)) {
    const resources = readState(root, stack);
    if (resources !== undefined) states.set(stack, resources);
  }
  return states;
}
