import * as fs from 'node:fs';
import { parseEvent } from '../events.ts';

/** Seconds without an event after which people are told; then again after twice as long, and so on. */
export const firstNotice = 30;

/** What an apply's log says of how it goes on. */
export interface Pulse {
  /** Milliseconds since the epoch of the last thing that happened. Counting on ("still creating") is nothing that happens. */
  readonly last: number;
  /** Addresses begun and not ended. */
  readonly inFlight: readonly string[];
}

/** Reads the pulse of the last run in a `-json` log; undefined where it has none yet. */
export function readPulse(text: string): Pulse | undefined {
  let last: number | undefined;
  let open = new Set<string>();
  for (const line of text.split('\n')) {
    const event = parseEvent(line);
    if (event === undefined) continue;
    const type = String(event['type']);
    if (type === 'version') open = new Set();
    const hook = event['hook'] as { resource?: { addr?: unknown } } | undefined;
    const address = typeof hook?.resource?.addr === 'string' ? hook.resource.addr : undefined;
    if (address !== undefined && type === 'apply_start') open.add(address);
    if (address !== undefined && (type === 'apply_complete' || type === 'apply_errored')) open.delete(address);
    if (type.endsWith('_progress')) continue;
    const at = typeof event['@timestamp'] === 'string' ? Date.parse(event['@timestamp']) : Number.NaN;
    if (!Number.isNaN(at)) last = at;
  }
  return last === undefined ? undefined : { last, inFlight: [...open] };
}

/** Watches applies that run and tells when nothing has happened in one for a while. It never touches them. */
export class SilenceWatch {
  readonly #logs = new Map<string, { readonly file: string; readonly from: number; told: number }>();
  readonly #tell: (message: string) => void;
  readonly #first: number;
  readonly #timer: NodeJS.Timeout;

  /** @param first seconds until the first notice */
  constructor(tell: (message: string) => void, first = firstNotice) {
    this.#tell = tell;
    this.#first = first;
    this.#timer = setInterval(() => this.look(Date.now()), Math.min(5_000, first * 500));
    this.#timer.unref();
  }

  /** @param file absolute path of its log */
  add(stack: string, file: string): void {
    this.#logs.set(stack, { file, from: Date.now(), told: 0 });
  }

  remove(stack: string): void {
    this.#logs.delete(stack);
  }

  look(now: number): void {
    for (const [stack, entry] of this.#logs) {
      let pulse: Pulse | undefined;
      try {
        pulse = readPulse(fs.readFileSync(entry.file, 'utf8'));
      } catch {
        pulse = undefined;
      }
      const seconds = Math.floor((now - Math.max(entry.from, pulse?.last ?? 0)) / 1_000);
      if (seconds < this.#first) entry.told = 0;
      if (seconds < Math.max(this.#first, entry.told * 2)) continue;
      entry.told = seconds;
      const flight = pulse?.inFlight ?? [];
      const what = flight.length === 0 ? '' : ` (in flight: ${flight.slice(0, 3).join(', ')}${flight.length > 3 ? `, and ${flight.length - 3} more` : ''})`;
      this.#tell(`${stack}: no event for ${seconds} s${what}; it is waited for and never signalled`);
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}
