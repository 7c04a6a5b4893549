import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../../../core/index.ts';
import { Refused } from '../../live/index.ts';
import { NoAnswer, Transport, type Trust } from '../../live/transport.ts';
import type { Body } from '../model.ts';
import type { CloudLimits, Said } from './cloud.ts';

/** How a cluster is reached: what the provider reads, resolved. */
export interface ClusterLogin {
  readonly server: string;
  readonly trust: Trust;
  readonly token?: string | undefined;
}

/**
 * How the Kubernetes provider would log in: its block over `KUBE_*` variables over a kubeconfig file.
 * @throws Refused where nothing says where the cluster is, or only a program could (`exec`)
 */
export function clusterLogin(root: string, environment: Readonly<Record<string, string>>, block: Body): ClusterLogin {
  const stated = (name: string, variable: string): string | undefined => {
    const value = block[name];
    return typeof value === 'string' && value !== '' && !value.includes('${') ? value : environment[variable] === '' ? undefined : environment[variable];
  };
  const file = stated('config_path', 'KUBE_CONFIG_PATH') ?? environment['KUBE_CONFIG_PATHS']?.split(path.delimiter)[0];
  const config = file === undefined ? undefined : fromKubeconfig(root, file, stated('config_context', 'KUBE_CTX'));
  const host = stated('host', 'KUBE_HOST');
  const server = host === undefined ? config?.server : /^https?:/u.test(host) ? host : `https://${host}`;
  if (server === undefined)
    throw new Refused('no credentials', 'nothing says where this cluster is: give its credentials in vcloud.yaml (clouds: NAME: credentials:)');
  const insecure = block['insecure'] === true || environment['KUBE_INSECURE'] === 'true' || config?.trust.insecure === true;
  const trust: Trust = {
    ca: stated('cluster_ca_certificate', 'KUBE_CLUSTER_CA_CERT_DATA') ?? config?.trust.ca,
    cert: stated('client_certificate', 'KUBE_CLIENT_CERT_DATA') ?? config?.trust.cert,
    key: stated('client_key', 'KUBE_CLIENT_KEY_DATA') ?? config?.trust.key,
    insecure,
  };
  return { server: server.replace(/\/+$/u, ''), trust, token: stated('token', 'KUBE_TOKEN') ?? config?.token };
}

function fromKubeconfig(root: string, file: string, context: string | undefined): ClusterLogin {
  const place = path.resolve(root, file.replace(/^~(?=\/|$)/u, os.homedir()));
  let text: string;
  try {
    text = fs.readFileSync(place, 'utf8');
  } catch {
    throw new Refused('no credentials', `the kubeconfig that the credentials name cannot be read`);
  }
  const document: unknown = parse(text);
  const config = isObject(document) ? document : {};
  const named = (list: string, name: unknown, key: string): Body => {
    const found = (Array.isArray(config[list]) ? (config[list] as unknown[]) : []).filter(isObject).find((one) => one['name'] === name);
    return isObject(found?.[key]) ? found[key] : {};
  };
  const wanted = context ?? config['current-context'];
  const chosen = named('contexts', wanted, 'context');
  const [cluster, user] = [named('clusters', chosen['cluster'], 'cluster'), named('users', chosen['user'], 'user')];
  const { server } = cluster;
  if (typeof server !== 'string') throw new Refused('no credentials', `the kubeconfig has no context "${String(wanted)}" with a server`);
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined)
    throw new Refused('no credentials', 'the kubeconfig gets its credentials from a program, which is not run here');
  const pem = (of: Body, name: string): string | undefined => {
    const [data, at] = [of[`${name}-data`], of[name]];
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8');
    return typeof at === 'string' ? fs.readFileSync(path.resolve(path.dirname(place), at), 'utf8') : undefined;
  };
  const { token } = user;
  return {
    server,
    trust: {
      ca: pem(cluster, 'certificate-authority'),
      cert: pem(user, 'client-certificate'),
      key: pem(user, 'client-key'),
      insecure: cluster['insecure-skip-tls-verify'] === true,
    },
    token: typeof token === 'string' ? token : undefined,
  };
}

/** One log-in at one cluster: every question is asked once. */
export class AskedCluster {
  readonly login: ClusterLogin;
  readonly #transport: Transport;
  readonly #timeout: number;
  readonly #answers = new Map<string, Promise<Said>>();

  constructor(login: ClusterLogin, { timeout = 15_000 }: CloudLimits) {
    this.login = login;
    this.#transport = new Transport(login.trust);
    this.#timeout = timeout;
  }

  ask(at: string, body?: unknown): Promise<Said> {
    const key = `${at} ${JSON.stringify(body ?? null)}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) this.#answers.set(key, (answer = this.#send(at, body)));
    return answer;
  }

  async #send(at: string, body: unknown): Promise<Said> {
    const { server, token } = this.login;
    try {
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const got = await this.#transport.send({ method: body === undefined ? 'GET' : 'POST', url: `${server}${at}`, headers, body, timeout: this.#timeout });
      if (got.status >= 200 && got.status < 300) return { ok: true, body: got.body };
      const said = typeof got.body['message'] === 'string' ? `: ${got.body['message'].slice(0, 200)}` : '';
      return { ok: false, reason: String(got.status), message: `${at}: ${got.status}${said}` };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { ok: false, reason: error.code, message: error.message };
    }
  }

  close(): void {
    this.#transport.close();
  }
}
