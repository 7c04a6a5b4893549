/** How grave a problem is. Only `error` stops a verb; `warning` and `note` are shown and counted. */
export type Severity = 'error' | 'warning' | 'note';

/** Where in a text a problem stands. Lines and columns are 1-based; the file is relative to the federation's folder. */
export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/**
 * One thing that is wrong, in a form for people and for programs.
 * `code` is stable (AREA-SUBJECT, e.g. `NET-OVERLAP`); `message` names cause and subject;
 * `hint` says what to do next.
 */
export interface Problem extends Partial<Place> {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The object concerned where there is no text position: a stack path, a resource address, a URN. */
  readonly subject?: string | undefined;
}

/** Thrown with all problems found, never only the first. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[] | Problem, options?: ErrorOptions) {
    const list: readonly Problem[] = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list.map(formatProblem).join('\n'), options);
    this.name = 'ProblemError';
    this.problems = list;
  }
}

/** Builds an error-severity problem; `place` may be absent when the cause lies outside any file. */
export function problem(
  code: string,
  message: string,
  extra: Partial<Place> & { hint?: string | undefined; severity?: Severity; subject?: string | undefined } = {},
): Problem {
  const { severity = 'error', ...rest } = extra;
  return { code, severity, message, ...rest };
}

/** Throws one problem as an error. */
export function fail(code: string, message: string, extra?: Parameters<typeof problem>[2]): never {
  throw new ProblemError(problem(code, message, extra));
}

/** Collects problems over a whole pass, so that the user sees all of them at once. */
export class Problems {
  readonly list: Problem[] = [];

  add(found: Problem): void {
    this.list.push(found);
  }

  error(code: string, message: string, extra?: Parameters<typeof problem>[2]): void {
    this.list.push(problem(code, message, extra));
  }

  /** Runs `work`; problems it throws are added and undefined is returned. Any other error is thrown on. */
  collect<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.absorb(error);
      return undefined;
    }
  }

  /** Adds what a caught error says. Any error that is no ProblemError is thrown on. */
  absorb(error: unknown): void {
    if (!(error instanceof ProblemError)) throw error;
    this.list.push(...error.problems);
  }

  get hasErrors(): boolean {
    return this.list.some((found) => found.severity === 'error');
  }

  /** Throws everything collected if anything collected is an error. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new ProblemError(this.list);
  }
}

/** `file:line:col: severity CODE: message` and the hint below it: one problem as people read it. */
export function formatProblem(found: Problem): string {
  const place = formatPlace(found);
  const head = place ?? found.subject;
  const lines = [`${head ? `${head}: ` : ''}${found.severity} ${found.code}: ${found.message}`];
  if (found.hint) lines.push(`  hint: ${found.hint}`);
  return lines.join('\n');
}

/** `file:line:col`, as much of it as is known; undefined without a file. */
export function formatPlace(place: Partial<Place>): string | undefined {
  if (place.file === undefined) return undefined;
  if (place.line === undefined) return place.file;
  return place.column === undefined ? `${place.file}:${place.line}` : `${place.file}:${place.line}:${place.column}`;
}
