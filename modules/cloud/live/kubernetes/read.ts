import { isObject } from '../../../core/index.ts';
import { Refused } from '../patience.ts';
import { saidBy } from '../session.ts';
import { clusterKinds, listPath, type ClusterKind, manifestType } from './kinds.ts';
import { clusterObject, type ClusterObject } from './objects.ts';
import { metadataOnly, type ClusterSession } from './session.ts';

/** Objects a page has at most. */
const page = 500;
/** How often a list whose pages got too old is begun again. */
const beginnings = 3;

/** How the reading of one kind in one place ended, as {@link import('../types.ts').KindEnd} says it. */
export interface ClusterReading {
  readonly state: 'whole' | 'absent' | 'failed';
  readonly objects: readonly ClusterObject[];
  /** `GET PATH: 403: ...`. */
  readonly reason?: string | undefined;
}

/** Reads what a cluster has, page by page, names and marks alone; asked twice, it has the answer of before. */
export class ClusterReader {
  readonly session: ClusterSession;
  readonly #limit: number;
  readonly #served = new Map<string, Promise<readonly Readonly<Record<string, unknown>>[] | undefined>>();
  readonly #lists = new Map<string, Promise<ClusterReading>>();

  /** @param limit objects of one kind in one place at most; past them it is said to be read in part */
  constructor(session: ClusterSession, limit = 100_000) {
    this.session = session;
    this.#limit = limit;
  }

  /** Objects of a kind, in a namespace or, of kinds that are in none, in the cluster. */
  list(kind: ClusterKind, namespace?: string): Promise<ClusterReading> {
    const path = listPath(kind, namespace);
    let reading = this.#lists.get(path);
    if (reading === undefined) this.#lists.set(path, (reading = this.#list(kind, path)));
    return reading;
  }

  /** One object by its name: none where it is not there. */
  async one(kind: ClusterKind, namespace: string | undefined, name: string): Promise<ClusterReading> {
    const path = `${listPath(kind, namespace)}/${encodeURIComponent(name)}`;
    try {
      const answer = await this.session.get(path, metadataOnly.one);
      if (answer.status === 404) return { state: 'whole', objects: [] };
      if (answer.status !== 200) return { state: 'failed', objects: [], reason: `GET ${path}: ${answer.status}${saidBy(answer)}` };
      const object = answer.body['kind'] === 'PartialObjectMetadata' ? clusterObject(kind, answer.body) : undefined;
      return object === undefined
        ? { state: 'failed', objects: [], reason: `GET ${path}: the answer is no object's metadata` }
        : { state: 'whole', objects: [object] };
    } catch (error) {
      return unread(error, []);
    }
  }

  /**
   * A kind by its own name, as a manifest states it; undefined: this cluster does not serve it.
   * @throws Refused where that could not be asked
   */
  async kindOf(version: string, kind: string): Promise<ClusterKind | undefined> {
    const known = clusterKinds.find((one) => one.version === version && one.kind === kind);
    if (known !== undefined) return { ...known, type: manifestType, advice: undefined };
    let resources = this.#served.get(version);
    if (resources === undefined) this.#served.set(version, (resources = this.#resources(version)));
    const found = (await resources)?.find((one) => one['kind'] === kind && typeof one['name'] === 'string' && !one['name'].includes('/'));
    return found === undefined ? undefined : { type: manifestType, version, plural: String(found['name']), kind, namespaced: found['namespaced'] === true };
  }

  async #resources(version: string): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    const path = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    const answer = await this.session.get(path);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Refused(String(answer.status), `GET ${path}: ${answer.status}${saidBy(answer)}`);
    return Array.isArray(answer.body['resources']) ? (answer.body['resources'] as unknown[]).filter(isObject) : [];
  }

  async #list(kind: ClusterKind, path: string): Promise<ClusterReading> {
    let objects: ClusterObject[] = [];
    let next: string | undefined;
    try {
      for (let begun = 1; ;) {
        const query = new URLSearchParams({ limit: String(page), ...(next === undefined ? {} : { continue: next }) });
        const answer = await this.session.get(`${path}?${query.toString()}`, metadataOnly.list);
        // What a page goes on from is kept for minutes only: the list as a whole is asked for anew (API concepts, "Gone").
        if (answer.status === 410 && begun < beginnings) {
          [begun, objects, next] = [begun + 1, [], undefined];
          continue;
        }
        if (answer.status === 404) return { state: 'absent', objects: [] };
        if (answer.status !== 200) throw new Refused(String(answer.status), `GET ${path}: ${answer.status}${saidBy(answer)}`);
        const { kind: form, metadata } = answer.body;
        // A list without any is null.
        const items = answer.body['items'] ?? [];
        if (form !== 'PartialObjectMetadataList' || !Array.isArray(items)) throw new Refused('format', `GET ${path}: the answer is no list of metadata`);
        objects.push(...(items as unknown[]).filter(isObject).flatMap((item) => clusterObject(kind, item) ?? []));
        const token = isObject(metadata) ? metadata['continue'] : undefined;
        if (typeof token !== 'string' || token === '') return { state: 'whole', objects };
        if (objects.length >= this.#limit) throw new Refused('limit', `GET ${path}: more than ${this.#limit} objects`);
        next = token;
      }
    } catch (error) {
      return unread(error, objects);
    }
  }
}

function unread(error: unknown, objects: readonly ClusterObject[]): ClusterReading {
  if (!(error instanceof Refused)) throw error;
  return { state: 'failed', objects, reason: error.message };
}
