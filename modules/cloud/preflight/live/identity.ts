import type { Item } from '../model.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import type { AskedCloud } from './cloud.ts';
import { isSilence, named, type Kind } from './lookups.ts';

/** In what of Keystone an object is looked for or made. */
export interface Narrowed {
  /** What a list by name is narrowed by: `&domain_id=ID`. */
  readonly query: string;
  /** Attributes whose values are known only later, so that the list is wider than it should be. */
  readonly later: readonly string[];
  /** It lies in something this plan makes: nothing can be there yet. */
  readonly planned: boolean;
}

type Within = 'domain_id' | 'parent_id';
/** A lookup in a domain that is looked up itself is as deep as it goes; a circle is Terraform's to complain about. */
const deepest = 4;

/**
 * Narrows a list of Keystone as the provider does: names are unique in a domain only, and projects that are domains are hidden from
 * a list that does not ask for them (Identity API v3, "List projects", `is_domain`).
 */
export async function narrowed(
  world: PlannedWorld,
  cloud: AskedCloud,
  item: Item,
  { kind, by, depth = 0 }: { readonly kind: Kind; readonly by: readonly Within[]; readonly depth?: number },
): Promise<Narrowed> {
  const query = new URLSearchParams();
  const later: string[] = [];
  let planned = false;
  if (kind === 'project' && item.body['is_domain'] === true) query.set('is_domain', 'true');
  for (const attribute of by) {
    const given = item.body[attribute];
    if (given === undefined || given === null || given === '') continue;
    const id = await idOf(world, cloud, { item, given, depth });
    if (id === 'planned') planned = true;
    else if (id === 'later') later.push(attribute);
    else query.set(attribute, id.id);
  }
  const text = query.toString();
  return { query: text === '' ? '' : `&${text}`, later, planned };
}

/** The domain something is made in that names none: that of the project the log-in is for. Undefined where the cloud does not say it. */
export async function ownDomain(cloud: AskedCloud): Promise<string | undefined> {
  const answer = await cloud.ask('identity', `/projects/${encodeURIComponent(cloud.session.project)}`);
  const project = answer.ok ? answer.body['project'] : undefined;
  const domain = project !== null && typeof project === 'object' && 'domain_id' in project ? project.domain_id : undefined;
  return typeof domain === 'string' ? domain : undefined;
}

const lookedUp: Readonly<Record<string, Kind>> = { openstack_identity_project_v3: 'project' };

/** The id a reference leads to: stated, held by a state, or that of the one thing a data source would find. */
async function idOf(
  world: PlannedWorld,
  cloud: AskedCloud,
  { item, given, depth }: { readonly item: Item; readonly given: unknown; readonly depth: number },
): Promise<{ readonly id: string } | 'planned' | 'later'> {
  const found = world.resolve(item, given);
  const text = textIn(found);
  if (text !== undefined) return { id: text };
  if (found.known || found.item === undefined || found.attribute !== 'id' || depth >= deepest) return 'later';
  const { item: other } = found;
  if (other.mode === 'managed') {
    const [held, ...more] = world.heldOf(other);
    const id = held?.attributes['id'];
    if (typeof id === 'string' && more.length === 0) return { id };
    return held === undefined ? 'planned' : 'later';
  }
  const kind = lookedUp[other.type];
  const name = world.text(other, 'name');
  if (kind === undefined || name === undefined) return 'later';
  const place = await narrowed(world, cloud, other, { kind, by: ['domain_id', 'parent_id'], depth: depth + 1 });
  if (place.planned || place.later.length > 0) return 'later';
  const list = await named(cloud, kind, name, place.query);
  if (isSilence(list) || list.length !== 1) return 'later';
  const id = list[0]?.['id'];
  return typeof id === 'string' ? { id } : 'later';
}
