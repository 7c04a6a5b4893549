import { compareCodeUnits, isObject } from '../core/index.ts';
import { parseEvent } from './events.ts';
import { plannedResource } from './resource-names.ts';
import type { Action, StackPlan, StackResource } from './types.ts';

const actions: Readonly<Record<string, Action>> = { create: 'create', update: 'update', delete: 'delete', replace: 'replace', import: 'import', move: 'move' };

/**
 * Counts and changes from the `-json` output of `plan`, which says them without another process having to read the
 * saved plan. A replacement counts as one destroyed and one added, as the engine counts.
 */
export function summarise(
  output: string,
  names: ReadonlyMap<string, StackResource>,
  sandbox: boolean,
): Pick<StackPlan, 'add' | 'change' | 'destroy' | 'changes' | 'outputs'> {
  const counts = { add: 0, change: 0, destroy: 0 };
  const changes: { address: string; type: string; actions: readonly Action[] }[] = [];
  let outputs = 0;
  for (const line of output.split('\n')) {
    const event = parseEvent(line);
    if (event?.['type'] === 'outputs' && isObject(event['outputs'])) {
      outputs = Object.values(event['outputs']).filter((one) => isObject(one) && one['action'] !== 'noop').length;
    }
    if (event?.['type'] !== 'planned_change' || !isObject(event['change']) || !isObject(event['change']['resource'])) continue;
    const { action: word, resource } = event['change'];
    const action = actions[String(word)];
    const address = resource['addr'];
    if (action === undefined || typeof address !== 'string') continue;
    if (action === 'create' || action === 'replace') counts.add++;
    if (action === 'delete' || action === 'replace') counts.destroy++;
    if (action === 'update') counts.change++;
    const known = names.get(address) ?? names.get(address.replace(/\[[^\]]*\]$/u, ''));
    const real = sandbox ? plannedResource(address) : { address, type: String(resource['resource_type']) };
    changes.push({
      address: known?.address ?? real.address,
      type: known?.type ?? real.type,
      actions: [
        ...(isObject(event['change']['importing']) && action !== 'import' ? (['import'] as const) : []),
        ...(isObject(event['change']['previous_resource']) && action !== 'move' ? (['move'] as const) : []),
        action,
      ],
    });
  }
  return { ...counts, changes: changes.sort((a, b) => compareCodeUnits(a.address, b.address)), outputs };
}
