import { API_VERSION, compareCodeUnits } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import { lockLine, lockScalar, lockText, type RowLeg } from '../lock.ts';
import type { ProposedLeg, ProposedNeed } from './needs.ts';
import type { ProposedPool } from './pools.ts';

export interface TextOptions {
  /** Name of the plan. */
  readonly name: string;
  /** Base name of the file adopted. */
  readonly source: string;
  /** Domains to be declared. */
  readonly domains: readonly string[];
  readonly pools: readonly ProposedPool[];
  /** Path of the table relative to the plan; undefined where the needs stand in the plan itself. */
  readonly table: string | undefined;
}

/** The lock that holds what the needs ask for. */
export function lockOf(needs: readonly ProposedNeed[]): string {
  const row = (leg: ProposedLeg | undefined): RowLeg | undefined => leg && { text: leg.prefix, pool: leg.pool, released: false };
  return lockText(
    'NetworkLock',
    needs.map(({ key, v4, v6 }) => lockLine(key, row(v4), row(v6))),
  );
}

/** The plan: pools, then the needs in the order of their addresses, or the rules over their table. */
export function planOf(needs: readonly ProposedNeed[], { name, source, domains, pools, table }: TextOptions): string {
  const lines = [
    '# yaml-language-server: $schema=../schemas/network-plan.schema.json',
    `# Adopted from ${printable(source)}: every address as it was found. Pools are the smallest blocks around what is listed and`,
    '# take exact prefixes only (`fixed`), so that nothing is given out of space that may not be yours. Edit freely.',
    `apiVersion: ${API_VERSION}`,
    'kind: NetworkPlan',
    `metadata: { name: ${scalar(name)} }`,
  ];
  if (domains.length > 0) lines.push('domains:', ...domains.map((domain) => `  - { name: ${scalar(domain)} }`));
  lines.push('pools:');
  for (const pool of pools)
    lines.push(`  - { name: ${scalar(pool.name)}, prefix: ${scalar(formatPrefix(pool.prefix))}, domain: ${scalar(pool.domain)}, strategy: fixed }`);
  lines.push('needs:');
  if (table === undefined) {
    const byKey = new Map(needs.map((need) => [need.key, need]));
    for (const need of byAddress(needs)) lines.push(needLine(need, byKey));
  } else lines.push(...ruleLines(needs, table));
  return `${lines.join('\n')}\n`;
}

/** In the order of the file, which planners know. */
function byAddress(needs: readonly ProposedNeed[]): ProposedNeed[] {
  return [...needs].sort((one, other) => one.record.order - other.record.order || compareCodeUnits(one.key, other.key));
}

function needLine(need: ProposedNeed, byKey: ReadonlyMap<string, ProposedNeed>): string {
  const { key, role, strategy, owner, v4, v6 } = need;
  const parts = [`key: ${scalar(key)}`];
  const only = v4 ? (v6 ? undefined : v4) : v6;
  const holder = only?.in === undefined ? undefined : byKey.get(only.in);
  if (only && !(holder?.v4 && holder.v6)) parts.push(legText(only));
  else {
    const legs = [v4 && `v4: { ${legText(v4)} }`, v6 && `v6: { ${legText(v6)} }`].filter((leg) => leg !== undefined);
    parts.push(`legs: { ${legs.join(', ')} }`);
  }
  if (role !== 'network') parts.push(`role: ${role}`);
  if (strategy !== undefined) parts.push(`strategy: ${strategy}`);
  if (owner !== undefined) parts.push(`owner: ${scalar(owner)}`);
  parts.push(`note: ${JSON.stringify(noteOf(need))}`);
  return `  - { ${parts.join(', ')} }`;
}

function legText(leg: ProposedLeg): string {
  return `${leg.in === undefined ? `pool: ${scalar(leg.pool)}` : `in: ${scalar(leg.in)}`}, prefix: ${scalar(leg.prefix)}`;
}

/** What the file says about a row, and where it stands. */
function noteOf({ record, cells }: ProposedNeed): string {
  const { owner, site, name, description, vlan, status, note } = record;
  const facts = [owner, site, name, description, vlan === '' ? '' : `VLAN ${vlan}`, status, note].filter(
    (fact, index, all) => fact !== '' && all.indexOf(fact) === index,
  );
  const text = printable(facts.join('; '));
  const cut = text.length > 240 ? `${Array.from(text).slice(0, 236).join('')}...` : text;
  return `${cut}${cut === '' ? '' : ' '}(${printable(cells.join(', '))})`;
}

/** The way a need is placed: needs of one shape are one rule over the table. */
function shapeOf({ role, strategy, owner, v4, v6 }: ProposedNeed): string {
  const leg = (family: string, value: ProposedLeg | undefined): string[] => (value ? [`${family}-${value.in === undefined ? 'pool' : 'in'}`] : []);
  return [role, ...(strategy === undefined ? [] : [strategy]), ...leg('v4', v4), ...leg('v6', v6), ...(owner === undefined ? [] : ['owner'])].join(' ');
}

function ruleLines(needs: readonly ProposedNeed[], table: string): string[] {
  const shapes = new Map<string, ProposedNeed>();
  for (const need of needs) shapes.set(shapeOf(need), need);
  return [...shapes]
    .sort(([one], [other]) => compareCodeUnits(one, other))
    .flatMap(([shape, { role, strategy, owner, v4, v6 }]) => {
      const leg = (family: string, value: ProposedLeg | undefined): string[] =>
        value ? [`      ${family}: { ${value.in === undefined ? `pool: "{${family}Pool}"` : `in: "{${family}In}"`}, prefix: "{${family}}" }`] : [];
      return [
        `  - forEach: { csv: ${scalar(table)}, where: { rule: ${scalar(shape)} } }`,
        '    key: "{key}"',
        ...(role === 'network' ? [] : [`    role: ${role}`]),
        ...(strategy === undefined ? [] : [`    strategy: ${strategy}`]),
        ...(owner === undefined ? [] : ['    owner: "{owner}"']),
        '    legs:',
        ...leg('v4', v4),
        ...leg('v6', v6),
      ];
    });
}

const columns = [
  'rule',
  'key',
  'v4',
  'v4Pool',
  'v4In',
  'v6',
  'v6Pool',
  'v6In',
  'owner',
  'ownerText',
  'site',
  'name',
  'description',
  'vlan',
  'status',
  'note',
  'cell',
];

/** The needs as a table (RFC 4180), with everything the file says about them. */
export function tableOf(needs: readonly ProposedNeed[]): string {
  const lines = [columns.join(',')];
  for (const need of byAddress(needs)) {
    const { key, owner, record, v4, v6 } = need;
    const leg = (value: ProposedLeg | undefined): string[] => [
      value?.prefix ?? '',
      value === undefined || value.in !== undefined ? '' : value.pool,
      value?.in ?? '',
    ];
    const cells = [shapeOf(need), key, ...leg(v4), ...leg(v6), owner ?? ''];
    for (const text of [record.owner, record.site, record.name, record.description, record.vlan, record.status, record.note]) cells.push(printable(text));
    cells.push(printable(need.cells.join(', ')));
    lines.push(cells.map((cell) => (/[",\n\r]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** One line of printable text. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]+/gu, ' ')
    .trim();
}

/** A YAML scalar inside braces: plain where nothing can be misread. */
function scalar(text: string): string {
  if (/^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/u.test(text)) return text;
  return lockScalar(text);
}
