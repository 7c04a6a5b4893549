import { isObject } from '../core/index.ts';

/** What an engine's `-json` output says, as far as we read it. */
export interface EngineLog {
  /** Whether an apply ran to its end. */
  readonly applied: boolean;
  /** Addresses whose creation, change or removal completed, in order, with the id they got. */
  readonly completed: readonly { readonly address: string; readonly action: string; readonly id?: string | undefined }[];
  /** Addresses begun and neither completed nor failed. */
  readonly inFlight: readonly string[];
  /** Whether any creation, change or removal was begun. */
  readonly begun: boolean;
  /** Errors as one text each. */
  readonly errors: readonly string[];
}

/** Reads the last run in a `-json` log; lines that are no JSON (a crash) are taken as errors. */
export function readEngineLog(text: string): EngineLog {
  let completed: { address: string; action: string; id?: string | undefined }[] = [];
  let errors: string[] = [];
  let stray: string[] = [];
  let open = new Set<string>();
  let applied = false;
  let begun = false;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const event = parseEvent(line);
    if (event === undefined) {
      stray.push(line);
      continue;
    }
    const hook = isObject(event['hook']) ? event['hook'] : {};
    const address = isObject(hook['resource']) && typeof hook['resource']['addr'] === 'string' ? hook['resource']['addr'] : '';
    switch (event['type']) {
      case 'version':
        [completed, errors, stray, open, applied, begun] = [[], [], [], new Set(), false, false];
        break;
      case 'apply_start':
        if (hook['action'] !== 'read') {
          open.add(address);
          begun = true;
        }
        break;
      case 'apply_complete':
        open.delete(address);
        if (hook['action'] !== 'read') {
          completed.push({ address, action: String(hook['action']), id: typeof hook['id_value'] === 'string' ? hook['id_value'] : undefined });
        }
        break;
      case 'apply_errored':
        open.delete(address);
        break;
      case 'change_summary':
        if (isObject(event['changes']) && ['apply', 'destroy'].includes(String(event['changes']['operation']))) applied = true;
        break;
      case 'diagnostic':
        if (isObject(event['diagnostic']) && event['diagnostic']['severity'] === 'error') errors.push(diagnosticText(event['diagnostic']));
        break;
      default:
    }
  }
  if (errors.length === 0 && stray.length > 0 && !applied) errors.push(stray.slice(0, 20).join('\n'));
  return { applied: applied && errors.length === 0, completed, inFlight: [...open], begun, errors };
}

/** One line of `-json` output; undefined when it is none (a crash, a line cut off). */
export function parseEvent(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function diagnosticText(diagnostic: Record<string, unknown>): string {
  const address = typeof diagnostic['address'] === 'string' ? `${diagnostic['address']}: ` : '';
  const detail = typeof diagnostic['detail'] === 'string' && diagnostic['detail'] !== '' ? `: ${diagnostic['detail']}` : '';
  return `${address}${String(diagnostic['summary'])}${detail}`;
}
