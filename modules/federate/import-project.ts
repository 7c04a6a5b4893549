import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';
import { API_VERSION, didYouMean, fail, silent, withWriteLock, writeFileAtomic, type JsonObject, type Reporter } from '../core/index.ts';
import type { PendingImports } from '../engine/index.ts';
import type { LeftOut, LiveObject } from '../cloud/live/index.ts';
import { engineOptions } from './existing.ts';
import { orchestratorOf } from './orchestrate.ts';
import { prepareStacks, type Prepared } from './prepare.ts';

export interface ImportProjectOptions {
  /** The date validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
  /** Cloud as it is declared. */
  readonly cloud: string;
  /** Name of the project as the cloud knows it. */
  readonly project: string;
  /** Id of the tenant it becomes; the project's name where that can be an id. */
  readonly tenant?: string | undefined;
  /** Organisation that owns the tenant; the member's own by default. */
  readonly agency?: string | undefined;
  /** Writes the declaration and asks for the imports. Without it they are only proposed. */
  readonly write?: boolean | undefined;
  readonly reporter?: Reporter | undefined;
}

/** An existing project as a declaration. */
export interface ImportedProject {
  readonly stack: string;
  readonly tenant: string;
  readonly project: { readonly name: string; readonly id: string };
  /** What is (or would be) written, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly imports: readonly { readonly address: string; readonly id: string }[];
  readonly left: readonly LeftOut[];
  /** Kinds that could not be read: what they hold is unknown, and not declared. */
  readonly unread: readonly { readonly kind: string; readonly reason: string }[];
  /** Its subnets beside the address plan: a need to add where a pool holds the prefix. */
  readonly subnets: readonly { readonly name: string; readonly prefix: string; readonly pool?: string | undefined; readonly need?: string | undefined }[];
  readonly written: boolean;
  readonly pending: readonly PendingImports[];
}

/**
 * Reads a project that was made by hand and proposes the declaration of all it holds, so that the next plan imports it and changes
 * nothing. With `write` the tenant, a program and the requests for imports are written, all or none; the plan that follows is
 * reviewed and applied like any other.
 * @throws ProblemError CLOUD-IMPORT-*, ENGINE-IMPORT-*, ENGINE-CREDENTIALS
 */
export async function importProject(root: string, options: ImportProjectOptions): Promise<ImportedProject> {
  const { asOf, cloud, project, reporter = silent } = options;
  const made = await prepareStacks(root, { asOf, reporter });
  const { federation } = made;
  const { settings } = federation;
  const declared = federation.clouds.get(cloud);
  if (declared === undefined)
    fail('CLOUD-IMPORT-CLOUD', `"${cloud}" is no declared cloud`, { hint: didYouMean(cloud, federation.clouds.keys()) ?? 'declare it below stacks/' });
  if (declared.kind !== 'openstack') fail('CLOUD-IMPORT-KIND', `${cloud} is of kind ${declared.kind}: only projects of OpenStack can be imported so far`);
  if (settings.environment !== 'production')
    fail('CLOUD-IMPORT-SANDBOX', 'in the sandbox nothing real can be taken in', { file: 'vcloud.yaml', hint: 'write environment: production' });
  const tenant = options.tenant ?? project;
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(tenant)) fail('CLOUD-IMPORT-NAME', `"${tenant}" cannot be the id of a tenant`, { hint: 'give one with --as' });
  const agency = options.agency ?? settings.member.organisation ?? settings.member.id;
  if (!federation.organisations.has(agency))
    fail('CLOUD-IMPORT-AGENCY', `"${agency}" is no declared organisation`, { hint: didYouMean(agency, federation.organisations.keys()) });
  if (federation.tenants.has(tenant)) fail('CLOUD-IMPORT-NAME', `tenant "${tenant}" is declared already`, { hint: 'give another id with --as' });
  const files = { yaml: `stacks/${agency}/${tenant}.yaml`, program: `stacks/${agency}/${tenant}.ts` };
  for (const file of Object.values(files))
    if (fs.existsSync(path.join(root, file))) fail('CLOUD-IMPORT-FILE', 'the file is there already', { file, hint: 'give another id with --as' });

  const found = await readProject(root, { ...options, tenant, settings });
  const part = 'workload';
  const stack = `${agency}.${tenant}.${part}`;
  const { heldObjects, programText, propose, sortObjects } = await import('../cloud/live/index.ts');
  const { readStates } = await import('../inventory/index.ts');
  const states = heldObjects(await readStates(root));
  const { held } = sortObjects(found.objects, states);
  const declaredAlready = [...held].map(([{ kind, id, name }, { stack: path, address }]): LeftOut => ({
    type: kind,
    id,
    name,
    because: `a state holds it: ${path} ${address}`,
    whose: 'state',
  }));
  const { readCandidates } = await import('../engine/index.ts');
  const provider: JsonObject = found.scoped ? { tenant_name: found.project.name, tenant_id: found.project.id } : {};
  const proposal = await propose(
    found.objects.filter((object) => !held.has(object)),
    (candidates) =>
      readCandidates({
        ...engineOptions(settings),
        ...{ root, cloud, tenant, authority: found.authority, stack, candidates },
        terraform: { required_providers: { openstack: { source: 'terraform-provider-openstack/openstack' } } },
        provider: { openstack: provider },
      }),
    // Groups and servers that states hold are there too: what stands in them is not for that the cloud's own.
    { ...states, byId: new Map(found.objects.map((object) => [object.id, object])) },
  );
  const notes = proposal.left.filter(({ whose }) => whose === 'project').map(({ type, id, name, because }) => `${type} ${name ?? id}: ${because}`);
  const texts = {
    [files.yaml]: declarationText({ tenant, agency, cloud, name: found.project.name }),
    [files.program]: programText(proposal.adopted, { tenant, part, cloud, project: found.project, authority: found.authority, scoped: found.scoped, notes }),
  };
  const imports = proposal.adopted.map(({ type, name, id }) => ({ address: `${type}.${name}`, id }));
  const result = {
    ...{ stack, tenant, project: found.project, files: texts, imports, left: [...proposal.left, ...declaredAlready], unread: found.unread },
    subnets: await subnetsOf(proposal.adopted, tenant, made),
  };
  if (options.write !== true || imports.length === 0) return { ...result, written: false, pending: [] };
  return { ...result, written: true, pending: await writeAll(root, texts, { stack, imports, asOf, reporter }) };
}

