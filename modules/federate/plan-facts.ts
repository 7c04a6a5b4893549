import * as fs from 'node:fs';
import * as path from 'node:path';
import { listFiles, sha256 } from '../core/index.ts';
import type { DeclaredValue, InputFile, PlanFacts, PreflightPort, ReviewPage } from '../engine/index.ts';
import { agencyOf, type Federation } from '../federation/index.ts';
import type { AddressPlan } from '../network/types.ts';
import type { ZoneSet } from '../dns/types.ts';
import type { DeclaredStack } from '../engine/types.ts';

/** What the engine is told beside the stacks: what a plan follows from, and the page it is reviewed on. */
export interface PlanContext {
  readonly facts: PlanFacts;
  readonly page: ReviewPage;
  readonly preflight: PreflightPort;
}

/**
 * The facts of a plan: digests of all files its stacks follow from, names and levels for whoever reviews, and the
 * addresses and DS records others rely on. Reads files, writes nothing. The page is only loaded when one is drawn.
 */
export function planContext(
  root: string,
  given: { readonly federation: Federation; readonly stacks: readonly DeclaredStack[]; readonly addresses: AddressPlan; readonly zones: ZoneSet },
): PlanContext {
  const { federation, stacks, addresses, zones } = given;
  return {
    facts: {
      inputs: inputFiles(root),
      names: Object.fromEntries([...federation.organisations.values()].map(({ id, names }) => [id, names])),
      levels: levelsOf(federation, stacks),
      declared: [...addressValues(federation, addresses), ...dsValues(zones)],
      language: federation.settings.language,
    },
    page: async (review, language) => (await import('../report/index.ts')).renderPlanPage(review, language),
    preflight: {
      begin: async (query) => {
        const { cloudPreflight } = await import('../cloud/preflight/index.ts');
        return await cloudPreflight({ cache: true, blocks: () => heldBlocks(federation, addresses) }).begin(query);
      },
    },
  };
}

/** The address plan as blocks with those who answer for them. */
function* heldBlocks(federation: Federation, addresses: AddressPlan): Generator<{ readonly key: string; readonly prefix: string; readonly owner: string }> {
  for (const { key, v4, v6, owner } of addresses.allocations.values()) {
    // Stacks are an agency's, so blocks of its departments are its own.
    const holder = agencyOf(federation, owner ?? ownerOf(federation, key));
    for (const prefix of [v4, v6]) if (prefix !== undefined) yield { key, prefix, owner: holder };
  }
}

/** Files of a member that plans follow from, with their digests, in code-unit order. Waivers change no plan. */
export function inputFiles(root: string): InputFile[] {
  const files: [string, InputFile['kind']][] = [['vcloud.yaml', 'declarations']];
  const add = (folder: string, kindOf: (name: string) => InputFile['kind'] | undefined): void => {
    for (const name of listFiles(path.join(root, folder))) {
      const kind = kindOf(name);
      if (kind !== undefined) files.push([`${folder}/${name}`, kind]);
    }
  };
  add('stacks', () => 'declarations');
  add('network-plans', (name) => (name.endsWith('.lock.yaml') ? 'lock' : 'declarations'));
  add('policies', (name) => (name.startsWith('waivers/') ? undefined : 'policies'));
  add('.vcloud/policies', () => 'policies');
  files.push(['.vcloud/extract.json', 'declarations']);
  return files.flatMap(([name, kind]) => {
    const file = path.join(root, name);
    return fs.existsSync(file) ? [{ path: name, kind, sha256: sha256(fs.readFileSync(file)) }] : [];
  });
}

/** The level of a stack is the highest of the systems that run in its tenant. */
function levelsOf(federation: Federation, stacks: readonly DeclaredStack[]): Record<string, number> {
  const tenants = new Map<string, number>();
  for (const { tenants: places, level } of federation.systems.values()) {
    if (level !== undefined) for (const tenant of places ?? []) tenants.set(tenant, Math.max(level.value, tenants.get(tenant) ?? 0));
  }
  return Object.fromEntries(
    stacks.flatMap(({ path: name, tenant }) => {
      const level = tenants.get(tenant ?? '');
      return level === undefined ? [] : [[name, level]];
    }),
  );
}

function addressValues(federation: Federation, addresses: AddressPlan): DeclaredValue[] {
  return [...addresses.allocations.values()].map(({ key, v4, v6 }) => ({
    effect: 'renumber',
    subject: key,
    agency: ownerOf(federation, key),
    value: [v4, v6].filter((prefix) => prefix !== undefined).join(' '),
  }));
}

/** Who answers for a key: the object its parts name, or the member itself. */
function ownerOf(federation: Federation, key: string): string {
  const [, id = ''] = key.split('/');
  if (federation.organisations.has(id)) return id;
  return federation.tenants.get(id)?.owner ?? federation.sites.get(id)?.owner ?? federation.settings.member.organisation ?? federation.settings.member.id;
}

function dsValues({ zones }: ZoneSet): DeclaredValue[] {
  return zones.flatMap((zone) =>
    zone.records.flatMap(({ name, type, data }) =>
      type === 'DS' ? [{ effect: 'ds-change' as const, subject: name, agency: zone.owner, value: data.join(' | ') }] : [],
    ),
  );
}
