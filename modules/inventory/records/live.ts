import { urn } from '../../core/index.ts';
import type { StateResource } from '../../engine/types.ts';
import type { Federation } from '../../federation/index.ts';
import type { InventoryRecord } from '../types.ts';
import { makeRecord, recordContext, relation, type RecordContext } from './context.ts';
import { memberOrganisation } from './declared.ts';
import type { States } from './resources.ts';

/** One object of a project as its cloud shows it. */
export interface LiveFact {
  /** Terraform type. */
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
  /** RFC 3339, as the cloud says it. */
  readonly created?: string | undefined;
  /** What holds it in a state; absent: nobody. */
  readonly holder?: { readonly stack: string; readonly address: string } | undefined;
}

/** What was read of one project, or of one namespace of a Kubernetes cluster. */
export interface LiveProject {
  readonly cloud: string;
  readonly project: { readonly id: string; readonly name: string };
  /** Stacks that are deployed into it. */
  readonly stacks: readonly string[];
  /** Which of their resources would be in it, where they have some elsewhere; all by default. */
  readonly covers?: ((resource: StateResource) => boolean) | undefined;
  /** Without what the cloud makes by itself. */
  readonly objects: readonly LiveFact[];
  /** How the reading of each kind ended; a kind that is not among them was not asked for. */
  readonly kinds: readonly { readonly type: string; readonly state: 'whole' | 'absent' | 'failed'; readonly reason?: string | undefined }[];
}

/** The live layer of a report: its records, and which former ones stay because they could not be looked at. */
export interface LiveLayer {
  readonly records: readonly InventoryRecord[];
  readonly keep: (record: InventoryRecord) => boolean;
}

/**
 * Records of what clouds show: under the URN of the declared resource where a state holds the object, else under its cloud,
 * project and id, as `unmanaged`. What a state holds and its cloud does not show is `missing`, if its kind was read to the end.
 * Every kind of every project has a completeness of its own: nothing that was not read is taken for gone. Pure.
 */
export function liveRecords(federation: Federation, asOf: string, projects: readonly LiveProject[], states: States): LiveLayer {
  const context = recordContext(federation, federation.settings.member.id, asOf);
  const records = new Map<string, InventoryRecord>();
  const whole = new Set<string>();
  const add = (record: InventoryRecord): void => {
    records.set(record.urn, record);
  };
  for (const { cloud, project, stacks, objects, kinds, covers } of projects) {
    const read = new Set(kinds.filter(({ state }) => state !== 'failed').map(({ type }) => type));
    for (const type of read) whole.add(`${cloud} ${project.id} ${type}`);
    const seen = new Set(objects.flatMap(({ holder }) => (holder === undefined ? [] : [`${holder.stack} ${holder.address}`])));
    const place = { cloud, project: project.name, projectId: project.id };
    for (const { type, id, name, created, holder } of objects) {
      const more = { type, id, name, created, ...place };
      const names = { vi: name ?? id, en: name ?? id };
      if (holder === undefined) {
        add(
          makeRecord(context, {
            ...{ kind: 'resource', layer: 'live', names, drift: 'unmanaged', attributes: more },
            id: `${cloud}/${project.id}/${type}/${id}`,
            owner: ownerOf(context, cloud, stacks),
            relations: [relation('runsOn', context.urnOf('clouds', cloud))],
          }),
        );
      } else add(heldRecord(context, holder, cloud, names, more));
    }
    for (const stack of stacks) {
      for (const resource of states.get(stack) ?? []) {
        const { address, type, attributes } = resource;
        if (!read.has(type) || seen.has(`${stack} ${address}`) || covers?.(resource) === false) continue;
        const id = typeof attributes['id'] === 'string' ? attributes['id'] : undefined;
        add(heldRecord(context, { stack, address }, cloud, { vi: address, en: address }, { type, id, ...place }, 'missing'));
      }
    }
  }
  return {
    records: [...records.values()],
    keep: ({ attributes }) => !whole.has(['cloud', 'projectId', 'type'].map((key) => textOf(attributes[key])).join(' ')),
  };
}

type Attributes = Parameters<typeof makeRecord>[1]['attributes'];

function heldRecord(
  context: RecordContext,
  { stack, address }: { readonly stack: string; readonly address: string },
  cloud: string,
  names: { readonly vi: string; readonly en: string },
  attributes: Attributes,
  drift?: 'missing',
): InventoryRecord {
  return makeRecord(context, {
    ...{ kind: 'resource', layer: 'live', names, drift },
    id: `${stack}/${address}`,
    owner: ownerOf(context, cloud, [stack]),
    relations: [relation('partOf', urn(context.member, 'stack', stack))],
    attributes: { ...attributes, address, stack },
  });
}

/** Whose tenant the stack is of, else whose cloud it is. */
function ownerOf({ federation }: RecordContext, cloud: string, stacks: readonly string[]): string {
  for (const stack of stacks) {
    const [agency, tenant = ''] = stack.split('.');
    const owner = federation.tenants.get(tenant)?.owner ?? agency;
    if (owner !== undefined && federation.organisations.has(owner)) return owner;
  }
  return federation.clouds.get(cloud)?.owner ?? memberOrganisation(federation);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
