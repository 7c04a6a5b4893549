import { compareCodeUnits, didYouMean, isObject, Problems } from '../../core/index.ts';
import { blockOf, providerNames, type AttributeType, type Block } from '../runtime/schema.ts';
import { reach, toInput, valueAt, type Input } from './body.ts';
import { formatSteps, rewriteExpression, rewriteTemplate, type Step, type Traversal } from './expression.ts';
import { placeholder } from './placeholder.ts';
import { replacement } from './replacement.ts';
import { validateBody } from './validate.ts';

/** A Terraform JSON document (https://developer.hashicorp.com/terraform/language/syntax/json). */
export type TerraformJson = Readonly<Record<string, unknown>>;

export interface Sandboxed {
  readonly json: TerraformJson;
  /** Address as planned (`terraform_data.TYPE__NAME`) -> address of the real resource (`TYPE.NAME`). */
  readonly resources: ReadonlyMap<string, string>;
}

type Bodies = Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;

/** What a reference stands in: whose dependencies grow when it becomes a value. */
interface Referrer {
  readonly dependsOn: Set<string>;
}

/** A resource or data source of the document, on its way into the sandbox. */
interface Entry extends Referrer {
  readonly mode: 'resources' | 'data';
  readonly type: string;
  readonly name: string;
  readonly block: Block;
  readonly body: Readonly<Record<string, unknown>>;
  readonly input: Input;
  /** How the rest of the document names it: the address up to where the body's own names begin. */
  readonly address: string;
}

/**
 * Turns any synthesised Terraform JSON into one that needs no provider: every resource becomes a `terraform_data` of the
 * same name with its body as input, data sources become declared facts (locals), references follow. See ARCHITECTURE.md,
 * "Sandbox", for what it cannot know. Pure.
 * @param stack path of the stack: part of the seed of placeholders, and of every problem's subject
 * @throws ProblemError CLOUD-SCHEMA-* where a body does not fit the schema, CLOUD-SANDBOX-* where the document holds what a sandbox cannot
 */
export function toSandbox(document: TerraformJson, stack: string): Sandboxed {
  return new Sandbox(document, stack).result();
}

class Sandbox {
  readonly #document: TerraformJson;
  readonly #stack: string;
  readonly #problems = new Problems();
  readonly #entries = new Map<string, Entry>();

  constructor(document: TerraformJson, stack: string) {
    this.#document = document;
    this.#stack = stack;
  }

