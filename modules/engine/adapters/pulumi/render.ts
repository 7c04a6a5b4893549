import { isObject, Problems } from '../../../core/index.ts';
import type { SynthesisedStack } from '../../types.ts';
import { readReference, readTemplate } from './expression.ts';
import type { Marked, Program, ProgramProvider, ProgramResource, ProgramValue } from './program.ts';
import { isSingle, objectIn, pulumiName, pulumiToken, type SchemaBlock, type SchemaOf } from './schema.ts';

type Body = Readonly<Record<string, unknown>>;

const ignoredParts = new Set(['terraform', 'provider', 'resource', 'output', '//']);
/** Words of a resource that are the engine's and not the provider's. */
const refusedWords: Readonly<Record<string, string>> = {
  count: 'count is not unrolled by this renderer',
  for_each: 'for_each is not unrolled by this renderer',
  provider: 'a provider beside the default one is not rendered',
  provisioner: 'provisioners run in Terraform only',
  connection: 'connections belong to provisioners, which run in Terraform only',
};

/**
 * Renders synthesised Terraform JSON as resources of Pulumi's bridge over the same provider. What cannot be carried over is
 * refused by name, with resource and attribute, all of it at once: nothing is guessed and nothing left out in silence.
 * @throws ProblemError ENGINE-PULUMI-EXPRESSION, ENGINE-PULUMI-PART, ENGINE-PULUMI-SCHEMA
 */
export function renderProgram(stack: Pick<SynthesisedStack, 'path' | 'json'>, schema: SchemaOf): Program {
  return new Renderer(stack, schema).program();
}

class Renderer {
  readonly #stack: string;
  readonly #document: Body;
  readonly #schema: SchemaOf;
  readonly #problems = new Problems();
  readonly #bodies = new Map<string, { readonly type: string; readonly name: string; readonly body: Body }>();
  /** Resource -> properties others read of it. */
  readonly #reads = new Map<string, Set<string>>();

