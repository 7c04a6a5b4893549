import { digestOf, isObject, ProblemError, type JsonObject } from '../../../core/index.ts';
import type { ClusterLogin, PreflightQuery } from '../../../engine/index.ts';
import { clusterKindOf, clusterLoginOf, Refused } from '../../live/index.ts';
import { blocksOf, type Body, type Item, type StackModel } from '../model.ts';
import type { Findings } from '../report.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import { isDead, type CloudLimits } from './cloud.ts';
import { AskedCluster } from './cluster.ts';

/** What clusters of these stacks have: reachable, logged in to, the kinds served, namespaces and classes there, creation allowed. */
export async function checkKubernetes(
  world: PlannedWorld,
  stacks: readonly StackModel[],
  query: PreflightQuery,
  limits: CloudLimits,
  findings: Findings,
): Promise<void> {
  const clusters = new Map<string, { readonly cluster: AskedCluster; readonly models: StackModel[] }>();
  for (const model of stacks) {
    const login = loginOf(model, query, findings);
    if (login === undefined) continue;
    const key = digestOf([login.server, login.headers, login.tls.ca ?? null, login.tls.cert ?? null]);
    const entry = clusters.get(key) ?? { cluster: new AskedCluster(login, limits), models: [] };
    clusters.set(key, entry);
    entry.models.push(model);
  }
  await Promise.all(
    [...clusters.values()].map(async ({ cluster, models }) => {
      try {
        if (await checkOpening(cluster, models, findings)) await checkObjects(world, cluster, models, findings);
      } finally {
        cluster.close();
      }
    }),
  );
}

function loginOf({ stack, providers }: StackModel, query: PreflightQuery, findings: Findings): ClusterLogin | undefined {
  const base = { check: 'credentials', stacks: [stack.path], cloud: stack.cloud } as const;
  try {
    return clusterLoginOf({ root: query.root, environment: query.environmentOf(stack.path), providers: providers as JsonObject });
  } catch (error) {
    if (error instanceof Refused) findings.add({ ...base, result: 'unknown', message: error.message });
    else if (error instanceof ProblemError) findings.add({ ...base, result: 'fail', message: error.message, hint: error.problems[0]?.hint });
    else throw error;
    return undefined;
  }
}

async function checkOpening(cluster: AskedCluster, models: readonly StackModel[], findings: Findings): Promise<boolean> {
  const base = { stacks: models.map(({ stack }) => stack.path).sort(), cloud: models[0]?.stack.cloud } as const;
  const answer = await cluster.ask('/api/v1');
  const { server, headers, tls } = cluster.login;
  const stated = Object.keys(headers).length > 0 || tls.cert !== undefined;
  // Whom a server does not know it calls system:anonymous, and refuses as it refuses a user without rights.
  const anonymous = !answer.ok && /^40[13]$/u.test(answer.reason) && (!stated || answer.message.includes('system:anonymous'));
  if (answer.ok || (answer.reason === '403' && !anonymous)) {
    const message = stated ? `log-in at ${server}` : `${server} answers without any log-in`;
    findings.add({ ...base, check: 'credentials', result: 'pass', message });
    return true;
  }
  const [check, what, hint] = isDead(answer.reason)
    ? ([
        'endpoint',
        `Kubernetes at ${cluster.login.server} does not answer`,
        'see whether the address is right and the cluster can be reached from here',
      ] as const)
    : anonymous
      ? ([
          'credentials',
          stated ? 'the cluster takes who has them for nobody' : 'there are none, and the cluster lets nobody in without',
          'give a token, a user with password or a client certificate in what vcloud.yaml refers to',
        ] as const)
      : ([
          'credentials',
          'the cluster refuses them',
          'correct the credentials that vcloud.yaml refers to: wrong, expired and revoked ones are answered alike',
        ] as const);
  findings.add({ ...base, check, result: 'fail', message: `${what}: ${answer.message}`, hint });
  findings.add({ ...base, check: 'live', result: 'unknown', message: `cluster "${base.cloud ?? ''}" cannot be used: nothing of it was looked at` });
  return false;
}

