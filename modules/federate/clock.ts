import type { Reporter } from '../core/index.ts';

/** How long one step of the main job took, and one line of what it gave. */
export interface StepTime {
  readonly step: string;
  readonly milliseconds: number;
  readonly summary: string;
}

/** Runs steps in order, tells the reporter, keeps the times. */
export class Clock {
  readonly steps: StepTime[] = [];
  private readonly reporter: Reporter;
  private readonly prefix: string;
  private current = '';

  /** @param prefix shown before each step's name, where several members work in one run */
  constructor(reporter: Reporter, prefix = '') {
    this.reporter = reporter;
    this.prefix = prefix;
  }

  /** For work inside a step: its amount of work, progress and notes pass; it begins no step of its own. */
  get inner(): Reporter {
    return {
      start: (_step, total) => this.reporter.start(this.current, total),
      end: () => {},
      progress: (done, note) => this.reporter.progress(done, note),
      note: (text) => this.reporter.note(text),
    };
  }

  async step<T>(name: string, work: () => Promise<{ value: T; summary: string }>): Promise<T> {
    const started = performance.now();
    this.current = `${this.prefix}${name}`;
    this.reporter.start(this.current);
    try {
      const { value, summary } = await work();
      this.reporter.end(summary);
      this.steps.push({ step: name, milliseconds: performance.now() - started, summary });
      return value;
    } catch (error) {
      this.reporter.end('failed');
      throw error;
    }
  }
}
