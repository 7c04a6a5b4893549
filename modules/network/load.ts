import * as path from 'node:path';
import {
  compileTemplate,
  didYouMean,
  isObject,
  listFiles,
  parseYaml,
  problem,
  ProblemError,
  Problems,
  readText,
  readTextIfPresent,
  parseCsv,
  schemaProblems,
  type CsvTable,
  type DataPath,
  type Source,
  type Template,
} from '../core/index.ts';
import { selectableCollections, type Federation } from '../federation/index.ts';
import { addAsnPlan, addAsnRows } from './asn-load.ts';
import { addAgreements, delegationFacts, emptyAgreements, type Agreements } from './delegation/load.ts';
import type { MemberReport } from './delegation/types.ts';
import { duplicate, eachNeed, kindLine, planFileNames, planFolder } from './documents.ts';
import { expandRule, type ExpandContext, type Expansion, type Repetition } from './expand.ts';
import { readLock } from './lock.ts';
import type { AsnNeed, AsnRange, AsnRow, Domain, LockRow, PlanFile, PlanSet, Rule, RuleSwitch, Unnumbered } from './model.ts';
import { resolvePools, type RawPool } from './pools.ts';
import { resolveNeeds, type RawLeg, type UnresolvedNeed } from './resolve.ts';
import { needSchema, networkPlanSchema, ruleSchema, type ForEach, type RawNeed } from './schema.ts';
import type { Extract } from './types.ts';

/** Kinds of this folder that other rooms read. */
const otherKinds = ['ZonePlan', 'OverlayPlan'];
const otherKind = kindLine(otherKinds);

export interface LoadPlansOptions {
  /** What the centre delivered; pools with `from` take their blocks from it. */
  readonly extract?: Extract | undefined;
  /** What the members of a centre reported about their blocks; without it nothing is known of them. */
  readonly members?: readonly MemberReport[] | undefined;
  /** Day conditions and deadlines are judged at; a federation has its own. */
  readonly asOf?: string | undefined;
  /** Texts that stand for files, path -> text: how an edit is judged before it is written. */
  readonly texts?: ReadonlyMap<string, string> | undefined;
  /** Reads the text of a plan; instead of `parseYaml` where texts are read again and again. */
  readonly parse?: ((file: string, text: string) => Source) | undefined;
}

/** Everything read so far, of all files. */
export interface Collected {
  readonly files: PlanFile[];
  readonly domains: Map<string, Domain>;
  readonly pools: Map<string, RawPool>;
  readonly needs: Map<string, UnresolvedNeed>;
  readonly rows: Map<string, LockRow>;
  readonly asnRanges: Map<string, AsnRange>;
  readonly asnNeeds: Map<string, AsnNeed>;
  readonly asnRows: Map<string, AsnRow>;
  readonly rules: Rule[];
  readonly unnumbered: Unnumbered[];
  readonly switches: RuleSwitch[];
  readonly agreements: Agreements;
  readonly problems: Problems;
}

/**
 * Reads every address and number plan of a member with its lock, expands the rules and resolves pools and holders.
 * Only rules over declared objects need `federation`.
 * @throws ProblemError with every problem of every file (CORE-*, NET-*)
 */
