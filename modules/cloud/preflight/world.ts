import { isObject } from '../../core/index.ts';
import type { DeclaredStack, StateResource } from '../../engine/types.ts';
import { folderDocument, readStack, type Body, type Item, type Resolved, type StackModel } from './model.ts';

const unknown: Resolved = { known: false };
/** References lead to references; a circle is Terraform's to complain about. */
const deepest = 20;

/** All that is looked at together: the configurations, what they refer to in each other, and what states hold. */
export class PlannedWorld {
  /** Stacks that are looked at, in code-unit order. */
  readonly #chosen = new Map<string, StackModel>();
  readonly #declared: ReadonlyMap<string, DeclaredStack>;
  readonly #others = new Map<string, StackModel | undefined>();
  readonly #root: string;
  readonly #heldOf: (stack: string) => readonly StateResource[] | undefined;
  readonly #held = new Map<string, ReadonlyMap<string, readonly StateResource[]>>();

  constructor(given: {
    readonly root: string;
    readonly declared: readonly DeclaredStack[];
    readonly held: (stack: string) => readonly StateResource[] | undefined;
  }) {
    this.#root = given.root;
    this.#heldOf = given.held;
    this.#declared = new Map(given.declared.map((stack) => [stack.path, stack]));
  }

  get stacks(): readonly StackModel[] {
    return [...this.#chosen.values()];
  }

  get declared(): readonly DeclaredStack[] {
    return [...this.#declared.values()];
  }

  /** Takes a stack in by its configuration; false where only a plan tells it. */
  enter(stack: DeclaredStack): boolean {
    const model = this.stack(stack.path);
    if (model !== undefined) this.#chosen.set(stack.path, model);
    return model !== undefined;
  }

  /** Takes a stack in as a plan told it. */
  enterModel(model: StackModel): void {
    this.#chosen.set(model.stack.path, model);
    this.#others.set(model.stack.path, model);
  }

  /** The configuration of any declared stack; read when first asked for. */
  stack(path: string): StackModel | undefined {
    if (!this.#others.has(path)) {
      const declared = this.#declared.get(path);
      const document = declared === undefined ? undefined : documentOf(this.#root, declared);
      this.#others.set(path, declared !== undefined && document !== undefined ? readStack(declared, document) : undefined);
    }
    return this.#others.get(path);
  }

  /** Objects of these types that are to be there, in all stacks that are looked at. */
  *items(...types: readonly string[]): Generator<Item> {
    for (const model of this.#chosen.values()) {
      for (const item of model.items.values()) if (item.mode === 'managed' && (types.length === 0 || types.includes(item.type))) yield item;
    }
  }

  *lookups(): Generator<Item> {
    for (const model of this.#chosen.values()) for (const item of model.items.values()) if (item.mode === 'data') yield item;
  }

  /** What the state of its stack holds of an object, by its address without index. */
  heldOf(item: Item): readonly StateResource[] {
    let held = this.#held.get(item.stack);
    if (held === undefined) {
      const grouped = new Map<string, StateResource[]>();
      for (const resource of this.#heldOf(item.stack) ?? []) {
        const real = this.#declared.get(item.stack)?.resources.find(({ planned }) => planned === resource.address.replace(/\[.*$/u, ''))?.address;
        const address = real ?? resource.address.replace(/\[[^\]]*\]$/u, '');
        grouped.set(address, [...(grouped.get(address) ?? []), resource]);
      }
      this.#held.set(item.stack, (held = grouped));
    }
    return held.get(item.address) ?? [];
  }

  /** How many of an object a plan would add; undefined where its number is not known yet. */
  added(item: Item): number | undefined {
    if (item.adds !== undefined) return item.adds;
    return item.count === undefined ? undefined : Math.max(0, item.count - this.heldOf(item).length);
  }

  /** The value of an attribute. */
  value(item: Item, attribute: string): Resolved {
    return this.resolve(item, item.body[attribute]);
  }

  /** The value of an attribute as text, where it is known and not empty. */
  text(item: Item, attribute: string): string | undefined {
    return textIn(this.value(item, attribute));
  }

  /** A value as it stands in the configuration of `item`'s stack. */
  resolve(item: Pick<Item, 'stack'>, value: unknown, depth = 0): Resolved {
    if (typeof value !== 'string' || !value.includes('${')) return { known: true, value };
    const model = this.stack(item.stack);
    if (model === undefined || depth > deepest) return unknown;
    const whole = /^\$\{([^{}]*)\}$/u.exec(value)?.[1];
    if (whole !== undefined) return this.#reference(model, whole.trim(), depth);
    let all = true;
    const text = value.replace(/\$\{([^{}]*)\}/gu, (_, expression: string) => {
      const found = this.#reference(model, expression.trim(), depth);
      if (!found.known || (typeof found.value !== 'string' && typeof found.value !== 'number')) all = false;
      return found.known ? String(found.value) : '';
    });
    return all && !text.includes('${') ? { known: true, value: text } : unknown;
  }

  #reference(model: StackModel, expression: string, depth: number): Resolved {
    const steps = expression.replace(/\[(\d+|"[^"]*")\]/gu, (_, index: string) => `.${index.replaceAll('"', '')}`).split('.');
    if (!/^[a-z_][\w.-]*$/iu.test(steps.join('.'))) return unknown;
    const [first = '', second = '', third = ''] = steps;
    if (first === 'var') return stated(this.#walk(model, part(model.variables[second])['default'], steps.slice(2), depth));
    if (first === 'data' && second === 'terraform_remote_state') {
      const producer = this.stack(model.remotes.get(third) ?? '');
      return producer === undefined || steps[3] !== 'outputs'
        ? unknown
        : stated(this.#walk(producer, part(producer.outputs[steps[4] ?? ''])['value'], steps.slice(5), depth));
    }
    if (first === 'local' && !second.startsWith('data__')) return stated(this.#walk(model, model.locals[second], steps.slice(2), depth));
    const planned = first === 'terraform_data' || first === 'local' ? /^(data__)?([a-z][a-z0-9]*_\w+?)__(.+)$/u.exec(second) : undefined;
    const address = planned
      ? `${planned[1] === undefined ? '' : 'data.'}${planned[2] ?? ''}.${planned[3] ?? ''}`
      : steps.slice(0, first === 'data' ? 3 : 2).join('.');
    const item = model.items.get(address);
    if (item === undefined) return unknown;
    const rest = steps.slice(first === 'data' ? 3 : 2).filter((step, index) => !(first === 'terraform_data' && index === 0 && /^(?:in|out)put$/u.test(step)));
    const [attribute] = rest;
    // With `count` the index stands before the attribute.
    const from = attribute !== undefined && /^\d+$/u.test(attribute) ? rest.slice(1) : rest;
    const found = this.#walk(model, item.body, from, depth);
    return found.known && found.value === undefined ? { known: false, item, attribute: from[0] } : found;
  }

  #walk(model: StackModel, value: unknown, steps: readonly string[], depth: number): Resolved {
    let inner: unknown = value;
    for (const step of steps) {
      if (typeof inner === 'string' && inner.includes('${')) return unknown;
      const list = Array.isArray(inner) ? (inner as unknown[]) : undefined;
      inner = list !== undefined && /^\d+$/u.test(step) ? list[Number(step)] : isObject(inner) ? (/^0$/u.test(step) ? inner : inner[step]) : undefined;
    }
    return this.resolve({ stack: model.stack.path }, inner, depth + 1);
  }
}

/** What nothing states here is given from outside. */
function stated(found: Resolved): Resolved {
  return found.known && found.value === undefined ? unknown : found;
}

/** What a resolved value is as text; undefined where it is not known, not there or empty. */
export function textIn(found: Resolved): string | undefined {
  if (!found.known) return undefined;
  const { value } = found;
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

export function numberIn(found: Resolved): number | undefined {
  const text = textIn(found);
  return text !== undefined && /^-?\d+(?:\.\d+)?$/u.test(text) ? Number(text) : undefined;
}

function documentOf(root: string, stack: DeclaredStack): Body | undefined {
  if (stack.json === undefined) return folderDocument(root, stack);
  const document: unknown = JSON.parse(stack.json);
  return isObject(document) ? document : undefined;
}

function part(value: unknown): Body {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(one) ? one : {};
}
