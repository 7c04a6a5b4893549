import { Construct } from 'constructs';
import { TerraformOutput } from 'cdktf';
import { fail, isObject } from '../../core/index.ts';
import { Manifest } from '../providers/kubernetes/manifest.ts';
import { TenantStack } from '../program/stack.ts';
import { insideOf, marks } from './marks.ts';

/** A CustomResourceDefinition (apiextensions.k8s.io/v1), as its author's YAML file holds it. */
export interface DefinitionDocument {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly [field: string]: unknown };
    readonly versions: readonly { readonly name: string; readonly served?: boolean; readonly storage?: boolean; readonly [field: string]: unknown }[];
    readonly [field: string]: unknown;
  };
}

/**
 * Definitions of custom kinds, in a stack that has nothing else: an object of such a kind cannot even be planned before the
 * cluster knows the kind. Each definition's version is an output that the stacks with such objects read, so that the engine
 * lists these as waiting until this one is applied.
 */
export class CustomDefinitions extends Construct {
  readonly #stack: TenantStack;
  readonly #documents: readonly DefinitionDocument[];

  constructor(scope: Construct, id: string, documents: readonly DefinitionDocument[]) {
    super(scope, id);
    this.#stack = TenantStack.of(this);
    this.#documents = documents;
    const mark = marks(this.#stack);
    for (const document of documents) {
      const { name } = document.metadata;
      const manifest = new Manifest(this, name, {
        manifest: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name, ...mark }, spec: document.spec },
        // Before that the API server answers that it has no such kind.
        wait: { condition: [{ type: 'Established', status: 'True' }] },
      });
      const value = `\${${manifest.fqn}.manifest.spec.group}/${versionOf(document)}`;
      new TerraformOutput(this.#stack, outputOf(name), { value, staticId: true });
    }
  }

  /**
   * `apiVersion` of a kind, as a reference to this stack's state: whoever writes it waits for the definition.
   * @throws ProblemError CLOUD-DEFINITION
   */
  apiVersion(reader: TenantStack, kind: string): string {
    const document = this.#documents.find(({ spec }) => spec.names.kind === kind);
    if (!document)
      return fail('CLOUD-DEFINITION', `${this.#stack.path} defines no kind ${kind}`, {
        subject: this.node.path,
        hint: `it defines ${this.#documents.map(({ spec }) => spec.names.kind).join(', ') || 'none'}`,
      });
    return reader.read(this.#stack.path, outputOf(document.metadata.name));
  }
}

function versionOf({ metadata, spec }: DefinitionDocument): string {
  const version = spec.versions.find(({ storage, served }) => storage === true && served !== false) ?? spec.versions[0];
  return version?.name ?? fail('CLOUD-DEFINITION', `${metadata.name} has no version`, { hint: 'give spec.versions at least one' });
}

function outputOf(definition: string): string {
  return `definition_${definition.replace(/[^A-Za-z0-9]+/gu, '_')}`;
}

export interface CustomObjectProps {
  /** `GROUP/VERSION`, or what `CustomDefinitions.apiVersion` gave. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Left out for objects of the whole cluster. */
  readonly namespace?: string;
  readonly spec: unknown;
  /** Takes over fields that somebody else has set since; by default such a conflict is an error, and a person's to settle. */
  readonly takeOver?: boolean;
}

/** An object of a custom kind, kept by server-side apply: of its fields those stated here are ours, others may be others'. */
export class CustomObject extends Construct {
  constructor(scope: Construct, id: string, { apiVersion, kind, name, namespace, spec, takeOver = false }: CustomObjectProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    if (!isObject(spec)) fail('CLOUD-DEFINITION', `${kind} ${name} has no specification`, { subject: this.node.path });
    const metadata = namespace === undefined ? { name, ...marks(stack) } : insideOf(stack, namespace)(name);
    new Manifest(this, 'object', {
      manifest: { apiVersion, kind, metadata, spec },
      fieldManager: { name: 'vcloud', ...(takeOver ? { forceConflicts: true } : {}) },
    });
  }
}
