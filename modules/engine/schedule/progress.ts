import type { Reporter } from '../../core/index.ts';
import { remainingTime, type TimedUnit } from './durations.ts';

/** Seconds between two looks at the clock for the estimate; working it out for thousands of units is not free. */
const pauseBetween = 250;

/** Tells a reporter of units as they end, with an estimate of the time that is left. */
export class RunProgress {
  readonly #reporter: Reporter;
  readonly #left: Map<string, TimedUnit>;
  readonly #parallelism: number;
  readonly #clock: () => number;
  readonly #began = new Map<string, number>();
  #done = 0;
  #last = Number.NEGATIVE_INFINITY;
  #estimate = '';

  constructor(given: {
    readonly reporter: Reporter;
    readonly step: string;
    /** Units that take time; others end at once and are not counted. */
    readonly units: readonly TimedUnit[];
    readonly parallelism: number;
    readonly clock?: (() => number) | undefined;
  }) {
    this.#reporter = given.reporter;
    this.#left = new Map(given.units.map((unit) => [unit.id, unit]));
    this.#parallelism = given.parallelism;
    this.#clock = given.clock ?? (() => performance.now());
    given.reporter.start(given.step, given.units.length);
  }

  begin(id: string): void {
    this.#began.set(id, this.#clock());
  }

  /** A unit ended; `lines` are what people see of it, printed together. */
  end(id: string, outcome: { readonly failed: boolean; readonly line: string }): void {
    if (!this.#left.delete(id)) return;
    this.#began.delete(id);
    this.#done++;
    const now = this.#clock();
    if (now - this.#last >= pauseBetween || this.#left.size === 0) {
      this.#last = now;
      this.#estimate = this.#remaining(now);
    }
    this.#reporter.progress(this.#done, `${id}${this.#estimate}`);
    this.#reporter.unit?.({ id, done: this.#done, ...outcome });
  }

  #remaining(now: number): string {
    const left = [...this.#left.values()].map((unit): TimedUnit => {
      const began = this.#began.get(unit.id);
      return began === undefined || unit.expected === undefined ? unit : { ...unit, expected: Math.max(0, unit.expected - (now - began)) };
    });
    const milliseconds = remainingTime(left, this.#parallelism);
    return milliseconds === undefined || milliseconds < 1_000 ? '' : `, about ${durationText(milliseconds)} left`;
  }
}

/** `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
