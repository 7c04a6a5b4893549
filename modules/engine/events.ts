import { isObject } from '../core/index.ts';

/** What an engine's `-json` output says, as far as we read it. */
export interface EngineLog {
  /** Whether an apply ran to its end. */
  readonly applied: boolean;
  /** Addresses whose creation, change or removal completed, in order, with the id they got. */
  readonly completed: readonly { readonly address: string; readonly type: string; readonly action: string; readonly id?: string | undefined }[];
  /** Addresses begun and neither completed nor failed. */
  readonly inFlight: readonly string[];
  /**
   * What may exist although nobody was told: its creation was in flight when the engine ended, or failed without an answer that
   * says so (a connection cut, a time limit, a server's own error).
   */
  readonly doubtful: readonly { readonly address: string; readonly type: string }[];
  /** Whether any creation, change or removal was begun. */
  readonly begun: boolean;
  /** When it began, RFC 3339, where the log says so. */
  readonly since?: string | undefined;
  /** Errors as one text each. */
  readonly errors: readonly string[];
}

/** Reads the last run in a `-json` log; lines that are no JSON (a crash) are taken as errors. */
export function readEngineLog(text: string): EngineLog {
  let completed: { address: string; type: string; action: string; id?: string | undefined }[] = [];
  let errors: string[] = [];
  let stray: string[] = [];
  let open = new Set<string>();
  const creating = new Map<string, string>();
  const failed = new Map<string, string>();
  const reasons = new Map<string, string>();
  let applied = false;
  let since: string | undefined;
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
    const type = isObject(hook['resource']) && typeof hook['resource']['resource_type'] === 'string' ? hook['resource']['resource_type'] : '';
    switch (event['type']) {
      case 'version':
        [completed, errors, stray, open, applied, begun] = [[], [], [], new Set(), false, false];
        since = typeof event['@timestamp'] === 'string' ? event['@timestamp'] : undefined;
        for (const map of [creating, failed, reasons]) map.clear();
        break;
      case 'apply_start':
        if (hook['action'] !== 'read') {
          open.add(address);
          if (hook['action'] === 'create') creating.set(address, type);
          begun = true;
        }
        break;
      case 'apply_complete':
        open.delete(address);
        if (hook['action'] === 'create') creating.delete(address);
        if (hook['action'] !== 'read') {
          completed.push({ address, type, action: String(hook['action']), id: typeof hook['id_value'] === 'string' ? hook['id_value'] : undefined });
        }
        break;
      case 'apply_errored':
        open.delete(address);
        if (creating.delete(address)) failed.set(address, type);
        break;
      case 'change_summary':
        if (isObject(event['changes']) && ['apply', 'destroy'].includes(String(event['changes']['operation']))) applied = true;
        break;
      case 'diagnostic':
        if (isObject(event['diagnostic']) && event['diagnostic']['severity'] === 'error') {
          errors.push(diagnosticText(event['diagnostic']));
          if (typeof event['diagnostic']['address'] === 'string') reasons.set(event['diagnostic']['address'], errors.at(-1) ?? '');
        }
        break;
      default:
    }
  }
  if (errors.length === 0 && stray.length > 0 && !applied) errors.push(stray.slice(0, 20).join('\n'));
  const unanswered = [...failed].filter(([address]) => mayBeDone(reasons.get(address)));
  const doubtful = [...creating, ...unanswered].map(([address, type]) => ({ address, type }));
  return { applied: applied && errors.length === 0, completed, inFlight: [...open], doubtful, begun, since, errors };
}

/** Whether a failed creation may have been carried out. Without a reason nobody knows. */
function mayBeDone(reason: string | undefined): boolean {
  if (reason === undefined) return true;
  if (/connection refused|no such host|dial tcp|got 4\d\d instead/iu.test(reason)) return false;
  return /\bEOF\b|reset by peer|broken pipe|time(?:d )?out|deadline exceeded|context cancell?ed|got 5\d\d instead|server closed/iu.test(reason);
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