async function checkObjects(world: PlannedWorld, cluster: AskedCluster, models: readonly StackModel[], findings: Findings): Promise<void> {
  const items = models.flatMap((model) => [...model.items.values()].filter(({ mode, type }) => mode === 'managed' && type.startsWith('kubernetes_')));
  const namespaces = new Set(items.filter(({ type }) => namespaceType.test(type)).flatMap((item) => metadata(world, item, 'name') ?? []));
  const made = items.flatMap((item) => definition(item) ?? []);
  const cloud = models[0]?.stack.cloud;
  const waiting = new Map<Item, Item[]>();
  await Promise.all(
    items.map(async (item) => {
      if (world.added(item) === 0) return;
      await checkServed(cluster, item, made, findings);
      const namespace = metadata(world, item, 'namespace');
      const maker = namespace === undefined || namespaces.has(namespace) ? undefined : makerOf(world, namespaceType, { cloud, name: namespace });
      if (maker !== undefined) waiting.set(maker, [...(waiting.get(maker) ?? []), item]);
      else if (namespace !== undefined && !namespaces.has(namespace)) await checkNamespace(world, cluster, { item, namespace, cloud }, findings);
      await checkClasses(world, cluster, item, items, findings);
    }),
  );
  for (const [maker, those] of waiting) {
    for (const item of those) findings.look('role', item, 'object');
    const message = `namespace "${metadata(world, maker, 'name') ?? ''}" is made by ${maker.address} of ${maker.stack}: whether this user may make anything there can be told only then`;
    findings.unknown('role', those, message, `apply ${maker.stack} first, then plan again`);
  }
}

const namespaceType = /^kubernetes_namespace(?:_v1)?$/u;
const bindingType = /^kubernetes_role_binding(?:_v1)?$/u;

/** What any stack that is looked at, whoever applies it, adds to the same cluster. */
function makerOf(
  world: PlannedWorld,
  type: RegExp,
  where: { readonly cloud: string | undefined; readonly name?: string; readonly namespace?: string },
): Item | undefined {
  for (const item of world.items()) {
    if (!type.test(item.type) || world.added(item) === 0 || world.stack(item.stack)?.stack.cloud !== where.cloud) continue;
    if (where.name !== undefined && metadata(world, item, 'name') !== where.name) continue;
    if (where.namespace === undefined || metadata(world, item, 'namespace') === where.namespace) return item;
  }
  return undefined;
}

/** Group, version and kind a custom resource definition of this plan makes, and who makes it. */
function definition(item: Item): { readonly key: string; readonly item: Item } | undefined {
  const manifest = manifestOf(item);
  if (manifest?.['kind'] !== 'CustomResourceDefinition' || !isObject(manifest['spec'])) return undefined;
  const { group, names } = manifest['spec'];
  return typeof group === 'string' && isObject(names) ? { key: `${group} ${String(names['kind'])}`, item } : undefined;
}

function manifestOf({ type, body }: Item): Body | undefined {
  return type === 'kubernetes_manifest' && isObject(body['manifest']) ? body['manifest'] : undefined;
}

async function checkServed(
  cluster: AskedCluster,
  item: Item,
  made: readonly { readonly key: string; readonly item: Item }[],
  findings: Findings,
): Promise<void> {
  const manifest = manifestOf(item);
  const known = clusterKindOf(item.type);
  const version = manifest === undefined ? known?.version : manifest['apiVersion'];
  if (typeof version !== 'string' || version.includes('${')) return;
  findings.look('service', item, 'object');
  const answer = await cluster.ask(version.includes('/') ? `/apis/${version}` : `/api/${version}`);
  const list = answer.ok && Array.isArray(answer.body['resources']) ? (answer.body['resources'] as unknown[]).filter(isObject) : [];
  const kind = manifest?.['kind'];
  const there = answer.ok && list.some((one) => (manifest === undefined ? one['name'] === known?.plural : one['kind'] === kind));
  if (there) return;
  if (!answer.ok && answer.reason !== '404') {
    findings.unknown('service', item, `whether ${version} is served could not be asked: ${answer.message}`);
    return;
  }
  const maker = made.find(({ key }) => key === `${version.split('/')[0] ?? ''} ${typeof kind === 'string' ? kind : ''}`)?.item;
  const what = `${version} ${typeof kind === 'string' ? kind : (known?.plural ?? '')}`;
  if (maker !== undefined)
    findings.unknown('service', item, `${what} is served once ${maker.address} of ${maker.stack} is applied`, `this stack waits: apply ${maker.stack} first`);
  else findings.fail('service', item, `this cluster does not serve ${what}`, 'have what defines it installed, or write a version it serves');
}

