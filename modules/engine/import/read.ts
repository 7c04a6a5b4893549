import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, isObject, privateFolder, ProblemError, type JsonObject } from '../../core/index.ts';
import { requirePromise } from '../adapters/promises.ts';
import { findEngine, isEngine, type EngineChoice } from '../binary.ts';
import { EngineCache } from '../cache.ts';
import { openServices, type ServiceSettings } from '../credentials/index.ts';
import { childEnvironment } from '../environment.ts';
import { parseEvent, readEngineLog } from '../events.ts';
import { runEngine, type Ended } from '../process.ts';
import type { DeclaredStack } from '../types.ts';
import { unavailable } from '../verify.ts';

/** An object that exists, and how it might be declared. */
export interface Candidate {
  readonly type: string;
  /** Name it has in the configuration. */
  readonly name: string;
  /** What the provider's import takes. */
  readonly id: string;
  /** Its body as far as it is known; what the provider demands must be in it. */
  readonly body: JsonObject;
}

/** What a provider says of an object that was to be imported. */
export interface CandidateReading {
  /** `TYPE.NAME`. */
  readonly address: string;
  /** Every attribute as the provider reads it; absent where it could not be imported. It may hold secrets in clear. */
  readonly attributes?: JsonObject | undefined;
  /** Attributes a plan with this body would change, before and after. Empty: importing it changes nothing. */
  readonly differs: readonly { readonly attribute: string; readonly before: unknown; readonly after: unknown }[];
  /** Whether the plan would make it anew. */
  readonly replaces: boolean;
  /** Why it cannot be imported so, in the engine's words. */
  readonly because?: string | undefined;
}

export interface ReadCandidatesOptions extends ServiceSettings {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** The cloud whose credentials are used. */
  readonly cloud: string;
  /** Tenant, where credentials are kept per tenant. */
  readonly tenant?: string | undefined;
  /** As whom the stack acts, as it will be declared. */
  readonly authority?: DeclaredStack['authority'];
  /** Path of the stack the objects are meant for. */
  readonly stack: string;
  /** `terraform:` block and configuration of providers, as Terraform JSON has them. */
  readonly terraform: JsonObject;
  readonly provider: JsonObject;
  readonly candidates: readonly Candidate[];
  readonly binary?: EngineChoice | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Seconds one call of the engine may take. */
  readonly timeout?: number | undefined;
}

/**
 * Asks a provider how it reads objects that exist, by a plan with import blocks that is thrown away: no state is written and
 * nothing is changed. What is refused is left out and the rest asked again, so that one object does not hide the others.
 * @throws ProblemError ENGINE-UNAVAILABLE, ENGINE-CREDENTIALS, ENGINE-IMPORT-READ
 */
