import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import type { PlannedWorld } from '../world.ts';
import { isDead, type AskedCloud } from './cloud.ts';
import { firstQuestion, needOf, serviceText } from './services.ts';

/** Whether the log-in works and is for a project; why not is told. */
export async function checkLogin(
  cloud: AskedCloud,
  about: { readonly name: string; readonly stacks: readonly string[]; readonly maker: Item | undefined },
  findings: Findings,
): Promise<boolean> {
  const stacks = [...about.stacks].sort();
  const base = { stacks, cloud: about.name } as const;
  const answer = await cloud.open();
  const at = hostOf(cloud.login.variables['OS_AUTH_URL'] ?? '');
  if (!answer.ok) {
    const { reason, message } = answer;
    if (isDead(reason)) {
      const hint = 'see whether the address is right and the cloud can be reached from here';
      findings.add({ ...base, check: 'endpoint', result: 'fail', message: `identity (Keystone) at ${at} does not answer: ${message}`, hint });
      findings.add({ ...base, check: 'live', result: 'unknown', message: `cloud "${about.name}" cannot be logged in to: nothing of it was looked at` });
      return false;
    }
    const project = cloud.login.projectName ?? cloud.login.variables['OS_PROJECT_NAME'] ?? cloud.login.variables['OS_PROJECT_ID'];
    if (/^40[134]$/u.test(reason) && project !== undefined && cloud.login.variables['OS_PASSWORD'] !== undefined && (await cloud.opensWithoutProject())) {
      const hint = 'have the project made and a role in it given to the user, or correct its name';
      const told = `the project "${project}" is not there, or the user has no role in it (${message})`;
      findings.add({ ...base, check: 'credentials', result: 'fail', message: told, hint });
    } else {
      const hint = 'correct the credentials that vcloud.yaml refers to: wrong, expired and revoked ones are answered alike';
      findings.add({ ...base, check: 'credentials', result: 'fail', message: `the cloud refuses them: ${message}`, hint });
    }
    findings.add({ ...base, check: 'live', result: 'unknown', message: `cloud "${about.name}" cannot be logged in to: nothing of it was looked at` });
    return false;
  }
  const { project, identity } = cloud.session;
  if (project === '' && cloud.login.variables['OS_SYSTEM_SCOPE'] === undefined) {
    const hint = 'name the project in the credentials (OS_PROJECT_NAME, project_name)';
    findings.add({ ...base, check: 'credentials', result: 'fail', message: 'they work, and are for no project', hint });
    return false;
  }
  const left = identity.expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(identity.expires) - cloud.session.skew - Date.now();
  if (cloud.login.variables['OS_TOKEN'] !== undefined && cloud.login.variables['OS_PASSWORD'] === undefined && left < 600_000)
    findings.add({
      ...base,
      check: 'credentials',
      result: 'fail',
      message: `the token runs out within ${Math.max(0, Math.ceil(left / 60_000))} minutes`,
      hint: 'get a new one',
    });
  else if (about.maker !== undefined) {
    const { stack, address } = about.maker;
    const message = `the project is made by ${address} of ${stack}: whether their own credentials work there can be told only then`;
    findings.add({ ...base, check: 'credentials', result: 'unknown', message, hint: `apply ${stack} first, then plan again` });
  } else findings.add({ ...base, check: 'credentials', result: 'pass', message: `log-in at ${at}` });
  return true;
}

