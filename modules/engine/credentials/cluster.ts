import * as fs from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../../core/index.ts';

/** How a Kubernetes API is reached, and as whom: what its clients read, resolved. */
export interface ClusterLogin {
  /** Address of the API server, without a slash at its end. */
  readonly server: string;
  /** What every request carries: `authorization`, where it is not a certificate that says who asks. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM texts. */
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly servername?: string | undefined;
    readonly insecure?: boolean | undefined;
  };
}

type Part = Readonly<Record<string, unknown>>;

/**
 * How Terraform's Kubernetes provider and backend would log in: a provider's block over `KUBE_*` variables over a kubeconfig.
 * @param given.root where relative paths begin; the working folder by default
 * @param given.block body of the provider's block
 * @returns why not, where nothing says where the cluster is, or only another program could (`exec`)
 */
export function clusterLogin(
  environment: Readonly<Record<string, string>>,
  { root = '', block = {} }: { readonly root?: string; readonly block?: Part } = {},
): ClusterLogin | { readonly because: string } {
  const stated = (name: string, variable: string): string | undefined => {
    const value = block[name];
    const text = typeof value === 'string' && value !== '' && !value.includes('${') ? value : environment[variable];
    return text === '' ? undefined : text;
  };
  const file = stated('config_path', 'KUBE_CONFIG_PATH') ?? environment['KUBE_CONFIG_PATHS']?.split(path.delimiter)[0];
  const config = file === undefined ? undefined : fromKubeconfig(path.resolve(root, atHome(file, environment)), stated);
  if (config !== undefined && 'because' in config) return config;
  const host = stated('host', 'KUBE_HOST');
  const server = host === undefined ? config?.server : /^https?:/u.test(host) ? host : `https://${host}`;
  if (server === undefined) return { because: 'nothing says where this cluster is: give its credentials in vcloud.yaml (clouds: NAME: credentials:)' };
  const insecure = block['insecure'] === true || environment['KUBE_INSECURE'] === 'true' || config?.tls.insecure === true;
  return {
    server: server.replace(/\/+$/u, ''),
    headers: authorization(stated('token', 'KUBE_TOKEN'), stated('username', 'KUBE_USER'), stated('password', 'KUBE_PASSWORD')) ?? config?.headers ?? {},
    tls: {
      ca: stated('cluster_ca_certificate', 'KUBE_CLUSTER_CA_CERT_DATA') ?? config?.tls.ca,
      cert: stated('client_certificate', 'KUBE_CLIENT_CERT_DATA') ?? config?.tls.cert,
      key: stated('client_key', 'KUBE_CLIENT_KEY_DATA') ?? config?.tls.key,
      servername: stated('tls_server_name', 'KUBE_TLS_SERVER_NAME') ?? config?.tls.servername,
      insecure,
    },
  };
}

/** The cluster and user of a kubeconfig's context; why not, where another program has to be asked for them. */
function fromKubeconfig(
  file: string,
  stated: (name: string, variable: string) => string | undefined,
): (Omit<ClusterLogin, 'server'> & { readonly server?: string | undefined }) | { readonly because: string } {
  let document: unknown;
  try {
    document = parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return { because: 'the kubeconfig that the credentials name cannot be read' };
  }
  const config: Part = isObject(document) ? document : {};
  const named = (list: string, name: unknown, part: string): Part => {
    const found = (Array.isArray(config[list]) ? (config[list] as unknown[]) : []).filter(isObject).find((one) => one['name'] === name);
    return isObject(found?.[part]) ? found[part] : {};
  };
  const wanted = stated('config_context', 'KUBE_CTX') ?? config['current-context'];
  const context = named('contexts', wanted, 'context');
  const cluster = named('clusters', stated('config_context_cluster', 'KUBE_CTX_CLUSTER') ?? context['cluster'], 'cluster');
  const user = named('users', stated('config_context_auth_info', 'KUBE_CTX_AUTH_INFO') ?? context['user'], 'user');
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined)
    return { because: 'the kubeconfig gets its credentials from a program, which is not run here' };
  const text = (from: Part, name: string): string | undefined => (typeof from[name] === 'string' ? from[name] : undefined);
  const content = (at: string | undefined): string | undefined =>
    at === undefined ? undefined : fs.readFileSync(path.resolve(path.dirname(file), at), 'utf8');
  /** A value that stands there in base64, or in a file. */
  const pem = (from: Part, name: string): string | undefined => {
    const data = text(from, `${name}-data`);
    return data === undefined ? content(text(from, name)) : Buffer.from(data, 'base64').toString('utf8');
  };
  const server = text(cluster, 'server');
  if (server === undefined && stated('host', 'KUBE_HOST') === undefined) return { because: `the kubeconfig has no context "${String(wanted)}" with a server` };
  try {
    return {
      server,
      headers: authorization(text(user, 'token') ?? content(text(user, 'tokenFile'))?.trim(), text(user, 'username'), text(user, 'password')) ?? {},
      tls: {
        ca: pem(cluster, 'certificate-authority'),
        cert: pem(user, 'client-certificate'),
        key: pem(user, 'client-key'),
        servername: text(cluster, 'tls-server-name'),
        insecure: cluster['insecure-skip-tls-verify'] === true,
      },
    };
  } catch {
    return { because: 'a file that the kubeconfig names cannot be read' };
  }
}

function atHome(file: string, environment: Readonly<Record<string, string>>): string {
  return file.replace(/^~(?=\/|$)/u, environment['HOME'] ?? homedir());
}

function authorization(token: string | undefined, user: string | undefined, password = ''): Record<string, string> | undefined {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  return user === undefined ? undefined : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