export function readPlans(root: string, federation: Federation | undefined, options: LoadPlansOptions = {}): PlanSet {
  const collected: Collected = {
    files: [],
    domains: new Map(),
    pools: new Map(),
    needs: new Map(),
    rows: new Map(),
    asnRanges: new Map(),
    asnNeeds: new Map(),
    asnRows: new Map(),
    rules: [],
    unnumbered: [],
    switches: [],
    agreements: emptyAgreements(),
    problems: new Problems(),
  };
  const { problems } = collected;
  const { texts = new Map<string, string>(), parse = parseYaml } = options;
  const tables = new Map<string, CsvTable>();
  for (const [file, text] of texts) if (file.endsWith('.csv')) tables.set(file, parseCsv(file, text));
  const names = planFileNames(root);
  const asnLater: (() => void)[] = [];
  for (const name of names) {
    const file = `${planFolder}/${name}`;
    const text = texts.get(file) ?? problems.collect(() => readText(root, file));
    // Plans of other rooms may be large: they parse them themselves.
    if (text === undefined || otherKind.test(text)) continue;
    const source = problems.collect(() => parse(file, text));
    if (!source) continue;
    const kind = isObject(source.value) ? source.value['kind'] : undefined;
    if (otherKinds.includes(String(kind))) continue;
    const context: ExpandContext = { root, file, source, tables, federation, problems };
    if (kind === 'AsnPlan') {
      const plan = addFile(collected, root, file, 'AsnPlan', texts);
      // Ranges of one file may serve needs of another.
      asnLater.push(addAsnPlan(collected, context, plan));
    } else if (kind === 'NetworkPlan') {
      addNetworkPlan(collected, context, addFile(collected, root, file, 'NetworkPlan', texts));
    } else {
      problems.error('NET-KIND', `kind ${JSON.stringify(kind) ?? 'is missing'}${kind === undefined ? '' : ' is not one this folder holds'}`, {
        ...source.locate(['kind']),
        hint: didYouMean(String(kind), ['NetworkPlan', 'AsnPlan', ...otherKinds]) ?? `write one of NetworkPlan, AsnPlan, ${otherKinds.join(', ')}`,
      });
    }
  }
  asnLater.forEach((work) => work());
  addOrphanLocks(collected, root, names, texts);
  const whole = !problems.hasErrors;
  const pools = resolvePools(collected, options.extract);
  const needs = resolveNeeds(collected, pools, whole);
  problems.throwIfErrors();
  const delegation = delegationFacts(collected.agreements, collected.pools, federation, options);
  const { files, domains, rows, asnRanges, asnNeeds, asnRows, rules, unnumbered, switches } = collected;
  return { files, domains, pools, needs, rows, asnRanges, asnNeeds, asnRows, rules, unnumbered, switches, delegation, owners: collected.agreements.owners };
}

const overObjects = new RegExp(`forEach:[\\s{"']*(?:(?:where|except|#.*)[\\s\\S]*?)?\\b(?:${selectableCollections.join('|')})["']?\\s*:`, 'u');