async function checkNamespace(
  world: PlannedWorld,
  cluster: AskedCluster,
  { item, namespace, cloud }: { readonly item: Item; readonly namespace: string; readonly cloud: string | undefined },
  findings: Findings,
): Promise<void> {
  findings.look('reference', item, 'object');
  const answer = await cluster.ask(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  if (!answer.ok && answer.reason === '404') {
    findings.fail('reference', item, `no namespace "${namespace}" is in this cluster`, 'have it made first, or correct its name');
    return;
  }
  if (!answer.ok) findings.unknown('reference', item, `whether namespace "${namespace}" is there could not be asked: ${answer.message}`);
  const known = clusterKindOf(item.type);
  if (known === undefined) return;
  // The server itself says whether it would let this user make one (Kubernetes API, SelfSubjectAccessReview).
  findings.look('role', item, 'object');
  const { version, plural: resource } = known;
  const group = version.includes('/') ? (version.split('/')[0] ?? '') : '';
  const spec = { resourceAttributes: { namespace, verb: 'create', group, resource } };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
  const may = await cluster.ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review);
  const denied = may.ok && isObject(may.body['status']) && may.body['status']['allowed'] !== true;
  const binding = denied ? makerOf(world, bindingType, { cloud, namespace }) : undefined;
  if (binding !== undefined) {
    const message = `this user may not make ${resource} in namespace "${namespace}" before ${binding.address} of ${binding.stack} is applied, and whether then can be told only then`;
    findings.unknown('role', item, message, `apply ${binding.stack} first, then plan again`);
  } else if (denied)
    findings.fail('role', item, `this user may not make ${resource} in namespace "${namespace}"`, 'bind a role that allows it, or plan with other credentials');
  if (!may.ok) findings.unknown('role', item, `whether ${resource} may be made in "${namespace}" could not be asked: ${may.message}`);
}

/** Storage and ingress classes are named, never made with what uses them. */
async function checkClasses(world: PlannedWorld, cluster: AskedCluster, item: Item, items: readonly Item[], findings: Findings): Promise<void> {
  const specs = blocksOf(item.body, 'spec');
  // A StatefulSet's claims are templates inside of what it is to be.
  const claims = specs.flatMap((spec) => blocksOf(spec, 'volume_claim_template')).flatMap((claim) => blocksOf(claim, 'spec'));
  for (const spec of [...specs, ...claims]) {
    for (const [attribute, noun, list, type] of [
      ['storage_class_name', 'storage class', 'storage.k8s.io/v1/storageclasses', 'kubernetes_storage_class'],
      ['ingress_class_name', 'ingress class', 'networking.k8s.io/v1/ingressclasses', 'kubernetes_ingress_class'],
    ] as const) {
      const name = textIn(world.resolve(item, spec[attribute]));
      if (name === undefined || items.some((one) => one.type.startsWith(type) && metadata(world, one, 'name') === name)) continue;
      findings.look('reference', item, 'object');
      const answer = await cluster.ask(`/apis/${list}/${encodeURIComponent(name)}`);
      if (answer.ok) continue;
      if (answer.reason === '404') findings.fail('reference', item, `no ${noun} "${name}" is in this cluster`, 'name one it has');
      else findings.unknown('reference', item, `whether ${noun} "${name}" is there could not be asked: ${answer.message}`);
    }
  }
}

function metadata(world: PlannedWorld, item: Item, name: string): string | undefined {
  const manifest = manifestOf(item);
  const holder = manifest === undefined ? blocksOf(item.body, 'metadata')[0] : manifest['metadata'];
  return isObject(holder) ? textIn(world.resolve(item, holder[name])) : undefined;
}