  constructor(stack: Pick<SynthesisedStack, 'path' | 'json'>, schema: SchemaOf) {
    this.#stack = stack.path;
    this.#document = JSON.parse(stack.json) as Body;
    this.#schema = schema;
    for (const [type, named] of entriesOf(this.#document['resource'])) {
      for (const [name, body] of entriesOf(named)) this.#bodies.set(`${type}.${name}`, { type, name, body: isObject(body) ? body : {} });
    }
  }

  program(): Program {
    this.#refuseParts();
    const resources = [...this.#bodies].map(([id, { type, name, body }]) => this.#resource(id, type, name, body));
    const outputs = Object.fromEntries(
      entriesOf(this.#document['output']).flatMap(([name, body]) => {
        if (!isObject(body)) return [];
        const value = this.#value(body['value'], `output.${name}`, 'value');
        return [[name, body['sensitive'] === true ? { $: 'secret', value } : value]] as [string, ProgramValue][];
      }),
    );
    const providers = this.#providers(resources);
    this.#problems.throwIfErrors();
    const read = (id: string): string[] => [...(this.#reads.get(id) ?? [])].sort();
    return { providers, resources: inOrder(resources.map((one) => ({ ...one, reads: read(one.id) }))), outputs };
  }

  #refuseParts(): void {
    const found = entriesOf(this.#document).filter(([part]) => !ignoredParts.has(part));
    for (const [part, content] of found) {
      const names =
        part === 'data'
          ? entriesOf(content).flatMap(([type, named]) => entriesOf(named).map(([name]) => `data.${type}.${name}`))
          : entriesOf(content).map(([name]) => `${part}.${name}`);
      for (const name of names.length > 0 ? names : [part]) this.#refusePart(name, partReason(name));
    }
  }

  #resource(id: string, type: string, name: string, body: Body): ProgramResource {
    const block = this.#schema(type);
    if (block === undefined) {
      const why =
        type === 'terraform_data' ? "terraform_data (the sandbox) is Terraform's own; Pulumi renders real resources only" : `there is no schema of ${type}`;
      this.#problems.error('ENGINE-PULUMI-SCHEMA', `${id}: ${why}`, { subject: this.#stack, hint: 'use Terraform or OpenTofu (engine.binary) for this stack' });
    }
    const own = Object.fromEntries(
      Object.entries(body).filter(([word]) => !['depends_on', 'lifecycle', 'timeouts', '//'].includes(word) && !(word in refusedWords)),
    );
    for (const [word, why] of Object.entries(refusedWords)) if (word in body) this.#refuse(id, word, word, why);
    const lifecycle = firstOf(body['lifecycle']);
    const triggers = lifecycle['replace_triggered_by'];
    if (triggers !== undefined) this.#refuse(id, 'lifecycle', 'replace_triggered_by', 'Pulumi replaces for inputs of the resource only');
    for (const word of ['precondition', 'postcondition'])
      if (word in lifecycle) this.#refuse(id, 'lifecycle', word, 'conditions are checked by Terraform only');
    const timeouts = Object.entries(firstOf(body['timeouts'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return {
      id,
      token: pulumiToken(type),
      name,
      provider: type.split('_')[0] ?? type,
      properties: block === undefined ? {} : this.#properties(own, block, id, ''),
      reads: [],
      secrets:
        block === undefined
          ? []
          : Object.entries(block.attributes ?? {}).flatMap(([attribute, { sensitive }]) =>
              sensitive === true ? [pulumiName(block, attribute) ?? attribute] : [],
            ),
      dependsOn: this.#dependencies(id, body['depends_on']),
      ignoreChanges: this.#ignored(id, block, lifecycle['ignore_changes']),
      protect: lifecycle['prevent_destroy'] === true,
      // Terraform destroys first unless told otherwise; Pulumi creates first.
      deleteBeforeReplace: lifecycle['create_before_destroy'] !== true,
      timeouts: Object.fromEntries(timeouts),
    };
  }

  #properties(body: Body, block: SchemaBlock, id: string, above: string): Record<string, ProgramValue> {
    const result: Record<string, ProgramValue> = {};
    for (const [word, given] of Object.entries(body)) {
      if (given === null || given === undefined) continue;
      const attribute = `${above}${word}`;
      if (word === 'dynamic') {
        this.#refuse(id, attribute, 'dynamic', 'dynamic blocks are not unrolled by this renderer');
        continue;
      }
      const name = pulumiName(block, word);
      if (name === undefined) {
        this.#problems.error('ENGINE-PULUMI-SCHEMA', `${id}: the schema has no ${attribute}`, { subject: this.#stack, hint: 'correct its name' });
        continue;
      }
      const nested = block.block_types?.[word];
      if (nested === undefined) {
        const type = block.attributes?.[word];
        const inner = objectIn(type?.type);
        const value = inner === undefined ? this.#value(given, id, attribute) : this.#objects(given, inner, id, attribute);
        result[name] = type?.sensitive === true ? { $: 'secret', value } : value;
        continue;
      }
      const list = (Array.isArray(given) ? (given as unknown[]) : [given]).map((item, index): ProgramValue => {
        if (!isObject(item)) return this.#value(item, id, attribute);
        return this.#properties(item, nested.block, id, `${attribute}${isSingle(nested) ? '' : `[${index}]`}.`);
      });
      const [first] = list;
      if (!isSingle(nested)) result[name] = list;
      else if (first !== undefined) result[name] = first;
    }
    return result;
  }

  /** Objects inside an attribute: their keys are renamed too, those of maps are not. */
  #objects(given: unknown, block: SchemaBlock, id: string, attribute: string): ProgramValue {
    if (Array.isArray(given)) return given.map((item, index) => this.#objects(item, block, id, `${attribute}[${index}]`));
    return isObject(given) ? this.#properties(given, block, id, `${attribute}.`) : this.#value(given, id, attribute);
  }

  #value(given: unknown, id: string, attribute: string): ProgramValue {
    if (Array.isArray(given)) return given.map((item, index) => this.#value(item, id, `${attribute}[${index}]`));
    if (isObject(given)) return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, this.#value(item, id, `${attribute}.${key}`)]));
    if (typeof given !== 'string') return (given ?? null) as ProgramValue;
    const template = readTemplate(given);
    if (template.kind === 'refused') {
      this.#refuse(id, attribute, template.expression, template.why);
      return null;
    }
    const parts = template.parts.map((part): ProgramValue => (typeof part === 'string' ? part : this.#reference(part, id, attribute)));
    const [only = ''] = parts;
    const value: ProgramValue = parts.length <= 1 ? only : { $: 'join', parts };
    return template.secret ? { $: 'secret', value } : value;
  }

  /** A reference in Pulumi's names: single blocks are no lists, so their `[0]` falls away. */
  #reference({ type, name, path }: Exclude<ReturnType<typeof readReference>, string>, id: string, attribute: string): ProgramValue {
    const target = `${type}.${name}`;
    const shown = `\${${target}${path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}}`;
    if (!this.#bodies.has(target)) {
      this.#refuse(id, attribute, shown, 'this stack has no such resource');
      return null;
    }
    let block = this.#schema(type);
    if (block === undefined || path.length === 0) {
      if (block !== undefined) this.#refuse(id, attribute, shown, 'a resource as a whole cannot be carried over');
      return null;
    }
    const steps: (string | number)[] = [];
    let single = false;
    for (const step of path) {
      if (typeof step === 'number') {
        if (!single) steps.push(step);
        single = false;
        continue;
      }
      const renamed: string | undefined = block === undefined ? step : pulumiName(block, step);
      if (renamed === undefined) {
        this.#refuse(id, attribute, shown, `${type} has no attribute ${step}`);
        return null;
      }
      steps.push(renamed);
      const nested: NonNullable<SchemaBlock['block_types']>[string] | undefined = block?.block_types?.[step];
      single = nested !== undefined && isSingle(nested);
      block = nested === undefined ? objectIn(block?.attributes?.[step]?.type) : nested.block;
    }
    const first = steps[0];
    if (typeof first === 'string' && first !== 'id') {
      const read = this.#reads.get(target) ?? new Set<string>();
      this.#reads.set(target, read.add(first));
    }
    return { $: 'ref', id: target, path: steps } satisfies Marked;
  }

  #dependencies(id: string, given: unknown): string[] {
    return (Array.isArray(given) ? (given as unknown[]) : []).flatMap((item) => {
      const found = readReference(String(item).replace(/^\$\{([^]*)\}$/u, '$1'));
      if (typeof found !== 'string' && this.#bodies.has(`${found.type}.${found.name}`)) return [`${found.type}.${found.name}`];
      this.#refuse(id, 'depends_on', String(item), typeof found === 'string' ? found : 'this stack has no such resource');
      return [];
    });
  }

  #ignored(id: string, block: SchemaBlock | undefined, given: unknown): string[] {
    if (given === undefined || block === undefined) return [];
    if (!Array.isArray(given)) {
      this.#refuse(id, 'lifecycle.ignore_changes', JSON.stringify(given), 'Pulumi ignores named properties only');
      return [];
    }
    return (given as unknown[]).flatMap((item) => {
      const name = /^[a-z0-9_]+$/u.test(String(item)) ? pulumiName(block, String(item)) : undefined;
      if (name === undefined) this.#refuse(id, 'lifecycle.ignore_changes', String(item), 'only whole attributes are carried over');
      return name === undefined ? [] : [name];
    });
  }

  #providers(resources: readonly ProgramResource[]): ProgramProvider[] {
    const settings = isObject(this.#document['terraform']) ? this.#document['terraform'] : {};
    const required = isObject(settings['required_providers']) ? settings['required_providers'] : {};
    return [...new Set(resources.map(({ provider }) => provider))].sort().map((name) => {
      const given = required[name];
      const { source, version } = isObject(given) ? given : {};
      return {
        name,
        source: typeof source === 'string' ? source : `hashicorp/${name}`,
        version: typeof version === 'string' ? version : undefined,
        settings: this.#settings(name),
      };
    });
  }

  #settings(name: string): Record<string, ProgramValue> {
    const given = isObject(this.#document['provider']) ? this.#document['provider'][name] : undefined;
    const [first, ...others] = (Array.isArray(given) ? (given as unknown[]) : [given]).filter(isObject);
    const address = `provider.${name}`;
    if (others.length > 0 || first?.['alias'] !== undefined) this.#refusePart(address, 'more than one configuration of a provider is not rendered');
    if (first === undefined || Object.keys(first).length === 0) return {};
    const block = this.#schema(address);
    if (block !== undefined) return this.#properties(first, block, address, '');
    this.#refusePart(address, 'there is no schema of its settings');
    return {};
  }

  #refuse(id: string, attribute: string, expression: string, why: string): void {
    this.#problems.error('ENGINE-PULUMI-EXPRESSION', `${id}, ${attribute}: ${expression}: ${why}`, {
      subject: this.#stack,
      hint: 'write the value itself, or use Terraform or OpenTofu (engine.binary)',
    });
  }

  #refusePart(name: string, why: string): void {
    this.#problems.error('ENGINE-PULUMI-PART', `${name}: ${why}`, { subject: this.#stack, hint: 'use Terraform or OpenTofu (engine.binary) for this stack' });
  }
}

