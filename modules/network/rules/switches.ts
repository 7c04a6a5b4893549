import { problem, type Place, type Problem } from '../../core/index.ts';
import type { RuleSwitch } from '../model.ts';
import type { SwitchableRule } from './table.ts';

/** A switch with what it left out. */
export interface SwitchReport {
  readonly rule: SwitchableRule;
  readonly reason: string;
  readonly for?: readonly string[] | undefined;
  readonly until?: string | undefined;
  readonly expired: boolean;
  /** How many cases it left out. */
  readonly cases: number;
  /** The first of their names, at most ten. */
  readonly names: readonly string[];
  readonly place: Place;
}

interface Live {
  readonly entry: RuleSwitch;
  readonly globs: readonly { readonly text: string; readonly pattern: RegExp; used: boolean }[];
  readonly expired: boolean;
  cases: number;
  readonly names: string[];
}

/** A pattern of `for:`: `*` stands for any text, everything else for itself. */
function globPattern(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/gu, '\\$&').replaceAll('*', '.*')}$`, 'u');
}

/** The switches of all plans of a member, and what they are used for. From its `until` on, a switch no longer holds. */
export class Switches {
  readonly #live: readonly Live[];

  constructor(entries: readonly RuleSwitch[], asOf: string | undefined) {
    this.#live = entries.map((entry) => ({
      entry,
      globs: (entry.for ?? []).map((text) => ({ text, pattern: globPattern(text), used: false })),
      expired: entry.until !== undefined && asOf !== undefined && asOf >= entry.until,
      cases: 0,
      names: [],
    }));
  }

  /** Whether a rule is switched off for one of these names; the switch counts the case then. */
  leavesOut(rule: SwitchableRule, names: readonly string[]): boolean {
    for (const live of this.#live) {
      if (live.entry.rule !== rule || live.expired) continue;
      const matching = live.globs.filter(({ pattern }) => names.some((name) => pattern.test(name)));
      if (live.globs.length > 0 && matching.length === 0) continue;
      for (const glob of matching) glob.used = true;
      live.cases++;
      if (live.names.length < 10) live.names.push(names[0] ?? '');
      return true;
    }
    return false;
  }

  /** Whether a rule is switched off for a name, without counting. */
  covers(rule: SwitchableRule, name: string): boolean {
    return this.#live.some(
      ({ entry, expired, globs }) => entry.rule === rule && !expired && (globs.length === 0 || globs.some(({ pattern }) => pattern.test(name))),
    );
  }

  /** Switches of one rule with what they left out, in the order of plans. */
  of(rule: string): SwitchReport[] {
    return this.#live.filter(({ entry }) => entry.rule === rule).map(({ entry, expired, cases, names }) => ({ ...entry, expired, cases, names }));
  }

  /** What is wrong with the switches themselves: expired, or left without anything to switch off. `judged` tells which rules were. */
  problems(judged: (rule: SwitchableRule) => boolean): Problem[] {
    const found: Problem[] = [];
    for (const { entry, expired, cases, globs } of this.#live) {
      const { rule, reason, until, place } = entry;
      const warn = (code: string, message: string, hint: string): void => void found.push(problem(code, message, { ...place, severity: 'warning', hint }));
      if (expired) {
        warn(
          'NET-RULE-EXPIRED',
          `rule "${rule}" was switched off until ${until ?? ''} (${reason}): it holds again`,
          'mend what it finds, or set a new date with the reason; then drop the switch',
        );
      } else if (judged(rule)) {
        const idle = globs.filter(({ used }) => !used).map(({ text }) => `"${text}"`);
        if (cases === 0)
          warn(
            'NET-RULE-UNUSED',
            `rule "${rule}" is switched off, but finds nothing${idle.length > 0 ? ` for ${idle.join(', ')}` : ''}`,
            'drop the switch: it would hide what comes later',
          );
        else if (idle.length > 0)
          warn(
            'NET-RULE-UNUSED',
            `rule "${rule}" is switched off for ${idle.join(', ')}, where it finds nothing`,
            'take it out of `for`: it would hide what comes later',
          );
      }
    }
    return found;
  }
}
