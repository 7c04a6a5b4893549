import { isObject, type JsonObject } from '../../../core/index.ts';
import { clusterLogin, type ClusterLogin, type StackLogin } from '../../../engine/index.ts';
import { Patience, Refused, type PatienceOptions } from '../patience.ts';
import { Transport, type Answer } from '../transport.ts';

export interface ClusterSessionOptions extends PatienceOptions {
  /** Milliseconds one request may take; 60,000 by default. */
  readonly timeout?: number | undefined;
}

/** Asks for what objects are called and carry, never for what they hold: contents of Secrets do not even leave the server. */
export const metadataOnly = {
  one: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  list: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
} as const;

/** Requests to one Kubernetes API, in turn and with patience. What changes something is sent once. */
export class ClusterSession {
  readonly login: ClusterLogin;
  readonly #transport: Transport;
  readonly #patience: Patience;
  readonly #timeout: number;
  #silent = false;
  #skew = 0;

  constructor(login: ClusterLogin, { timeout = 60_000, ...patience }: ClusterSessionOptions = {}) {
    this.login = login;
    this.#transport = new Transport(login.tls);
    this.#patience = new Patience(patience);
    this.#timeout = timeout;
  }

  /** Milliseconds the cluster's clock is ahead of ours, as its last answer said. */
  get skew(): number {
    return this.#skew;
  }

  /** GET, whatever the status. @throws Refused when nobody answers */
  async get(path: string, accept = 'application/json'): Promise<Answer> {
    // A server that did not answer patient asking is asked once for each thing more: thirty kinds must not wait thirty times.
    try {
      const answer = await this.#patience.send(() => this.#send('GET', path, accept), true, this.#silent ? 1 : undefined);
      this.#silent = answer.status === 429 || answer.status >= 500;
      const date = Date.parse(answer.headers.date ?? '');
      if (Number.isFinite(date)) this.#skew = date - Date.now();
      return answer;
    } catch (error) {
      this.#silent = true;
      throw error;
    }
  }

  /** Sends a body, once. A review (`POST`) changes nothing. @throws Refused when nobody answers */
  async send(method: 'POST' | 'DELETE', path: string, body: JsonObject): Promise<Answer> {
    return await this.#patience.send(() => this.#send(method, path, 'application/json', body), false);
  }

  async #send(method: 'GET' | 'POST' | 'DELETE', path: string, accept: string, body?: JsonObject): Promise<Answer> {
    const { server, headers } = this.login;
    return await this.#transport.send({ method, url: `${server}${path}`, headers: { ...headers, Accept: accept }, body, timeout: this.#timeout });
  }

  close(): void {
    this.#transport.close();
  }
}

/**
 * How a stack logs in at its cluster: its provider block over its cloud's credentials, as the provider itself reads them.
 * @throws Refused where nothing says where the cluster is, or only another program could
 */
export function clusterLoginOf({ root, environment, providers }: Pick<StackLogin, 'environment' | 'providers'> & { readonly root: string }): ClusterLogin {
  const given: unknown = providers?.['kubernetes'];
  // The block without an alias is what resources use that name none.
  const block = (Array.isArray(given) ? (given as unknown[]) : [given]).filter(isObject).find((one) => one['alias'] === undefined) ?? {};
  const login = clusterLogin(environment, { root, block });
  if ('because' in login) throw new Refused('no credentials', login.because);
  return login;
}

/** Whether a stack has objects in a Kubernetes cluster, as far as is said. */
export function isKubernetes({ providers, environment }: Pick<StackLogin, 'environment' | 'providers'>): boolean {
  if (providers !== undefined) return providers['kubernetes'] !== undefined;
  return ['KUBE_CONFIG_PATH', 'KUBE_CONFIG_PATHS', 'KUBE_HOST'].some((name) => environment[name] !== undefined);
}
