import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parse, stringify } from 'yaml';
import { isObject } from '../../../modules/core/index.ts';
import type { Absent } from './absent.ts';
import type { Ended } from './binaries.ts';
import { KubernetesClient } from './kubernetes-client.ts';

/** A running Kubernetes control plane on this machine. */
export interface KubernetesLab {
  /** Path of a kubeconfig whose only context, `lab`, is the cluster's administrator. */
  readonly kubeconfig: string;
  readonly admin: KubernetesClient;
  /** What the Terraform provider and the backend read to act as the administrator. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs kubectl of the server's own version as the administrator: `kubectl('auth', 'can-i', ...)`. */
  readonly kubectl: (...words: readonly string[]) => Ended;
  /**
   * A kubeconfig in a file of its own whose only context has this name: the administrator's, or with `user` of somebody the
   * lab's authority signs a certificate for. The API server believes the user and the groups in it.
   */
  readonly kubeconfigFor: (folder: string, context: string, user?: { readonly name: string; readonly groups?: readonly string[] }) => string;
}

const scripts = path.resolve(import.meta.dirname, '../kubernetes');
/** Longer than a start on a loaded machine takes. */
const startLimit = 240_000;

/**
 * The Kubernetes of this machine. Where it does not run but was built (`npm run lab:kubernetes`), it is started, and left
 * running for the test files that follow. Nothing is ever built by a test: that takes minutes. With VCLOUD_LAB_START=no
 * nothing is started either.
 */
export async function kubernetesLab(): Promise<KubernetesLab | Absent> {
  const before = await running();
  if (!('absent' in before)) return before;
  if (process.env['VCLOUD_LAB_START'] === 'no') return before;
  const started = spawnSync('bash', [path.join(scripts, 'up.sh'), '--no-build'], { encoding: 'utf8', timeout: startLimit });
  if (started.status === 0) return running();
  const words = (started.stderr || started.error?.message || '').trim().split('\n').at(-1) ?? '';
  return { absent: `no Kubernetes lab: ${words.replace(/^lab: /u, '').slice(0, 200)}` };
}

async function running(): Promise<KubernetesLab | Absent> {
  const folder = path.join(process.env['VCLOUD_LAB'] ?? '/var/lib/vcloud-lab', 'kubernetes');
  const kubeconfig = path.join(folder, 'admin.kubeconfig');
  const program = path.join(folder, 'kubectl');
  if (!fs.existsSync(kubeconfig) || !fs.existsSync(program)) return { absent: 'the Kubernetes lab does not run, npm run lab:kubernetes starts it' };
  const admin = new KubernetesClient(kubeconfig);
  try {
    await admin.get('/readyz');
  } catch (error) {
    return { absent: `the Kubernetes lab does not answer: ${error instanceof Error ? error.message : String(error)}` };
  }
  return {
    kubeconfig,
    admin,
    environment: { KUBE_CONFIG_PATH: kubeconfig, no_proxy: '*' },
    kubectl: (...words) => kubectl(program, kubeconfig, words),
    kubeconfigFor: (into, context, user) => kubeconfigFor({ pki: path.join(folder, 'pki'), kubeconfig, into, context, user }),
  };
}

/** kubectl with a kubeconfig; it keeps what it learned of the server in a folder of its own, never in the home folder. */
function kubectl(program: string, kubeconfig: string, words: readonly string[]): Ended {
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: path.join(os.tmpdir(), 'vcloud-kubectl') };
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', env, timeout: 120_000, maxBuffer: 1 << 28 });
  return { status, stdout, output: `${stdout}${stderr}${error?.message ?? ''}` };
}

interface Request {
  readonly pki: string;
  readonly kubeconfig: string;
  readonly into: string;
  readonly context: string;
  readonly user?: { readonly name: string; readonly groups?: readonly string[] } | undefined;
}

function kubeconfigFor({ pki, kubeconfig, into, context, user }: Request): string {
  const base: unknown = parse(fs.readFileSync(kubeconfig, 'utf8'));
  const first = (key: string): Record<string, unknown> => {
    const list: unknown = isObject(base) ? base[key] : undefined;
    return Array.isArray(list) && isObject(list[0]) ? list[0] : {};
  };
  const login = user === undefined ? first('users')['user'] : signed(pki, user);
  const file = path.join(into, `${context}${user === undefined ? '' : `.${user.name}`}.kubeconfig`);
  const name = user?.name ?? 'admin';
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context, cluster: first('clusters')['cluster'] }],
    users: [{ name, user: login }],
    contexts: [{ name: context, context: { cluster: context, user: name } }],
    'current-context': context,
  };
  fs.writeFileSync(file, stringify(document), { mode: 0o600 });
  return file;
}

/** A client certificate of the lab's authority: common name and organisations are user and groups (RFC 5280 subject). */
function signed(pki: string, { name, groups = [] }: { readonly name: string; readonly groups?: readonly string[] }): Record<string, string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-login-'));
  const openssl = (...words: readonly string[]): void => {
    const ended = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
    if (ended.status !== 0) throw new Error(`openssl ${words[0] ?? ''}: ${ended.stderr}`);
  };
  try {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key');
    openssl('req', '-new', '-key', 'key', '-subj', `${groups.map((group) => `/O=${group}`).join('')}/CN=${name}`, '-out', 'csr');
    fs.writeFileSync(path.join(folder, 'ext'), 'extendedKeyUsage=clientAuth\n');
    const authority = ['-CA', path.join(pki, 'ca.crt'), '-CAkey', path.join(pki, 'ca.key'), '-CAcreateserial', '-CAserial', 'serial'];
    openssl('x509', '-req', '-in', 'csr', ...authority, '-days', '2', '-extfile', 'ext', '-out', 'crt');
    const text = (file: string): string => fs.readFileSync(path.join(folder, file)).toString('base64');
    return { 'client-certificate-data': text('crt'), 'client-key-data': text('key') };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
