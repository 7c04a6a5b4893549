import { digestOf, ProblemError, type JsonObject } from '../../../core/index.ts';
import type { DeclaredStack, PreflightQuery, PreflightResult } from '../../../engine/index.ts';
import { loginOf, Refused } from '../../live/index.ts';
import type { Item, StackModel } from '../model.ts';
import { Findings } from '../report.ts';
import { keyIn, ownKey, plannedSubnets } from '../static/subnets.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import { AskedCloud, type CloudLimits } from './cloud.ts';
import { demandOf } from './demand.ts';
import { flavorSizes } from './flavors.ts';
import { checkKeyPairs } from './key-pairs.ts';
import { checkLiveNetworks } from './networks.ts';
import { checkLogin, checkServices } from './opening.ts';
import { checkQuota, declaredLimits, type Project } from './quota.ts';
import { checkReferences } from './references.ts';

/** Stacks that are looked at with one log-in, and the project they are in. */
interface Group {
  readonly cloud: AskedCloud;
  readonly name: string;
  readonly stacks: StackModel[];
  /** The object of this plan that makes their project, where it is not there yet. */
  readonly maker?: Item | undefined;
  readonly project: string;
}

/** The live part: clouds are asked once per log-in, whatever number of stacks they have. */
export class LivePreflight {
  readonly #world: PlannedWorld;
  readonly #query: PreflightQuery;
  readonly #limits: CloudLimits;
  readonly #clouds = new Map<string, AskedCloud>();

  constructor(world: PlannedWorld, query: PreflightQuery, limits: CloudLimits) {
    this.#world = world;
    this.#query = query;
    this.#limits = limits;
  }