type Settings = Prepared['federation']['settings'];

interface FoundProject {
  readonly project: { readonly name: string; readonly id: string };
  readonly objects: readonly LiveObject[];
  readonly unread: ImportedProject['unread'];
  readonly authority: 'tenant' | undefined;
  readonly scoped: boolean;
}

async function readProject(root: string, given: ImportProjectOptions & { readonly tenant: string; readonly settings: Settings }): Promise<FoundProject> {
  const { cloud, project, tenant, settings } = given;
  const access = settings.clouds[cloud];
  const own = access?.tenants[tenant];
  const [{ resolveCredentials }, { collectLive, liveKinds, Refused, Session }] = await Promise.all([
    import('../engine/index.ts'),
    import('../cloud/live/index.ts'),
  ]);
  const variables = resolveCredentials(own ?? access?.credentials ?? `clouds.yaml:${cloud}`, { root, environment: process.env, subject: `cloud "${cloud}"` });
  // Credentials of one project alone are for no other, and must not name it either.
  const bound = Object.keys(variables).some((name) => name.startsWith('OS_APPLICATION_CREDENTIAL_'));
  const session = new Session({ variables, projectName: bound ? undefined : project });
  try {
    await session.logIn();
    if (session.projectName !== project && session.project !== project)
      fail('CLOUD-IMPORT-PROJECT', `the credentials of ${cloud} are of project "${session.projectName}", not of "${project}"`, {
        file: 'vcloud.yaml',
        hint: `give those of that project under clouds: ${cloud}: tenants: ${tenant}:`,
      });
    const kinds = liveKinds.filter(({ beyond, type }) => beyond === undefined || type === 'openstack_compute_keypair_v2').map(({ type }) => type);
    const read = await collectLive(session, { kinds });
    return {
      project: { name: session.projectName, id: session.project },
      objects: read.objects,
      unread: read.kinds.filter(({ state }) => state === 'failed').map(({ kind, reason }) => ({ kind, reason: reason ?? 'unknown' })),
      authority: own === undefined ? undefined : 'tenant',
      scoped: !bound,
    };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return fail('CLOUD-IMPORT-LOGIN', `project "${project}" of ${cloud} could not be read: ${error.message}`, {
      hint: 'the user of the credentials needs a role in the project; give credentials of its own under clouds: CLOUD: tenants: TENANT:',
    });
  } finally {
    session.close();
  }
}

function declarationText({ tenant, agency, cloud, name }: { tenant: string; agency: string; cloud: string; name: string }): string {
  return stringify({ apiVersion: API_VERSION, kind: 'Declarations', tenants: [{ id: tenant, names: { vi: name, en: name }, owner: agency, cloud }] });
}

/** The subnets it has, each with the need that would make the address plan know it, where a pool holds its prefix. */
async function subnetsOf(
  adopted: readonly { readonly type: string; readonly name: string; readonly body: object }[],
  tenant: string,
  { plans }: Pick<Prepared, 'plans'>,
): Promise<ImportedProject['subnets']> {
  const { formatPrefix, prefixContains } = await import('../network/index.ts');
  return adopted.flatMap(({ type, name, body }) => {
    const prefix = type === 'openstack_networking_subnet_v2' && 'cidr' in body && typeof body.cidr === 'string' ? body.cidr : undefined;
    if (prefix === undefined) return [];
    const pool = [...plans.pools.values()].find((one) => prefixContains(formatPrefix(one.prefix), prefix))?.name;
    const need = pool === undefined ? undefined : `- { key: tenant/${tenant}/${name}, pool: ${pool}, prefix: "${prefix}" }`;
    return [{ name, prefix, pool, need }];
  });
}

/** Writes the files, then asks for the imports; if that is refused the files are taken away again. */
async function writeAll(
  root: string,
  files: Readonly<Record<string, string>>,
  { stack, imports, asOf, reporter }: { stack: string; imports: ImportedProject['imports']; asOf: string; reporter: Reporter },
): Promise<PendingImports[]> {
  try {
    await withWriteLock(root, 'import', async () => {
      for (const [file, text] of Object.entries(files)) writeFileAtomic(path.join(root, file), text);
    });
    const made = await prepareStacks(root, { asOf, reporter });
    const engine = await orchestratorOf(root, made, {});
    return await engine.import({ imports: imports.map(({ address, id }) => ({ stack, address, id })) });
  } catch (error) {
    for (const file of Object.keys(files)) fs.rmSync(path.join(root, file), { force: true });
    throw error;
  }
}
