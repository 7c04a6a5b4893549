// Runs one operation of Pulumi's Automation API on one stack, in a process of its own: it has the environment of that stack's
// cloud and no other's, Pulumi is loaded by nobody else, and it outlives whoever started it. Request on standard input, lines of
// JSON on standard output, the answer last.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import * as pulumi from '@pulumi/pulumi';
import { ConcurrentUpdateError, LocalWorkspace, type EngineEvent, type Stack } from '@pulumi/pulumi/automation/index.js';
import * as runtime from '@pulumi/pulumi/runtime/index.js';
import type { Program, ProgramProvider, ProgramResource, PulumiChange, WorkerAnswer, WorkerRequest } from './program.ts';

const project = 'vcloud';
/** Any resource of the bridge: what it is says its token. */
class BridgedResource extends pulumi.CustomResource {}
/** A provider with settings of its own. */
class BridgedProvider extends pulumi.ProviderResource {}

/** What is nobody's resource: the stack itself and providers. */
const internal = /^pulumi:/u;

interface Setters {
  setName(value: string): void;
  setVersion(value: string): void;
  setValue(value: string): void;
  setParameterization(value: unknown): void;
}
interface Proto {
  readonly Parameterization: new () => Setters;
  readonly RegisterPackageRequest: new () => Setters;
}
interface Monitor {
  registerPackage(request: unknown, done: (error: Error | null, answer: { getRef(): string }) => void): void;
}

/** Registers a Terraform provider's program as a package: the bridge is told its path. */
async function registerPackage({ name }: ProgramProvider, file: string): Promise<string | undefined> {
  const monitor = runtime.getMonitor() as unknown as Monitor | undefined;
  if (monitor === undefined) return undefined;
  const { Parameterization, RegisterPackageRequest } = createRequire(import.meta.url)('@pulumi/pulumi/proto/resource_pb.js') as Proto;
  const parameters = new Parameterization();
  parameters.setName(name);
  parameters.setVersion('0.0.0');
  // protobuf for JavaScript takes bytes as base64.
  parameters.setValue(Buffer.from(JSON.stringify({ local: { path: file } })).toString('base64'));
  const request = new RegisterPackageRequest();
  request.setName('terraform-provider');
  request.setVersion('0.0.1');
  request.setParameterization(parameters);
  return await new Promise((resolve, reject) =>
    monitor.registerPackage(request, (error, answer) => (error === null ? resolve(answer.getRef()) : reject(error))),
  );
}

/** Declares what the program says, in this process's running stack. */
function declare(program: Program, providers: WorkerRequest['providers']): Record<string, unknown> {
  const packages = new Map(program.providers.map((provider) => [provider.name, registerPackage(provider, providers[provider.name] ?? '')]));
  const made = new Map<string, pulumi.CustomResource>();
  const value = (given: unknown): unknown => {
    if (Array.isArray(given)) return given.map(value);
    if (typeof given !== 'object' || given === null) return given;
    const marked = given as Readonly<Record<string, unknown>>;
    switch (marked['$']) {
      case 'ref':
        return follow(made.get(String(marked['id'])), marked['path'] as (string | number)[]);
      case 'join':
        return pulumi.all((marked['parts'] as unknown[]).map(value)).apply((parts) => parts.map(String).join(''));
      case 'secret':
        return pulumi.secret(value(marked['value']));
      default:
        return Object.fromEntries(Object.entries(marked).map(([key, item]) => [key, value(item)]));
    }
  };
  const configured = new Map(
    program.providers.flatMap(({ name, settings }) => {
      if (Object.keys(settings).length === 0) return [];
      // The bridge reads settings as text: what is none is JSON.
      const texts = Object.entries(settings).map(
        ([key, given]) => [key, pulumi.all([value(given)]).apply(([one]) => (typeof one === 'string' ? one : JSON.stringify(one)))] as const,
      );
      return [[name, new BridgedProvider(name, name, Object.fromEntries(texts), {}, false, packages.get(name))] as const];
    }),
  );
  for (const resource of program.resources) made.set(resource.id, create(resource));
  return Object.fromEntries(Object.entries(program.outputs).map(([name, given]) => [name, value(given)]));

  function create(resource: ProgramResource): pulumi.CustomResource {
    const { create, update, delete: remove } = resource.timeouts;
    const options: pulumi.CustomResourceOptions = {
      ...(configured.has(resource.provider) ? { provider: configured.get(resource.provider) } : {}),
      dependsOn: resource.dependsOn.flatMap((id) => made.get(id) ?? []),
      ignoreChanges: [...resource.ignoreChanges],
      protect: resource.protect,
      deleteBeforeReplace: resource.deleteBeforeReplace,
      additionalSecretOutputs: [...resource.secrets],
      customTimeouts: {
        ...(create === undefined ? {} : { create }),
        ...(update === undefined ? {} : { update }),
        ...(remove === undefined ? {} : { delete: remove }),
      },
    };
    const declared = Object.fromEntries(resource.reads.map((name) => [name, undefined]));
    const properties = value(resource.properties) as Record<string, unknown>;
    // The type is part of the name: two resources of two kinds may be called the same.
    return new BridgedResource(resource.token, resource.id, { ...declared, ...properties }, options, false, packages.get(resource.provider));
  }
}

