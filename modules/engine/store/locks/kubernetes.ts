import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../../../core/index.ts';
import { ask, type Answered, type TlsSettings } from './http.ts';
import { parseLockInfo, type LockInfo, type LockPort } from './port.ts';

/** Annotation Terraform's backend keeps the lock's JSON in. */
const annotation = 'app.terraform.io/lock-info';

/** How the API server is reached, as the backend's variables say it. */
interface Cluster {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
}

type Lease = Record<string, unknown> & { readonly metadata: Record<string, unknown>; readonly spec?: Record<string, unknown> | undefined };

/**
 * Leases as Terraform's kubernetes backend makes them: `lock-tfstate-default-SUFFIX`, held by the id of the lock, whose JSON
 * is an annotation. Each change names the version it is of, so that of two at the same moment the server refuses one.
 * Undefined where the cluster is reached in a way only the engine knows (a login by another program).
 */
export function kubernetesLocks(
  setting: { readonly namespace: string; readonly suffix: (stack: string) => string },
  environment: Readonly<Record<string, string>>,
): LockPort | undefined {
  const cluster = clusterOf(environment);
  if (cluster === undefined) return undefined;
  const base = `${cluster.server.replace(/\/$/u, '')}/apis/coordination.k8s.io/v1/namespaces/${setting.namespace}/leases`;
  const nameOf = (stack: string): string => `lock-tfstate-default-${setting.suffix(stack)}`;
  const send = async (method: 'GET' | 'PUT' | 'POST', url: string, content?: object): Promise<Answered> => {
    const answer = await ask({
      url,
      method,
      body: content === undefined ? undefined : JSON.stringify(content),
      headers: { accept: 'application/json', ...(content === undefined ? {} : { 'content-type': 'application/json' }), ...cluster.headers },
      tls: cluster.tls,
    });
    if ((answer.status >= 200 && answer.status < 300) || (method === 'GET' && answer.status === 404) || answer.status === 409) return answer;
    throw new Error(`${method} lease: HTTP ${answer.status}${reasonOf(answer.body)}`);
  };
  const leaseOf = async (stack: string): Promise<Lease | undefined> => {
    const { status, body } = await send('GET', `${base}/${nameOf(stack)}`);
    return status === 404 ? undefined : (JSON.parse(body) as Lease);
  };
  const read = async (stack: string): Promise<LockInfo | undefined> => lockIn(await leaseOf(stack));
  return {
    path: nameOf,
    read,
    put: async (stack, info) => {
      for (let attempt = 0; ; attempt++) {
        const lease = await leaseOf(stack);
        const there = lockIn(lease);
        if (there !== undefined) return there;
        const { status } =
          lease === undefined
            ? await send('POST', base, newLease(nameOf(stack), setting.suffix(stack), info))
            : await send('PUT', `${base}/${nameOf(stack)}`, held(lease, info));
        if (status !== 409) return undefined;
        // Somebody else changed it in between: who, says the next look.
        if (attempt === 3) return parseLockInfo('');
      }
    },
    remove: async (stack, id) => {
      const lease = await leaseOf(stack);
      if (lease === undefined || lease.spec?.['holderIdentity'] !== id) return;
      await send('PUT', `${base}/${nameOf(stack)}`, held(lease, undefined));
    },
  };
}

/** The lock in a lease; the backend takes one without a holder for free. */
function lockIn(lease: Lease | undefined): LockInfo | undefined {
  const holder = lease?.spec?.['holderIdentity'];
  if (lease === undefined || typeof holder !== 'string') return undefined;
  const annotations = lease.metadata['annotations'];
  const text = isObject(annotations) ? annotations[annotation] : undefined;
  return { ...parseLockInfo(typeof text === 'string' ? text : ''), ID: holder };
}

function newLease(name: string, suffix: string, info: LockInfo): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      // What the backend finds its own objects by.
      labels: { tfstate: 'true', tfstateSecretSuffix: suffix, tfstateWorkspace: 'default', 'app.kubernetes.io/managed-by': 'terraform' },
      annotations: { [annotation]: JSON.stringify(info) },
    },
    spec: { holderIdentity: info.ID },
  };
}

