import { setTimeout as pause } from 'node:timers/promises';
import { NoAnswer, type Answer } from './transport.ts';

export interface PatienceOptions {
  /** Requests a second at most; 10 by default. */
  readonly rate?: number | undefined;
  /** How often a read is tried; 4 by default. */
  readonly tries?: number | undefined;
  /** Pause before the second try in milliseconds, doubled each time; 500 by default. */
  readonly firstPause?: number | undefined;
}

/** Why something could not be read or done: `403`, `timeout`, `ECONNREFUSED`. */
export class Refused extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * How a cloud is asked, whichever it is: requests keep apart, and what only reads is tried again when the server is busy or silent,
 * with `Retry-After` where it says so.
 */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #spacing: number;
  #next = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#spacing = 1000 / (options.rate ?? 10);
  }

  /**
   * Sends one request in its turn.
   * @param repeatable whether it only reads; what changes something is sent once
   * @throws Refused when nobody answers
   */
  async send(send: () => Promise<Answer>, repeatable: boolean, tries = this.#options.tries ?? 4): Promise<Answer> {
    const { firstPause = 500 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      await this.#turn();
      let wait = firstPause * 2 ** (attempt - 1) * (0.5 + Math.random());
      try {
        const answer = await send();
        if (attempt >= tries || !repeatable || !(answer.status === 429 || answer.status >= 500)) return answer;
        wait = askedFor(answer.headers['retry-after']) ?? wait;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (attempt >= tries || !repeatable || error.code === 'too large') throw new Refused(error.code, error.message);
      }
      await pause(wait);
    }
  }

  /** Keeps requests apart, so that a busy cloud stays usable for others. */
  async #turn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#spacing;
    if (at > now) await pause(at - now);
  }
}

/** Milliseconds a server asks to wait: seconds or a date (RFC 9110, 10.2.3), a minute at most. */
function askedFor(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 60_000) : undefined;
}