function follow(resource: pulumi.CustomResource | undefined, [first = 'id', ...rest]: readonly (string | number)[]): unknown {
  const found = (resource as unknown as Record<string, pulumi.Output<unknown>> | undefined)?.[first];
  if (found === undefined) return undefined;
  if (rest.length === 0) return found;
  return found.apply((one) => rest.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], one));
}

/** Collects what the engine is about to do. */
class Changes {
  readonly list = new Map<string, PulumiChange>();
  readonly errors: string[] = [];
  readonly take = (event: EngineEvent): void => {
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === 'error') this.errors.push(plain(diagnostic.message));
    const outputs = event.resOutputsEvent?.metadata;
    const metadata = event.resourcePreEvent?.metadata ?? (outputs?.op === 'refresh' ? outputs : undefined);
    if (metadata === undefined) return;
    const { op, urn, type } = metadata;
    print({ type: 'event', op, urn });
    if (internal.test(type) || ['same', 'read', 'refresh'].includes(op)) return;
    const address = urn.split('::').at(-1) ?? urn;
    const differences = [...new Set([...(metadata.diffs ?? []), ...Object.keys(metadata.detailedDiff ?? {})])].sort();
    const known = this.list.get(address);
    // A replacement is told in several events; it is one change.
    const operation = known === undefined ? op : known.operation === op ? op : 'replace';
    this.list.set(address, {
      address,
      type: address.split('.')[0] ?? '',
      operation,
      differences: differences.length > 0 ? differences : (known?.differences ?? []),
    });
  };
  get sorted(): PulumiChange[] {
    return [...this.list.values()].sort((one, other) => (one.address < other.address ? -1 : 1));
  }
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function plain(message: string): string {
  // Colours stand as <{%reset%}>.
  return message.replace(/<\{%[^%]*%\}>/gu, '').trim();
}

const operationsOf = (changes: readonly PulumiChange[]): string => JSON.stringify(changes.map(({ address, operation }) => [address, operation]));

async function run(request: WorkerRequest): Promise<Omit<WorkerAnswer, 'type'>> {
  const { operation } = request;
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: request.stack, projectName: project, program: () => Promise.resolve(declare(request.program, request.providers)) },
    { projectSettings: { name: project, runtime: 'nodejs', backend: { url: request.backend } } },
  );
  const destroys = operation === 'destroy' || operation === 'preview-destroy';
  const before = new Changes();
  const preview = async (): Promise<void> => {
    // What the cloud really has is asked first, as Terraform does.
    if (destroys) await stack.previewDestroy({ onEvent: before.take, refresh: true });
    else await stack.preview({ onEvent: before.take, refresh: true });
  };
  try {
    if (operation === 'preview' || operation === 'preview-destroy') {
      await preview();
      return { ok: true, changes: before.sorted, resources: await count(stack) };
    }
    await preview();
    if (request.expected !== undefined && operationsOf(before.sorted) !== operationsOf(request.expected)) {
      return {
        ok: false,
        reason: 'moved',
        changes: before.sorted,
        resources: await count(stack),
        error: 'a preview now shows other changes than the one that was reviewed',
      };
    }
    const during = new Changes();
    try {
      if (destroys) await stack.destroy({ onEvent: during.take, refresh: true });
      else await stack.up({ onEvent: during.take, refresh: true });
    } catch (error) {
      return { ok: false, ...failure(error, during.errors), changes: during.sorted, resources: await count(stack) };
    }
    return { ok: true, changes: during.sorted, resources: await count(stack) };
  } catch (error) {
    return { ok: false, ...failure(error, before.errors), changes: [], resources: 0 };
  }
}

function failure(error: unknown, told: readonly string[]): Pick<WorkerAnswer, 'error' | 'reason'> {
  if (error instanceof ConcurrentUpdateError) return { error: 'another update holds this stack, or one that was killed left its lock', reason: 'locked' };
  // What the command printed whole is no message.
  return { error: told.length > 0 ? told.join('\n') : (error as Error).message.split('\n').slice(-12).join('\n').trim() };
}

async function count(stack: Stack): Promise<number> {
  const exported: { readonly deployment?: unknown } = await stack.exportStack();
  const { resources = [] } = (exported.deployment ?? {}) as { readonly resources?: readonly { readonly type: string }[] };
  return resources.filter(({ type }) => !internal.test(type)).length;
}

const request = JSON.parse(await text(process.stdin)) as WorkerRequest;
try {
  print({ type: 'end', ...(await run(request)) });
} catch (error) {
  print({ type: 'end', ok: false, changes: [], resources: 0, error: (error as Error).message });
}
process.exit(0);