export async function readCandidates(options: ReadCandidatesOptions): Promise<CandidateReading[]> {
  const { root, candidates, stack } = options;
  requirePromise(options.binary, 'import', 'vcloud import project');
  const child = childEnvironment(process.env, options.environment);
  const cache = new EngineCache(root);
  const engine = await findEngine(options.binary ?? 'auto', child, cache.versions);
  if (!isEngine(engine)) throw new ProblemError(unavailable(engine));
  const { cloud, tenant, authority } = options;
  const declared: DeclaredStack = {
    ...{ path: stack, agency: stack.split('.')[0] ?? stack, cloud, tenant, authority, environment: 'production' },
    ...{ json: '{}', digest: '', dependsOn: [], reads: [], resources: [] },
  };
  const services = openServices({ ...options, engine, environment: child, stacks: [declared] });
  const environment = services.environmentOf(stack);
  const parent = privateFolder(root, 'import');
  const folder = fs.mkdtempSync(path.join(parent, 'read-'));
  const run = (...args: readonly string[]): Promise<Ended> =>
    runEngine({ binary: engine.binary, arguments: args, folder, environment, timeout: options.timeout });
  try {
    const refused = new Map<string, string>();
    for (let first = true; ; first = false) {
      const asked = candidates.filter((one) => !refused.has(addressOf(one)));
      fs.writeFileSync(path.join(folder, 'main.tf.json'), configuration(options, asked), { mode: 0o600 });
      if (first) {
        const ended = await run('init', '-input=false', '-no-color', '-backend=false');
        if (ended.code !== 0) throw unreadable(stack, ended);
      }
      if (asked.length === 0) return candidates.map((one) => refusedReading(one, refused));
      const ended = await run('plan', '-json', '-input=false', '-out=plan');
      if (ended.code !== 0) {
        const found = refusals(ended.stdout, asked);
        if (found.size === 0) throw unreadable(stack, ended);
        for (const [address, because] of found) refused.set(address, because);
        continue;
      }
      const shown = await run('show', '-json', 'plan');
      if (shown.code !== 0) throw unreadable(stack, shown);
      const read = readingsOf(JSON.parse(shown.stdout));
      return candidates.map((one) => read.get(addressOf(one)) ?? refusedReading(one, refused));
    }
  } finally {
    // Plans hold secrets in clear.
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function addressOf({ type, name }: Pick<Candidate, 'type' | 'name'>): string {
  return `${type}.${name}`;
}

function refusedReading(one: Candidate, refused: ReadonlyMap<string, string>): CandidateReading {
  const address = addressOf(one);
  return { address, differs: [], replaces: false, because: refused.get(address) ?? 'the engine said nothing of it' };
}

function configuration({ terraform, provider }: ReadCandidatesOptions, candidates: readonly Candidate[]): string {
  const resource: Record<string, Record<string, JsonObject>> = {};
  for (const { type, name, body } of candidates) (resource[type] ??= {})[name] = body;
  const blocks = candidates.map((one) => ({ to: addressOf(one), id: one.id }));
  return canonicalJson({ terraform, provider, ...(candidates.length === 0 ? {} : { resource, import: blocks }) }, 2);
}

/** Which candidates a failed plan names, and why: errors of providers name them, those of the engine the block they stand in. */
function refusals(stdout: string, asked: readonly Candidate[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const event = parseEvent(line);
    const diagnostic = event?.['type'] === 'diagnostic' && isObject(event['diagnostic']) ? event['diagnostic'] : undefined;
    if (diagnostic?.['severity'] !== 'error') continue;
    const because = [diagnostic['summary'], diagnostic['detail']].filter((text) => typeof text === 'string' && text !== '').join(': ');
    const snippet = isObject(diagnostic['snippet']) ? diagnostic['snippet'] : {};
    const texts = [diagnostic['address'], snippet['context'], snippet['code'], because].filter((text) => typeof text === 'string');
    for (const one of asked) {
      // A short id (a key pair's name) may stand in any text.
      const names = [addressOf(one), `resource.${addressOf(one)}`, `"${one.type}" "${one.name}"`, ...(one.id.length < 32 ? [] : [one.id])];
      if (texts.some((text) => names.some((name) => mentions(text, name)))) found.set(addressOf(one), found.get(addressOf(one)) ?? because);
    }
  }
  return found;
}

function mentions(text: string, name: string): boolean {
  const at = text.indexOf(name);
  return at >= 0 && !/[\w-]/u.test(text[at + name.length] ?? '') && !/[\w-]/u.test(text[at - 1] ?? '');
}

function readingsOf(shown: unknown): Map<string, CandidateReading> {
  const changes = isObject(shown) && Array.isArray(shown['resource_changes']) ? (shown['resource_changes'] as unknown[]) : [];
  const found = new Map<string, CandidateReading>();
  for (const one of changes) {
    if (!isObject(one) || typeof one['address'] !== 'string' || !isObject(one['change'])) continue;
    const { before, after, after_unknown: unknown, actions } = one['change'];
    if (!isObject(before)) continue;
    const attributes = before as JsonObject;
    const words = Array.isArray(actions) ? actions.map(String) : [];
    const changed = words.some((word) => word !== 'no-op' && word !== 'read');
    const wanted = isObject(after) ? after : {};
    const open = isObject(unknown) ? unknown : {};
    // A replacement makes everything computed unknown; only what is stated otherwise is the reason.
    const names = changed ? [...new Set([...Object.keys(wanted), ...Object.keys(attributes)])].filter((name) => !holdsTrue(open[name])) : [];
    found.set(one['address'], {
      address: one['address'],
      attributes,
      differs: names.flatMap((attribute) =>
        canonicalJson((attributes[attribute] ?? null) as JsonObject) === canonicalJson((wanted[attribute] ?? null) as JsonObject)
          ? []
          : [{ attribute, before: attributes[attribute] ?? null, after: wanted[attribute] ?? null }],
      ),
      replaces: words.includes('delete'),
    });
  }
  return found;
}

function holdsTrue(value: unknown): boolean {
  return value === true || ((Array.isArray(value) || isObject(value)) && Object.values(value).some(holdsTrue));
}

function unreadable(stack: string, ended: Ended): ProblemError {
  const text = [...readEngineLog(ended.stdout).errors, ended.stderr.trim()].filter((one) => one !== '').join('; ');
  return new ProblemError([
    {
      code: 'ENGINE-IMPORT-READ',
      severity: 'error',
      message: `what exists could not be read by the engine: ${text === '' ? `it ended with ${ended.code ?? ended.signal ?? 'no exit code'}` : text}`,
      subject: stack,
      hint: 'see that the provider can be installed here and that the credentials are those of the project',
    },
  ]);
}
