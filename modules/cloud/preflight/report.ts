import { plural } from '../../core/index.ts';
import type { PreflightResult } from '../../engine/index.ts';
import type { Item } from './model.ts';

type Where = Pick<Item, 'stack' | 'address' | 'construct' | 'place'>;

/** Collects what checks find. Of a check that found nothing wrong in a stack one pass is told, with how much it looked at. */
export class Findings {
  readonly #found: PreflightResult[] = [];
  /** `CHECK STACK` -> how many were looked at. */
  readonly #looked = new Map<string, { readonly check: string; readonly stack: string; readonly noun: string; count: number }>();
  readonly #open = new Set<string>();

  /** Says that a check looked at something of a stack. */
  look(check: string, { stack }: Pick<Item, 'stack'>, noun: string): void {
    const key = `${check} ${stack}`;
    const entry = this.#looked.get(key);
    if (entry) entry.count++;
    else this.#looked.set(key, { check, stack, noun, count: 1 });
  }

  fail(check: string, where: Where | readonly Where[], message: string, hint: string): void {
    this.#add(check, where, 'fail', message, hint);
  }

  unknown(check: string, where: Where | readonly Where[], message: string, hint?: string): void {
    this.#add(check, where, 'unknown', message, hint);
  }

  /** What is about a cloud or the whole run. */
  add(result: PreflightResult): void {
    this.#found.push(result);
    if (result.result !== 'pass') for (const stack of result.stacks) this.#open.add(`${result.check} ${stack}`);
  }

  #add(check: string, where: Where | readonly Where[], result: 'fail' | 'unknown', message: string, hint: string | undefined): void {
    const list: readonly Where[] = Array.isArray(where) ? (where as readonly Where[]) : [where as Where];
    const [first] = list;
    const stacks = [...new Set(list.map(({ stack }) => stack))].sort();
    this.add({ check, stacks, result, message, hint, address: first?.address, construct: first?.construct, place: first?.place });
  }

  end(): PreflightResult[] {
    const passes = [...this.#looked.entries()].flatMap(([key, { check, stack, noun, count }]): PreflightResult[] =>
      this.#open.has(key) ? [] : [{ check, stacks: [stack], result: 'pass', message: plural(count, noun) }],
    );
    return [...this.#found, ...passes];
  }
}