  async check(declared: readonly DeclaredStack[]): Promise<PreflightResult[]> {
    const findings = new Findings();
    const models = declared.flatMap(({ path }) => this.#world.stack(path) ?? []);
    const groups = this.#group(models.filter(hasOpenstack), findings);
    await Promise.all(groups.map((group) => this.#checkGroup(group, findings)));
    // Who deploys into a project this plan makes is not known yet.
    const known = groups.filter(({ cloud, maker }) => maker === undefined && cloud.session.user !== '');
    const users = known.map(({ cloud, name, stacks }) => ({
      cloud: name,
      user: cloud.session.user,
      items: stacks.flatMap(({ items }) => [...items.values()]),
    }));
    checkKeyPairs(this.#world, users, findings);
    const kubernetes = models.filter(({ items }) => [...items.values()].some(({ type }) => type.startsWith('kubernetes_')));
    if (kubernetes.length > 0) {
      const { checkKubernetes } = await import('./kubernetes.ts');
      await checkKubernetes(this.#world, kubernetes, this.#query, this.#limits, findings);
    }
    return findings.end();
  }

  close(): void {
    for (const cloud of this.#clouds.values()) cloud.close();
  }

  /** Logs in nowhere yet. What has no credentials is told. */
  #group(models: readonly StackModel[], findings: Findings): Group[] {
    const groups = new Map<string, Group>();
    for (const model of models) {
      const login = this.#loginOf(model, findings);
      if (login === undefined) continue;
      const project = login.projectName ?? login.variables['OS_PROJECT_NAME'] ?? login.variables['OS_TENANT_NAME'] ?? '';
      const maker = project === '' || login.variables['OS_PROJECT_ID'] !== undefined ? undefined : this.#makerOf(model, project);
      // A project that is not there cannot be logged in to: who makes it is asked instead.
      const host = maker === undefined ? undefined : this.#world.stack(maker.stack);
      const used = host === undefined ? login : this.#loginOf(host, findings);
      if (used === undefined) continue;
      const key = digestOf([used.variables, used.projectName ?? null, used.region ?? null, used.endpoints ?? null]);
      const cloud = this.#clouds.get(key) ?? new AskedCloud(used, this.#limits);
      this.#clouds.set(key, cloud);
      const groupKey = `${key} ${maker === undefined ? '' : ownKey(maker)}`;
      const group = groups.get(groupKey) ?? { cloud, name: model.stack.cloud ?? project, stacks: [], maker, project };
      groups.set(groupKey, group);
      group.stacks.push(model);
    }
    return [...groups.values()];
  }

  #loginOf({ stack, providers }: StackModel, findings: Findings): AskedCloud['login'] | undefined {
    const base = { check: 'credentials', stacks: [stack.path], cloud: stack.cloud } as const;
    try {
      return loginOf({ root: this.#query.root, environment: this.#query.environmentOf(stack.path), providers: providers as JsonObject });
    } catch (error) {
      if (error instanceof Refused) findings.add({ ...base, result: 'unknown', message: error.message });
      else if (error instanceof ProblemError) {
        const [first] = error.problems;
        findings.add({ ...base, result: 'fail', message: error.problems.map(({ message }) => message).join('; '), hint: first?.hint });
      } else throw error;
      return undefined;
    }
  }

  /** The project this plan makes under a name, in the same cloud. */
  #makerOf({ stack }: StackModel, name: string): Item | undefined {
    for (const item of this.#world.items('openstack_identity_project_v3')) {
      const same = this.#world.stack(item.stack)?.stack.cloud === stack.cloud;
      if (same && this.#world.text(item, 'name') === name && this.#world.added(item) !== 0) return item;
    }
    return undefined;
  }

  async #checkGroup(group: Group, findings: Findings): Promise<void> {
    const { cloud, stacks, name, maker } = group;
    if (!(await checkLogin(cloud, { name, stacks: stacks.map(({ stack }) => stack.path), maker }, findings))) return;
    const world = this.#world;
    const items = stacks.flatMap((model) => [...model.items.values()].filter(({ mode, type }) => mode === 'managed' && type.startsWith('openstack_')));
    const data = stacks.flatMap((model) => [...model.items.values()].filter(({ mode, type }) => mode === 'data' && type.startsWith('openstack_')));
    const dead = await checkServices(world, cloud, name, [...items, ...data], findings);
    if (dead === undefined) return;
    await checkReferences(world, cloud, { items, data }, dead, findings);
    await this.#checkQuotas(group, items, dead, findings);
    if (!dead.has('network')) {
      const paths = new Set(stacks.map(({ stack }) => stack.path));
      const subnets = plannedSubnets(world).filter(({ item }) => paths.has(item.stack) && world.added(item) !== 0);
      await checkLiveNetworks(cloud, maker === undefined ? cloud.session.project : '', subnets, this.#heldIds(), findings);
    }
  }

  async #checkQuotas({ cloud, maker, project, stacks }: Group, items: readonly Item[], dead: ReadonlySet<string>, findings: Findings): Promise<void> {
    const world = this.#world;
    const own = maker === undefined ? `id:${cloud.session.project}` : ownKey(maker);
    const of = (item: Item): string | undefined => {
      const stated = ['tenant_id', 'project_id']
        .map((attribute) => item.body[attribute])
        .find((value) => value !== undefined && value !== null && value !== '');
      return stated === undefined ? own : keyIn(world, item, stated);
    };
    const demands = demandOf(world, items, of, await flavorSizes(world, cloud, items, dead));
    const makers = new Map([...world.items('openstack_identity_project_v3')].map((item) => [ownKey(item), item]));
    for (const [key, quantities] of demands) {
      const made = makers.get(key);
      // What makes the project is applied already: it is there under the id its state holds.
      const held = made === undefined ? undefined : textIn({ known: true, value: world.heldOf(made)[0]?.attributes['id'] });
      const id = key.startsWith('id:') ? key.slice('id:'.length) : held;
      const shown =
        made === undefined ? (id === cloud.session.project ? cloud.session.identity.project || project : (id ?? key)) : (world.text(made, 'name') ?? key);
      const known: Project = { id, name: shown };
      const limits = declaredLimits(world, (item) => {
        const target = keyIn(world, item, item.body['project_id']);
        return (
          target === key ||
          (id !== undefined && target === `id:${id}`) ||
          (made === undefined && this.#names(target, makers) === shown && sameCloud(world, item, stacks))
        );
      });
      await checkQuota(cloud, known, quantities, limits, dead, findings);
    }
  }

  /** Name of the project a key is of, where a plan makes it. */
  #names(key: string | undefined, makers: ReadonlyMap<string, Item>): string | undefined {
    const item = key === undefined ? undefined : makers.get(key);
    return item && this.#world.text(item, 'name');
  }

  /** Ids any state of the federation holds: what has one of them is ours. */
  #heldIds(): ReadonlySet<string> {
    const held = new Set<string>();
    for (const { path } of this.#world.declared) {
      for (const { attributes } of this.#query.held(path) ?? []) if (typeof attributes['id'] === 'string') held.add(attributes['id']);
    }
    return held;
  }
}

function sameCloud(world: PlannedWorld, item: Item, stacks: readonly StackModel[]): boolean {
  const cloud = world.stack(item.stack)?.stack.cloud;
  return stacks.some(({ stack }) => stack.cloud === cloud);
}

function hasOpenstack({ items, providers }: StackModel): boolean {
  return providers['openstack'] !== undefined || [...items.values()].some(({ type }) => type.startsWith('openstack_'));
}