/** Whether what the stacks need is there and answers. Returns the services that are not; undefined: nothing of the cloud can be used. */
export async function checkServices(
  world: PlannedWorld,
  cloud: AskedCloud,
  name: string,
  items: readonly Item[],
  findings: Findings,
): Promise<ReadonlySet<string> | undefined> {
  const dead = new Set<string>();
  if (!checkRegion(world, cloud, items, findings)) return undefined;
  const byService = new Map<string, Item[]>();
  for (const item of items) {
    const need = needOf(item.type);
    if (need !== undefined) byService.set(need.service, [...(byService.get(need.service) ?? []), item]);
  }
  // What a server or a listener names is in services of their own.
  const extra = items.some(({ type, mode }) => type === 'openstack_compute_instance_v2' && mode === 'managed') ? ['image', 'network'] : [];
  await Promise.all(
    [...new Set([...byService.keys(), ...extra])].sort().map(async (service) => {
      const using = byService.get(service) ?? items.filter(({ type }) => type === 'openstack_compute_instance_v2');
      if (cloud.session.addressOf(service) === undefined) {
        dead.add(service);
        const types = [...new Set(using.map(({ type }) => type))].sort().join(', ');
        findings.fail(
          'service',
          using,
          `this cloud has no ${serviceText(service)}, which ${types} need`,
          'leave them out, or place them in a cloud that has it',
        );
        return;
      }
      for (const item of using) findings.look('service', item, 'object');
      const question = firstQuestion[service];
      const answer = question === undefined ? undefined : await cloud.ask(service, question);
      if (answer === undefined || answer.ok) return;
      const stacks = [...new Set(using.map(({ stack }) => stack))].sort();
      if (isDead(answer.reason)) {
        dead.add(service);
        const where = hostOf(cloud.session.addressOf(service) ?? '');
        const hint = "see whether the service's address in the catalogue can be reached from here";
        findings.add({
          check: 'endpoint',
          stacks,
          cloud: name,
          result: 'fail',
          message: `${serviceText(service)} at ${where} does not answer: ${answer.message}`,
          hint,
        });
        findings.add({
          check: 'live',
          stacks,
          cloud: name,
          result: 'unknown',
          message: `quotas, names and objects of ${serviceText(service)} were not looked at`,
        });
      } else if (answer.reason === '403') {
        dead.add(service);
        const roles = cloud.session.identity.roles.join(', ') || 'none';
        const hint =
          service === 'load-balancer'
            ? 'give the user load-balancer_member'
            : service === 'key-manager'
              ? 'give the user creator'
              : 'give the user the role it asks for';
        findings.fail('role', using, `${serviceText(service)} refuses this user (roles: ${roles}): ${answer.message}`, hint);
      } else findings.unknown('service', using, `${serviceText(service)}: ${answer.message}`);
    }),
  );
  await checkExtensions(cloud, byService.get('network') ?? [], dead, findings);
  checkOperator(world, cloud, items, findings);
  return dead;
}

function checkRegion(world: PlannedWorld, cloud: AskedCloud, items: readonly Item[], findings: Findings): boolean {
  const { regions } = cloud.session;
  const wanted = [cloud.login.region, cloud.login.variables['OS_REGION_NAME']].find((name) => name !== undefined && name !== '');
  const hint = `it has ${regions.join(', ') || 'none'}`;
  if (wanted !== undefined && !regions.includes(wanted)) {
    findings.fail('region', items, `region "${wanted}" is none of this cloud`, hint);
    return false;
  }
  for (const item of items) {
    const region = world.text(item, 'region');
    if (region === undefined) continue;
    findings.look('region', item, 'object');
    if (!regions.includes(region)) findings.fail('region', item, `region "${region}" is none of this cloud`, hint);
  }
  return true;
}

async function checkExtensions(cloud: AskedCloud, items: readonly Item[], dead: ReadonlySet<string>, findings: Findings): Promise<void> {
  if (dead.has('network') || items.length === 0) return;
  const list = await cloud.list('network', '/v2.0/extensions', 'extensions');
  if ('ok' in list) return;
  const there = new Set(list.map(({ alias }) => alias));
  const missing = new Map<string, Item[]>();
  for (const item of items) {
    const extension = needOf(item.type)?.extension;
    if (extension !== undefined && !there.has(extension)) missing.set(extension, [...(missing.get(extension) ?? []), item]);
  }
  for (const [extension, using] of missing) {
    const types = [...new Set(using.map(({ type }) => type))].sort().join(', ');
    findings.fail(
      'service',
      using,
      `Neutron of this cloud has no extension "${extension}", which ${types} need`,
      'leave them out, or have the plugin installed',
    );
  }
}

/** Kinds only an operator may make, by the services' own default policies. */
const operators =
  /^openstack_(?:identity_(?:project|user|role|role_assignment|group|service|endpoint|registered_limit|limit)_v3|compute_(?:quotaset|flavor|flavor_access|aggregate)_v2|blockstorage_(?:quotaset|volume_type|volume_type_access|qos|qos_association)_v3|networking_quota_v2|lb_(?:quota|flavor|flavorprofile)_v2|dns_quota_v2)$/u;

function checkOperator(world: PlannedWorld, cloud: AskedCloud, items: readonly Item[], findings: Findings): void {
  const needing = items.filter((item) => item.mode === 'managed' && operators.test(item.type) && world.added(item) !== 0);
  if (needing.length === 0) return;
  const { roles } = cloud.session.identity;
  for (const item of needing) findings.look('role', item, 'object');
  if (roles.includes('admin')) return;
  const [first] = needing;
  findings.unknown(
    'role',
    needing,
    `${first?.type ?? ''} and the like are an operator's to make; this user has ${roles.join(', ') || 'no role'}, and whether that is enough is the cloud's policy`,
    "plan these stacks with the operator's credentials",
  );
}

/** Where something is, without what an address may carry beside that. */
function hostOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return url === '' ? '(no address)' : 'an address that is none';
  }
}
