import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { because, cleanProject, CloudClient, openstackLab, present, providerMirror, terraformBinary, type OpenstackLab } from './support/lab.ts';
import { makeOffer } from './support/offer.ts';
import { expectSameSteps, folderOfNpx, paste, stepsOf } from './support/readme.ts';

const english = stepsOf('README.md', '### From an empty folder to a running tenant');
const vietnamese = stepsOf('README.vi.md', '### Từ thư mục trống đến một tenant đang chạy');

/** What the tour assumes of the cloud, under the names it uses. */
const names = { image: 'Debian 12', flavor: 'standard-2', external: 'provider-network', volumeType: 'luks' };
const tenant = 'health-web';

const lab = await openstackLab({ services: ['keystone', 'neutron', 'glance', 'nova', 'cinder', 'octavia', 'barbican', 'designate'] });
const mirror = providerMirror();
const terraform = terraformBinary();
const client = spawnSync('openstack', ['--version']).status === 0 ? {} : { absent: 'no openstack command: package python3-openstackclient' };
const keys = spawnSync('ssh-keygen', ['-?']).error === undefined ? {} : { absent: 'no ssh-keygen: package openssh-client' };
const why = because(lab, mirror, terraform, client, keys);

describe('the first tenant of an infrastructure team in the README', () => {
  it('has the same commands and outputs in both languages', () => {
    expectSameSteps(english, vietnamese, ['init', 'check', 'net allocate', 'plan', 'show', 'approve', 'apply', 'drift', 'destroy']);
  });
});

describe.skipIf(why !== '')(`on a real OpenStack${why}`, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-first-tenant-'));
  const { admin, cloudsYaml } = why === '' ? present(lab) : { admin: undefined as never as CloudClient, cloudsYaml: '' };
  let removeOffer: () => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    await removeTenant(present(lab));
    removeOffer = await makeOffer(present(lab), names);
  }, 180_000);
  afterAll(async () => {
    await removeTenant(present(lab));
    await removeOffer();
    fs.rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  // Not tried again: a second run would find what the first one made.
  it('runs as it is pasted, and leaves nothing behind', { retry: 0, timeout: 1_500_000 }, async () => {
    fs.writeFileSync(path.join(folder, 'clouds.yaml'), fs.readFileSync(cloudsYaml, 'utf8').replace(/^ {2}lab:/mu, '  mycloud:'), { mode: 0o600 });
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_')));
    const env = {
      ...inherited,
      PATH: `${folderOfNpx(folder)}:${process.env['PATH'] ?? ''}`,
      LC_ALL: 'C.UTF-8',
      TF_CLI_CONFIG_FILE: present(mirror).configurationFile,
    };
    let project = '';
    let deployer = '';
    let makers: Readonly<Record<string, string>> = {};
    for (const step of english) {
      paste(step, folder, env);
      const { commands } = step;
      project ||= await projectOf(admin);
      // The second step, which README leaves to its page: from here on what runs in the tenant is made by its own account.
      if (commands.includes('vcloud drift') && deployer === '') deployer = await giveOwnCredentials(present(lab), folder);
      if (commands.includes('web: 3')) makers = await makersOf(admin, project);
    }
    expect(project).not.toBe('');
    expect(makers).toEqual({
      'health-web-app-servers-1': await admin.userId(),
      'health-web-database-1': await admin.userId(),
      'health-web-web-servers-1': await admin.userId(),
      'health-web-web-servers-2': await admin.userId(),
      'health-web-web-servers-3': deployer,
    });
    expect(await projectOf(admin)).toBe('');
    // Not by project: asked for the groups of one, Neutron makes it a default group.
    const groups = await admin.list('network', '/v2.0/security-groups', 'security_groups');
    expect(groups.filter((group) => group['project_id'] === project)).toEqual([]);
    expect((await admin.list('identity', '/users', 'users')).filter((user) => user['name'] === `${tenant}-deployer`)).toEqual([]);
    // No secret of the cloud is in what lies beside it.
    const password = /password: *"?([^",}\s]+)/u.exec(fs.readFileSync(cloudsYaml, 'utf8'))?.[1] ?? '';
    expect(password).not.toBe('');
    const holding = spawnSync('grep', ['-rlF', '--exclude=clouds.yaml', password, folder], { encoding: 'utf8' }).stdout;
    expect(holding).toBe('');
  });
});

/** Id of the tour's project; empty where there is none. */
async function projectOf(admin: CloudClient): Promise<string> {
  const id = (await admin.list('identity', `/projects?name=${tenant}`, 'projects'))[0]?.['id'];
  return typeof id === 'string' ? id : '';
}

/** As docs/tenant-credentials.md has it: a password for the deployer, an application credential of its own, an entry, a line. Returns the deployer's id. */
async function giveOwnCredentials({ admin, authUrl, region }: OpenstackLab, folder: string): Promise<string> {
  const id = (await admin.list('identity', `/users?name=${tenant}-deployer`, 'users'))[0]?.['id'] as string;
  const password = randomBytes(12).toString('hex');
  expect((await admin.request('identity', 'PATCH', `/users/${id}`, { user: { password } })).status).toBe(200);
  // Keystone counts tokens of the second in which a password was set as older than it.
  await pause(2_000);
  const own = new CloudClient({ authUrl, username: `${tenant}-deployer`, password, project: tenant });
  const { application_credential: made } = (await own.post('identity', `/users/${id}/application_credentials`, {
    application_credential: { name: tenant },
  })) as {
    application_credential: { id: string; secret: string };
  };
  const entry = `  ${tenant}:\n    auth_type: v3applicationcredential\n    auth: { auth_url: "${authUrl}", application_credential_id: "${made.id}", application_credential_secret: "${made.secret}" }\n    region_name: ${region}\n`;
  fs.appendFileSync(path.join(folder, 'clouds.yaml'), entry);
  const settings = path.join(folder, 'vcloud.yaml');
  const text = fs.readFileSync(settings, 'utf8');
  expect(text).toContain('tenants: {}');
  fs.writeFileSync(settings, text.replace('tenants: {}', `tenants: { ${tenant}: "clouds.yaml:${tenant}" }`));
  return id;
}

/** Who made each server of a project. */
async function makersOf(admin: CloudClient, project: string): Promise<Record<string, string>> {
  const servers = await admin.list('compute', `/servers/detail?all_tenants=1&project_id=${project}`, 'servers');
  return Object.fromEntries(servers.map((server) => [server['name'] as string, server['user_id'] as string]));
}

/** What an earlier run that was cut off left, or this one. From inside the project: keys of encrypted volumes are deleted by nobody else. */
async function removeTenant({ admin, authUrl, environment }: OpenstackLab): Promise<void> {
  const project = await projectOf(admin);
  if (project !== '') {
    const role = (await admin.list('identity', '/roles?name=admin', 'roles'))[0]?.['id'] as string;
    await admin.put('identity', `/projects/${project}/users/${await admin.userId()}/roles/${role}`);
    const inside = new CloudClient({ authUrl, username: environment['OS_USERNAME'] ?? '', password: environment['OS_PASSWORD'] ?? '', project: tenant });
    await cleanProject(inside, project);
    for (const secret of await inside.list('key-manager', '/v1/secrets', 'secrets'))
      await inside.remove('key-manager', `/v1/secrets/${(secret['secret_ref'] as string).split('/').at(-1) ?? ''}`);
    await admin.remove('identity', `/projects/${project}`);
  }
  for (const user of await admin.list('identity', `/users?name=${tenant}-deployer`, 'users')) await admin.remove('identity', `/users/${user['id'] as string}`);
}
