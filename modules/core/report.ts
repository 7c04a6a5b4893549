/**
 * How the library tells what it is doing. It never prints: the command line decides whether a message becomes
 * a progress bar, a line or nothing.
 */
export interface Reporter {
  /** A step of the main job begins; `total` where the amount of work is known. */
  start(step: string, total?: number): void;
  /** `done` of the running step's `total` units are finished; `note` names what was just done. */
  progress(done: number, note?: string): void;
  /** The running step ended; `summary` is one line of what it produced. */
  end(summary?: string): void;
  /** One of the running step's units ended, `done` of them now; `line` says how. Lines of different units are never mixed. */
  unit?(ended: { readonly id: string; readonly done: number; readonly failed: boolean; readonly line: string }): void;
  /** A line worth keeping, outside any step. */
  note(text: string): void;
}

/** A reporter that says nothing. */
export const silent: Reporter = { start: () => {}, progress: () => {}, end: () => {}, note: () => {} };