function held(lease: Lease, info: LockInfo | undefined): object {
  const before = isObject(lease.metadata['annotations']) ? lease.metadata['annotations'] : {};
  const others = Object.fromEntries(Object.entries(before).filter(([name]) => name !== annotation));
  const annotations = info === undefined ? others : { ...others, [annotation]: JSON.stringify(info) };
  const spec = Object.fromEntries(Object.entries(lease.spec ?? {}).filter(([name]) => name !== 'holderIdentity'));
  return { ...lease, metadata: { ...lease.metadata, annotations }, spec: info === undefined ? spec : { ...spec, holderIdentity: info.ID } };
}

/** KUBE_HOST with a token, a certificate or a password, else a kubeconfig. */
function clusterOf(environment: Readonly<Record<string, string>>): Cluster | undefined {
  const file = environment['KUBE_CONFIG_PATH'] ?? environment['KUBE_CONFIG_PATHS']?.split(path.delimiter)[0];
  const given = file === undefined ? { server: undefined, headers: {}, tls: {} } : fromConfig(file, environment);
  if (given === undefined) return undefined;
  const server = environment['KUBE_HOST'] ?? given.server;
  if (server === undefined) return undefined;
  const { KUBE_TOKEN: token, KUBE_USER: user, KUBE_PASSWORD: password } = environment;
  const defined = <T extends object>(values: T): T => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
  return {
    server: /^https?:/u.test(server) ? server : `https://${server}`,
    headers: token === undefined ? (user === undefined ? given.headers : basic(user, password)) : { authorization: `Bearer ${token}` },
    tls: {
      ...given.tls,
      ...defined({
        ca: environment['KUBE_CLUSTER_CA_CERT_DATA'],
        cert: environment['KUBE_CLIENT_CERT_DATA'],
        key: environment['KUBE_CLIENT_KEY_DATA'],
        servername: environment['KUBE_TLS_SERVER_NAME'],
        insecure: environment['KUBE_INSECURE'] === undefined ? undefined : environment['KUBE_INSECURE'] === 'true',
      }),
    },
  };
}

/** The cluster and user of a kubeconfig's context; undefined where another program has to be asked for them. */
function fromConfig(
  file: string,
  environment: Readonly<Record<string, string>>,
): (Omit<Cluster, 'server'> & { readonly server?: string | undefined }) | undefined {
  const full = file.replace(/^~(?=\/)/u, environment['HOME'] ?? '~');
  let config: unknown;
  try {
    config = parse(fs.readFileSync(full, 'utf8'));
  } catch {
    return undefined;
  }
  const named = (list: string, name: unknown, part: string): Record<string, unknown> => {
    const items: unknown = isObject(config) ? config[list] : undefined;
    const found = (Array.isArray(items) ? (items as unknown[]) : []).find((item) => isObject(item) && item['name'] === name);
    return isObject(found) && isObject(found[part]) ? found[part] : {};
  };
  const context = named('contexts', environment['KUBE_CTX'] ?? (isObject(config) ? config['current-context'] : undefined), 'context');
  const cluster = named('clusters', environment['KUBE_CTX_CLUSTER'] ?? context['cluster'], 'cluster');
  const user = named('users', environment['KUBE_CTX_AUTH_INFO'] ?? context['user'], 'user');
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) return undefined;
  const text = (from: Record<string, unknown>, name: string): string | undefined => (typeof from[name] === 'string' ? from[name] : undefined);
  const folder = path.dirname(full);
  /** A value that stands there in base64, or in a file. */
  const pem = (from: Record<string, unknown>, name: string): string | undefined => {
    const data = text(from, `${name}-data`);
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    const at = text(from, name);
    return at === undefined ? undefined : fs.readFileSync(path.resolve(folder, at), 'utf8');
  };
  const tokenFile = text(user, 'tokenFile');
  const token = text(user, 'token') ?? (tokenFile === undefined ? undefined : fs.readFileSync(path.resolve(folder, tokenFile), 'utf8').trim());
  const name = text(user, 'username');
  return {
    server: text(cluster, 'server'),
    headers: token === undefined ? (name === undefined ? {} : basic(name, text(user, 'password'))) : { authorization: `Bearer ${token}` },
    tls: {
      ca: pem(cluster, 'certificate-authority'),
      cert: pem(user, 'client-certificate'),
      key: pem(user, 'client-key'),
      servername: text(cluster, 'tls-server-name'),
      insecure: cluster['insecure-skip-tls-verify'] === true,
    },
  };
}

function basic(user: string, password = ''): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

function reasonOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    return isObject(status) && typeof status['message'] === 'string' ? ` ${status['message']}` : '';
  } catch {
    return '';
  }
}
