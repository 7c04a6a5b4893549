import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../../../modules/core/index.ts';
import type { Absent } from './absent.ts';
import { CloudClient } from './client.ts';

/** What `test/lab/openstack/up.sh` can start. */
export type LabService = 'keystone' | 'neutron' | 'vpnaas' | 'bgp' | 'placement' | 'glance' | 'nova' | 'cinder' | 'designate' | 'octavia' | 'barbican';

/** A running OpenStack on this machine. */
export interface OpenstackLab {
  /** Path of a clouds.yaml whose cloud `lab` is an administrator. */
  readonly cloudsYaml: string;
  readonly authUrl: string;
  readonly region: string;
  readonly services: ReadonlySet<string>;
  /** `OS_*` variables with which a program speaks as the administrator. */
  readonly environment: Readonly<Record<string, string>>;
  readonly admin: CloudClient;
}

const scripts = path.resolve(import.meta.dirname, '../openstack');
/** Longer than a start on a loaded machine takes: a test run must not wait for ever for servers that do not come. */
const startLimit = 420_000;

/**
 * The OpenStack of this machine with (at least) these services. Where it does not run but could (root, packages
 * installed), it is started, and left running for the test files that follow; `npm run lab:down` ends it. Nothing is
 * ever installed by a test. With VCLOUD_LAB_START=no nothing is started either.
 */
export async function openstackLab({ services = ['keystone', 'neutron', 'vpnaas'] }: { services?: readonly LabService[] } = {}): Promise<
  OpenstackLab | Absent
> {
  const before = await running(services);
  if (!('absent' in before)) return before;
  if (process.env['VCLOUD_LAB_START'] === 'no') return before;
  const started = spawnSync('bash', [path.join(scripts, 'up.sh'), '--no-install', ...services], { encoding: 'utf8', timeout: startLimit });
  if (started.status === 0) return running(services);
  const words = (started.stderr || started.error?.message || '').trim().split('\n').at(-1) ?? '';
  return { absent: `no OpenStack lab: ${words.replace(/^lab: /u, '').slice(0, 200)}` };
}

async function running(services: readonly LabService[]): Promise<OpenstackLab | Absent> {
  const folder = path.join(process.env['VCLOUD_LAB'] ?? '/var/lib/vcloud-lab', 'openstack');
  const cloudsYaml = path.join(folder, 'clouds.yaml');
  const here = new Set((readOr(path.join(folder, 'services')) ?? '').split(/\s+/u).filter((name) => name !== ''));
  if (here.size === 0) return { absent: 'the OpenStack lab does not run, npm run lab:up starts it' };
  const missing = services.filter((service) => !here.has(service));
  if (missing.length > 0) return { absent: `the OpenStack lab runs without ${missing.join(', ')}: npm run lab:up -- ${services.join(' ')}` };
  const text = readOr(cloudsYaml);
  if (text === undefined) return { absent: `${cloudsYaml} is not readable` };
  const cloud = at(at(parse(text), 'clouds'), 'lab');
  const auth = at(cloud, 'auth');
  const word = (from: unknown, key: string): string => String(isObject(from) ? from[key] : undefined);
  const authUrl = word(auth, 'auth_url');
  const password = word(auth, 'password');
  const admin = new CloudClient({ authUrl, username: 'admin', password, project: 'admin' });
  try {
    await admin.projectId();
    if (here.has('neutron')) await admin.get('network', '/v2.0/extensions');
  } catch (error) {
    return { absent: `the OpenStack lab does not answer: ${error instanceof Error ? error.message : String(error)}` };
  }
  const region = word(cloud, 'region_name');
  return { cloudsYaml, authUrl, region, services: here, environment: openstackVariables(authUrl, region, 'admin', password, 'admin'), admin };
}

/** The variables every OpenStack client reads. */
export function openstackVariables(authUrl: string, region: string, username: string, password: string, project: string): Readonly<Record<string, string>> {
  return {
    OS_AUTH_URL: authUrl,
    OS_IDENTITY_API_VERSION: '3',
    OS_REGION_NAME: region,
    OS_USERNAME: username,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    no_proxy: '*',
  };
}

function at(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function readOr(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