/** Whether a rule of some plan runs over declared objects, so that the federation must be loaded; and whether a pool comes from an extract. */
export function plansNeed(root: string): { readonly federation: boolean; readonly extract: boolean } {
  let federation = false;
  let extract = false;
  for (const name of planFileNames(root)) {
    const text = readTextIfPresent(path.join(root, planFolder, name)) ?? '';
    federation ||= /^kind:\s*["']?(?:NetworkPlan|AsnPlan)\b/mu.test(text) && overObjects.test(text);
    extract ||= /\bfrom\s*:/u.test(text);
  }
  return { federation, extract };
}

/** A lock whose plan is gone still holds its space: every row is then one to be released. */
function addOrphanLocks(collected: Collected, root: string, plans: readonly string[], texts: ReadonlyMap<string, string>): void {
  const known = new Set(plans.map((name) => name.replace(/\.ya?ml$/u, '.lock.yaml')));
  for (const name of listFiles(path.join(root, planFolder), (file) => !file.includes('/') && file.endsWith('.lock.yaml'))) {
    if (known.has(name)) continue;
    const kind = /^kind: (Network|Asn)Lock$/mu.exec(readTextIfPresent(path.join(root, planFolder, name)) ?? '')?.[1];
    if (kind !== undefined)
      addFile(collected, root, `${planFolder}/${name}`.replace(/\.lock\.yaml$/u, '.yaml'), kind === 'Asn' ? 'AsnPlan' : 'NetworkPlan', texts);
  }
}

function addFile(collected: Collected, root: string, file: string, kind: PlanFile['kind'], texts: ReadonlyMap<string, string>): number {
  const lockFile = file.replace(/\.ya?ml$/u, '.lock.yaml');
  const lockText = texts.get(lockFile) ?? readTextIfPresent(path.join(root, lockFile));
  const plan = collected.files.push({ file, lockFile, kind, lockText }) - 1;
  if (lockText === undefined) return plan;
  if (kind === 'AsnPlan') {
    addAsnRows(collected, lockFile, lockText, plan);
    return plan;
  }
  for (const row of readLock(lockFile, lockText, plan, collected.problems)) {
    const first = collected.rows.get(row.key);
    if (!first) collected.rows.set(row.key, row);
    else if (first.plan !== plan) {
      collected.problems.error('NET-LOCK-DUPLICATE', `"${row.key}" stands in two locks, first at ${first.place.file}:${first.place.line ?? 1}`, {
        ...row.place,
        hint: 'drop the row of the lock whose plan does not have the need',
      });
    }
  }
  return plan;
}

function addNetworkPlan(collected: Collected, context: ExpandContext, plan: number): void {
  const { source, problems } = context;
  const value = source.value as Record<string, unknown>;
  const head = { ...source, value: { ...value, needs: [] } };
  const result = networkPlanSchema.safeParse(head.value);
  if (!result.success) schemaProblems(result.error, head, networkPlanSchema).forEach((found) => problems.add(found));
  else {
    result.data.domains.forEach((domain, index) => {
      const place = source.locate(['domains', index, 'name']);
      const first = collected.domains.get(domain.name);
      if (first) duplicate(problems, 'NET-DOMAIN-DUPLICATE', `domain "${domain.name}"`, first.place, place);
      else collected.domains.set(domain.name, { ...domain, place });
    });
    result.data.pools.forEach((pool, index) => {
      const at = ['pools', index];
      const place = source.locate([...at, 'name']);
      const first = collected.pools.get(pool.name);
      if (first) duplicate(problems, 'NET-POOL-DUPLICATE', `pool "${pool.name}"`, first.place, place);
      else collected.pools.set(pool.name, { ...pool, place, locate: (field) => source.locate([...at, field]) });
    });
    result.data.rules.forEach((entry, index) => collected.switches.push({ ...entry, place: source.locate(['rules', index, 'rule'], 'key') }));
    addAgreements(collected.agreements, source, result.data, problems);
    for (const [collection, list] of Object.entries(result.data.unnumbered ?? {})) {
      for (const match of list) collected.unnumbered.push({ collection: collection as Unnumbered['collection'], match });
    }
  }
  eachNeed(context, value['needs'], needSchema, ruleSchema, (need, at) => {
    if (!checkShape(need, source, at, problems)) return;
    if ('forEach' in need) addRule(collected, context, need, at, plan);
    else addNeed(collected, need, source, at, plan);
  });
}

/** A need has one place or legs, a leg has a pool or a holder, and a length or an exact prefix. */
function checkShape(need: RawNeed, source: Source, at: DataPath, problems: Problems): boolean {
  const before = problems.list.length;
  const { legs } = need;
  const outer = (['pool', 'pools', 'in', 'length', 'prefix', 'at', 'growth'] as const).filter((field) => need[field] !== undefined);
  if (legs && outer.length > 0) {
    problems.error('NET-NEED', `"${need.key}": "${outer[0] ?? ''}" stands beside legs`, {
      ...source.locate([...at, outer[0] ?? ''], 'key'),
      hint: 'move it into the legs it belongs to',
    });
  }
  if (legs && !legs.v4 && !legs.v6)
    problems.error('NET-NEED', `"${need.key}": legs are empty`, { ...source.locate([...at, 'legs']), hint: 'write v4, v6 or both' });
  const parts: [typeof need | NonNullable<NonNullable<typeof legs>['v4']>, DataPath][] = legs
    ? (['v4', 'v6'] as const).flatMap((family) => (legs[family] ? [[legs[family], [...at, 'legs', family]] as [NonNullable<typeof legs.v4>, DataPath]] : []))
    : [[need, at]];
  for (const [leg, where] of parts) {
    if (leg.pool === undefined && leg.pools === undefined && leg.in === undefined) {
      problems.error('NET-NEED', `"${need.key}" names neither a pool nor a holder`, {
        ...source.locate(where),
        hint: 'add `pool: NAME`, or `in: KEY` of a container',
      });
    }
    if (leg.pools !== undefined && (leg.pool !== undefined || leg.in !== undefined)) {
      problems.error('NET-NEED', `"${need.key}" names several pools and ${leg.pool === undefined ? 'a holder' : 'one'}`, {
        ...source.locate([...where, 'pools'], 'key'),
        hint: 'write `pools: [A, B]`, `pool: A` or `in: KEY`, one of them',
      });
    }
    if (leg.pools !== undefined && leg.pools.length > 1 && leg.at !== undefined) {
      problems.error('NET-NEED', `"${need.key}" says a number, which counts in one pool, but names several`, {
        ...source.locate([...where, 'at'], 'key'),
        hint: 'write `pool:` instead of `pools:`',
      });
    }
    if ((leg.length === undefined) === (leg.prefix === undefined)) {
      problems.error('NET-NEED', `"${need.key}" needs a length or an exact prefix, one of the two`, {
        ...source.locate(where),
        hint: 'write `length: 48`, or `prefix: "3fff:0:1::/48"`',
      });
    }
    if (leg.at !== undefined && leg.prefix !== undefined) {
      problems.error('NET-NEED', `"${need.key}" has an exact prefix and a number, one of the two says where it lies`, {
        ...source.locate([...where, 'at'], 'key'),
        hint: 'write `length:` and `at:`, or `prefix:` alone',
      });
    }
  }
  if (need.strategy !== undefined && need.role !== 'container') {
    problems.error('NET-NEED', `"${need.key}" names a strategy but is no container`, { ...source.locate([...at, 'strategy']), hint: 'add `role: container`' });
  }
  return problems.list.length === before;
}

const asciiKey = /^[\x21-\x7e]+$/u;
const badKey = /^\s|\s$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/u;

function insert(collected: Collected, need: UnresolvedNeed): void {
  const { problems } = collected;
  if (!asciiKey.test(need.key) && (badKey.test(need.key) || need.key === '' || need.key.normalize('NFC') !== need.key)) {
    problems.error('NET-KEY', `${JSON.stringify(need.key)} cannot be a key`, {
      ...need.place,
      hint: 'a key is NFC text without control characters and outer blanks, such as commune/00004',
    });
    return;
  }
  const first = collected.needs.get(need.key);
  if (first) {
    problems.error('NET-KEY-DUPLICATE', `"${need.key}" is needed twice, first at ${first.place.file}:${first.place.line ?? 1}`, {
      ...need.place,
      hint: 'a key is one need; rename one of the two or remove it',
    });
    return;
  }
  collected.needs.set(need.key, need);
}

function addNeed(collected: Collected, need: RawNeed, source: Source, at: DataPath, plan: number): void {
  const leg = (raw: NonNullable<NonNullable<RawNeed['legs']>['v4']>, where: DataPath): RawLeg => ({
    pool: raw.pool,
    pools: raw.pools,
    in: raw.in,
    length: typeof raw.length === 'number' ? raw.length : undefined,
    growth: typeof raw.growth === 'number' ? raw.growth : undefined,
    prefix: raw.prefix,
    at: raw.at === undefined ? undefined : String(raw.at),
    locate: (field) => source.locate(field === '' ? where : [...where, field]),
  });
  const { key, role, strategy, owner, legs } = need;
  insert(collected, {
    key,
    role,
    strategy,
    owner,
    plan,
    place: source.locate([...at, 'key']),
    short: legs ? undefined : leg(need, at),
    v4: legs?.v4 && leg(legs.v4, [...at, 'legs', 'v4']),
    v6: legs?.v6 && leg(legs.v6, [...at, 'legs', 'v6']),
  });
}

interface LegTemplate {
  readonly pool?: Template | undefined;
  readonly pools?: readonly Template[] | undefined;
  readonly in?: Template | undefined;
  readonly length?: number | Template | undefined;
  readonly growth?: number | Template | undefined;
  readonly prefix?: Template | undefined;
  readonly at?: Template | undefined;
}

function addRule(collected: Collected, context: ExpandContext, rule: RuleOf<RawNeed>, at: DataPath, plan: number): void {
  const { source, problems } = context;
  const expansion = expandRule(context, rule.forEach, [...at, 'forEach']);
  if (!expansion) return;
  collected.rules.push({
    collection: expansion.collection,
    key: rule.key,
    place: source.locate([...at, 'key']),
    byKind: selectsByKind(rule.forEach, expansion),
  });
  const before = problems.list.length;
  const compile = (text: string | undefined, where: DataPath): Template | undefined =>
    text === undefined ? undefined : problems.collect(() => compileTemplate(text, source.locate(where), expansion.names));
  const compileLeg = (raw: NonNullable<NonNullable<RawNeed['legs']>['v4']>, where: DataPath): LegTemplate => ({
    pool: compile(raw.pool, [...where, 'pool']),
    pools: raw.pools?.flatMap((pool, index) => compile(pool, [...where, 'pools', index]) ?? []),
    in: compile(raw.in, [...where, 'in']),
    length: typeof raw.length === 'string' ? compile(raw.length, [...where, 'length']) : raw.length,
    growth: typeof raw.growth === 'string' ? compile(raw.growth, [...where, 'growth']) : raw.growth,
    prefix: compile(raw.prefix, [...where, 'prefix']),
    at: compile(raw.at === undefined ? undefined : String(raw.at), [...where, 'at']),
  });
  const key = compile(rule.key, [...at, 'key']);
  const owner = compile(rule.owner, [...at, 'owner']);
  const { legs, role, strategy } = rule;
  const short = legs ? undefined : compileLeg(rule, at);
  const v4 = legs?.v4 && compileLeg(legs.v4, [...at, 'legs', 'v4']);
  const v6 = legs?.v6 && compileLeg(legs.v6, [...at, 'legs', 'v6']);
  if (!key || problems.list.length > before) return;
  for (const repetition of expansion.repetitions) {
    problems.collect(() => {
      const { fields, place, placeOf, subject } = repetition;
      const fill = (template: LegTemplate): RawLeg => fillLeg(template, repetition);
      insert(collected, {
        key: key(fields, placeOf),
        role,
        strategy,
        owner: owner ? owner(fields, placeOf) : repetition.owner,
        subject,
        plan,
        place,
        short: short && fill(short),
        v4: v4 && fill(v4),
        v6: v6 && fill(v6),
      });
    });
  }
}

function selectsByKind(forEach: ForEach, { collection }: Expansion): boolean {
  return collection === undefined || Object.keys(forEach[collection] ?? {}).every((field) => field === 'kind' || field === 'role');
}

type RuleOf<T> = T extends { forEach: unknown } ? T : never;

function fillLeg(template: LegTemplate, { fields, place, placeOf }: Repetition): RawLeg {
  const bits = (length: LegTemplate['length']): number | undefined => {
    if (typeof length !== 'function') return length;
    const text = length(fields, placeOf);
    if (!/^(?:0|[1-9]\d{0,2})$/u.test(text)) {
      throw new ProblemError(
        problem('NET-LENGTH', `${JSON.stringify(text)} is not a prefix length`, { ...place, hint: 'a length is a plain decimal number, 0 to 32 or 0 to 128' }),
      );
    }
    return Number(text);
  };
  return {
    pool: template.pool?.(fields, placeOf),
    pools: template.pools?.map((pool) => pool(fields, placeOf)),
    in: template.in?.(fields, placeOf),
    length: bits(template.length),
    growth: bits(template.growth),
    prefix: template.prefix?.(fields, placeOf),
    at: template.at?.(fields, placeOf),
    locate: () => place,
  };
}