function partReason(name: string): string {
  if (name.startsWith('data.terraform_remote_state.')) return "outputs of another stack are read from Terraform's state, which Pulumi does not write";
  if (name.startsWith('data.')) return 'data sources are not rendered';
  return 'this part of a configuration is not rendered';
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value).filter(([key]) => key !== '//') : [];
}

/** A block that may stand once, as an object or as a list of one. */
function firstOf(value: unknown): Body {
  const first = Array.isArray(value) ? (value as unknown[])[0] : value;
  return isObject(first) ? first : {};
}

/** Every resource after those it refers to; the rest in the order they stand. */
function inOrder(resources: readonly ProgramResource[]): ProgramResource[] {
  const byId = new Map(resources.map((one) => [one.id, one]));
  const done = new Set<string>();
  const ordered: ProgramResource[] = [];
  const visit = (one: ProgramResource): void => {
    // A circle is the engine's to refuse: it names it better.
    if (done.has(one.id)) return;
    done.add(one.id);
    for (const id of [...one.dependsOn, ...referred(one.properties)]) {
      const other = byId.get(id);
      if (other !== undefined) visit(other);
    }
    ordered.push(one);
  };
  for (const one of resources) visit(one);
  return ordered;
}

/** Resources a value refers to. */
function referred(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referred);
  if (!isObject(value)) return [];
  return value['$'] === 'ref' ? [String(value['id'])] : Object.values(value).flatMap(referred);
}