  result(): Sandboxed {
    this.#refuse();
    this.#enter('resources', this.#document['resource']);
    this.#enter('data', this.#document['data']);
    this.#problems.throwIfErrors();
    const json = this.#write();
    this.#problems.throwIfErrors();
    const resources = new Map<string, string>();
    for (const { mode, type, name } of this.#entries.values()) if (mode === 'resources') resources.set(plannedAddress(type, name), `${type}.${name}`);
    return { json, resources };
  }

  #refuse(): void {
    for (const part of ['module', 'ephemeral'])
      if (this.#document[part] !== undefined)
        this.#problems.error('CLOUD-SANDBOX-PART', `a sandbox cannot hold "${part}" blocks`, {
          subject: this.#stack,
          hint: 'write the resources themselves, or plan this stack in production',
        });
  }

  #enter(mode: Entry['mode'], group: unknown): void {
    for (const [type, named] of Object.entries((group ?? {}) as Bodies)) {
      if (type === 'terraform_data' || type === 'terraform_remote_state') continue;
      const block = blockOf(mode, type);
      if (!block) {
        const hint = `schemas are known of the providers ${providerNames.join(' and ')}; add it with \`node scripts/emit-providers.ts import\``;
        this.#problems.error('CLOUD-SCHEMA-TYPE-UNKNOWN', `no schema is known for ${type}`, { subject: this.#stack, hint });
        continue;
      }
      for (const [name, body] of Object.entries(named)) {
        const subject = `${this.#stack}: ${mode === 'data' ? 'data.' : ''}${type}.${name}`;
        validateBody(block, body, subject, this.#problems);
        const fact = mode === 'data' && body['count'] === undefined && body['for_each'] === undefined;
        const label = mode === 'data' ? `data__${type}__${name}` : `${type}__${name}`;
        const entry: Entry = {
          mode,
          type,
          name,
          block,
          body,
          input: toInput(block, body),
          address: fact ? `local.${label}` : `terraform_data.${label}`,
          dependsOn: new Set(),
        };
        this.#entries.set(`${mode === 'data' ? 'data.' : ''}${type}.${name}`, entry);
        // Every object has an id, referenced or not: inventory and drift know it by that.
        const id = block.attributes?.['id'];
        if (id?.computed === true) entry.input['id'] ??= this.#identity(entry, id.type);
      }
    }
  }

  #seed({ mode, type, name }: Entry): string {
    return `${this.#stack}/${mode}/${type}.${name}`;
  }

  #identity(entry: Entry, type: AttributeType): unknown {
    const value = placeholder('id', type, this.#seed(entry));
    const instance = entry.body['count'] !== undefined ? '-${count.index}' : entry.body['for_each'] !== undefined ? '-${each.key}' : '';
    return typeof value === 'string' ? `${value}${instance}` : value;
  }

  #write(): TerraformJson {
    const { data, terraform, locals, variable, moved } = this.#document;
    const rest = without(this.#document, ['resource', 'data', 'terraform', 'provider', 'locals', 'variable', 'moved', 'import', '//']);
    const resources: Record<string, Record<string, unknown>> = { ...this.#builtIn() };
    const facts: Record<string, unknown> = {};
    for (const entry of this.#entries.values()) {
      const label = entry.address.slice(entry.address.indexOf('.') + 1);
      if (entry.address.startsWith('local.')) facts[label] = this.#value(entry.input, entry);
      else resources[label] = this.#resource(entry);
    }
    const remote = isObject(data) ? data['terraform_remote_state'] : undefined;
    const allLocals = { ...(this.#value(locals ?? {}) as object), ...facts };
    const settings = without(isObject(terraform) ? terraform : {}, ['backend', 'required_providers']);
    const result: Record<string, unknown> = {
      ...(this.#value(rest) as object),
      ...(Object.keys(settings).length > 0 ? { terraform: settings } : {}),
      ...(remote === undefined ? {} : { data: { terraform_remote_state: this.#value(remote) } }),
      ...(Object.keys(allLocals).length > 0 ? { locals: allLocals } : {}),
      ...(variable === undefined ? {} : { variable: withDefaults(variable) }),
      ...(moved === undefined ? {} : { moved: this.#moves(moved) }),
      ...(Object.keys(resources).length > 0 ? { resource: { terraform_data: resources } } : {}),
    };
    return result;
  }

  /** Resources that are Terraform's own already: they stay, their references follow. */
  #builtIn(): Record<string, Record<string, unknown>> {
    const group = isObject(this.#document['resource']) ? this.#document['resource']['terraform_data'] : undefined;
    const resource = (body: Readonly<Record<string, unknown>>): Record<string, unknown> => {
      const referrer: Referrer = { dependsOn: new Set() };
      const value = this.#value(without(body, ['provisioner', 'depends_on', 'lifecycle']), referrer) as Record<string, unknown>;
      const lifecycle = isObject(body['lifecycle']) ? { lifecycle: this.#lifecycle(body['lifecycle'], (name) => name, referrer) } : {};
      return { ...value, ...this.#dependencies(body, referrer), ...lifecycle };
    };
    return Object.fromEntries(Object.entries((group ?? {}) as Record<string, Record<string, unknown>>).map(([name, body]) => [name, resource(body)]));
  }

  #dependencies(body: Readonly<Record<string, unknown>>, { dependsOn }: Referrer): Record<string, unknown> {
    const all = [...new Set([...this.#addresses(body['depends_on']), ...dependsOn])].sort(compareCodeUnits);
    return all.length > 0 ? { depends_on: all } : {};
  }

  #resource(entry: Entry): Record<string, unknown> {
    const { body } = entry;
    const lifecycle = isObject(body['lifecycle']) ? body['lifecycle'] : undefined;
    const ignored = Array.isArray(lifecycle?.['ignore_changes']) ? lifecycle['ignore_changes'] : [];
    const input = this.#value(entry.input, entry) as Input;
    const triggers = Object.fromEntries(
      (replacement[entry.type] ?? replacement[`${entry.type}_v1`] ?? [])
        .filter((path) => !ignored.includes(path))
        .map((path) => [path, valueAt(input, path)] as const)
        .filter(([path, value]) => value !== undefined && value !== null && isStated(entry, path)),
    );
    const repeated = pick(body, ['count', 'for_each'], (value) => this.#value(value, entry));
    const rules = lifecycle === undefined ? {} : { lifecycle: this.#lifecycle(lifecycle, (name) => `input.${name}`, entry) };
    return { ...repeated, input, ...(Object.keys(triggers).length > 0 ? { triggers_replace: triggers } : {}), ...this.#dependencies(body, entry), ...rules };
  }

  /** Lifecycle arguments hold addresses and names, not templates: `"${a.b}"` is refused by Terraform, `"a.b"` is what it reads. */
  #lifecycle(lifecycle: Readonly<Record<string, unknown>>, own: (name: string) => string, entry?: Referrer): Record<string, unknown> {
    const { ignore_changes: ignored, replace_triggered_by: triggers, ...rest } = lifecycle;
    return {
      ...(this.#value(rest, entry) as object),
      ...(ignored === undefined ? {} : { ignore_changes: Array.isArray(ignored) ? ignored.map((name) => own(String(name))) : ignored }),
      ...(triggers === undefined ? {} : { replace_triggered_by: this.#addresses(triggers) }),
    };
  }

  /** Static addresses, bare; declared facts are no dependency. */
  #addresses(list: unknown): string[] {
    return (Array.isArray(list) ? (list as unknown[]) : [])
      .map((item) => rewriteExpression(stripTemplate(String(item)), (reference) => this.#rewrite(reference)))
      .filter((address) => !address.startsWith('local.'));
  }

  #moves(moved: unknown): unknown {
    const address = (text: unknown): string => {
      const [type = '', name = '', ...more] = String(text).split('.');
      return type === 'terraform_data' || name === '' ? String(text) : [plannedAddress(type, name), ...more].join('.');
    };
    return (Array.isArray(moved) ? (moved as unknown[]) : [moved]).map((item) =>
      isObject(item) ? { from: address(item['from']), to: address(item['to']) } : item,
    );
  }

  #value(value: unknown, entry?: Referrer): unknown {
    if (typeof value === 'string') return rewriteTemplate(value, (reference) => this.#rewrite(reference, entry));
    if (Array.isArray(value)) return value.map((item) => this.#value(item, entry));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== '//')
        .map(([key, item]) => [key, this.#value(item, entry)]),
    );
  }

  #rewrite({ root, steps }: Traversal, from?: Referrer): string | undefined {
    if (root === 'self' && from && isEntry(from)) return this.#point(from, 'self', steps, from);
    const words = root === 'data' ? steps : [{ kind: 'attribute', name: root } as const, ...steps];
    const [type, name, ...rest] = words;
    if (type?.kind !== 'attribute' || name?.kind !== 'attribute') return undefined;
    const entry = this.#entries.get(`${root === 'data' ? 'data.' : ''}${type.name}.${name.name}`);
    return entry && this.#point(entry, entry.address, rest, from);
  }

  #point(entry: Entry, address: string, steps: readonly Step[], from: Referrer | undefined): string {
    const instances = steps.findIndex((step) => step.kind === 'attribute');
    const instance = instances === -1 ? steps : steps.slice(0, instances);
    const inside = instances === -1 ? [] : steps.slice(instances);
    const base = `${address}${formatSteps(instance)}`;
    if (inside.length === 0) return base;
    const reached = reach(entry.block, [entry.input], inside, this.#seed(entry));
    if (typeof reached === 'object' && 'literal' in reached) {
      // The order that the reference stood for stays.
      if (from && from !== entry && !entry.address.startsWith('local.')) from.dependsOn.add(entry.address);
      const literal = reached.rest.length > 0 ? `(${JSON.stringify(reached.literal)})${formatSteps(reached.rest)}` : JSON.stringify(reached.literal);
      return instance.some(({ kind }) => kind === 'splat') ? `[for instance in ${address} : ${literal}]` : literal;
    }
    if (reached !== 'present') {
      const hint = didYouMean(reached.unknown, reached.known) ?? `it has ${reached.known.join(', ')}`;
      const subject = from && isEntry(from) ? `${this.#stack}: ${from.type}.${from.name}` : this.#stack;
      this.#problems.error('CLOUD-REFERENCE', `${entry.type}.${entry.name} has no "${reached.unknown}"`, { subject, hint });
    }
    return `${base}${entry.address.startsWith('local.') ? '' : '.input'}${formatSteps(inside)}`;
  }
}

function isEntry(referrer: Referrer): referrer is Entry {
  return 'block' in referrer;
}

/** Whether the program set it: a placeholder that another body asked for forces nothing. */
function isStated(entry: Entry, path: string): boolean {
  return valueAt(entry.body, path) !== undefined;
}

/** `terraform_data.TYPE__NAME`. */
export function plannedAddress(type: string, name: string): string {
  return type === 'terraform_data' ? `${type}.${name}` : `terraform_data.${type}__${name}`;
}

function stripTemplate(text: string): string {
  return /^\$\{([^{}]*)\}$/u.exec(text)?.[1] ?? text;
}

function without(body: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}

function pick(body: Readonly<Record<string, unknown>>, names: readonly string[], map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, map(body[name])]));
}

/** A sandbox asks nobody: a variable without a value gets one of its type. Secrets are never read from the environment. */
function withDefaults(variables: unknown): Record<string, unknown> {
  const empty = (type: string): unknown =>
    type === 'number' ? 0 : type === 'bool' ? false : /^(list|set|tuple)/u.test(type) ? [] : /^(map|object)/u.test(type) ? {} : 'sandbox';
  return Object.fromEntries(
    Object.entries(variables as Record<string, Record<string, unknown>>)
      .map(([name, body]) => [name, without(body, ['//'])] as const)
      .map(([name, variable]) => [
        name,
        'default' in variable ? variable : { ...variable, default: empty(typeof variable['type'] === 'string' ? stripTemplate(variable['type']) : 'string') },
      ]),
  );
}
