import { isObject } from '../../../modules/core/index.ts';

/** Who speaks to the cloud. Names are those of domain Default. */
export interface Login {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly project: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Types of the catalogue that the lab's services stand under. */
export type ServiceType = 'identity' | 'network' | 'compute' | 'placement' | 'image' | 'block-storage' | 'volumev3' | 'dns' | 'load-balancer' | 'key-manager';

export type Json = Readonly<Record<string, unknown>>;

/** A real server under load answers late; one that lost a request never does. */
const patience = 60_000;
const tries = 4;

/**
 * A small client of OpenStack's REST APIs, to read back what another program made. Every request has a time limit; one
 * that reached nobody is sent again, as is a read that got no answer or a 5xx of a busy server. A write that was sent
 * and got no answer is not: it may have been done.
 */
export class CloudClient {
  readonly #login: Login;
  #token = '';
  #project = '';
  #user = '';
  #endpoints = new Map<string, string>();

  constructor(login: Login) {
    this.#login = login;
  }

  /** Id of the project the token is for. */
  async projectId(): Promise<string> {
    await this.#authenticate();
    return this.#project;
  }

  async userId(): Promise<string> {
    await this.#authenticate();
    return this.#user;
  }

  /** The types of service in this cloud's catalogue. */
  async services(): Promise<ReadonlySet<string>> {
    await this.#authenticate();
    return new Set(this.#endpoints.keys());
  }

  /** Sends one request, whatever the status of the answer. `path` begins after the endpoint of the catalogue: `/v2.0/networks`. */
  async request(service: ServiceType, method: string, path: string, body?: Json, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    await this.#authenticate();
    const base = this.#endpoints.get(service);
    if (base === undefined) throw new Error(`this cloud has no service of type ${service}`);
    const send = (): Promise<Answer> => exchange(`${base}${path}`, method, { 'X-Auth-Token': this.#token, ...headers }, body);
    const answer = await send();
    if (answer.status !== 401) return answer;
    this.#token = '';
    await this.#authenticate();
    return send();
  }

  /** Body of a successful GET. */
  async get(service: ServiceType, path: string): Promise<Json> {
    return successful(await this.request(service, 'GET', path), 'GET', path);
  }

  /** Body of a successful POST. */
  async post(service: ServiceType, path: string, body: Json): Promise<Json> {
    return successful(await this.request(service, 'POST', path, body), 'POST', path);
  }

  /** Body of a successful PUT. */
  async put(service: ServiceType, path: string, body: Json = {}): Promise<Json> {
    return successful(await this.request(service, 'PUT', path, body), 'PUT', path);
  }

  /** Sends bytes, which travel outside of JSON: the content of an image. */
  async upload(service: ServiceType, path: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#authenticate();
    const { status, statusText } = await fetch(`${this.#endpoints.get(service) ?? ''}${path}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/octet-stream', 'X-Auth-Token': this.#token },
      body: content,
    });
    if (status < 200 || status > 299) throw new Error(`PUT ${path}: ${status} ${statusText}`);
  }

  /** Deletes, what lies in another project too where that is allowed; that it is gone already is as good. */
  async remove(service: ServiceType, path: string): Promise<void> {
    // Designate finds another project's zone by this word only.
    const answer = await this.request(service, 'DELETE', path, undefined, { 'X-Auth-All-Projects': 'true' });
    if (answer.status !== 404) successful(answer, 'DELETE', path);
  }

  /** The objects of a list, under `key` of the answer. */
  async list(service: ServiceType, path: string, key: string): Promise<readonly Json[]> {
    return objectsIn((await this.get(service, path))[key]);
  }

  async #authenticate(): Promise<void> {
    if (this.#token !== '') return;
    const { authUrl, username, password, project } = this.#login;
    const domain = { name: 'Default' };
    const body = {
      auth: {
        identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    };
    const { status, body: answer, text, headers } = await exchange(`${authUrl}/auth/tokens`, 'POST', {}, body, true);
    if (status !== 201) throw new Error(`log-in as ${username} in ${project}: ${status} ${text.slice(0, 300)}`);
    const token = isObject(answer['token']) ? answer['token'] : {};
    this.#token = headers.get('x-subject-token') ?? '';
    this.#project = idOf(token['project']);
    this.#user = idOf(token['user']);
    for (const entry of objectsIn(token['catalog'])) {
      const open = objectsIn(entry['endpoints']).find((endpoint) => endpoint['interface'] === 'public');
      if (open !== undefined) this.#endpoints.set(String(entry['type']), String(open['url']).replace(/\/$/u, ''));
    }
    this.#endpoints.set('identity', authUrl);
  }
}

function objectsIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function idOf(value: unknown): string {
  return isObject(value) ? String(value['id']) : '';
}

function successful({ status, body, text }: Answer, method: string, path: string): Json {
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
  return body;
}

async function exchange(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body?: Json,
  repeatable = method === 'GET',
): Promise<Answer & { readonly headers: Headers }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, {
        method,
        headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience),
      });
      const text = await response.text();
      if (!(repeatable && response.status >= 500 && attempt < tries)) return { status: response.status, body: parsed(text), text, headers: response.headers };
    } catch (error) {
      if (attempt >= tries || !(repeatable || reachedNobody(error))) throw new Error(`${method} ${url}: ${reasonOf(error)}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

function parsed(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function reachedNobody(error: unknown): boolean {
  return error instanceof Error && isObject(error.cause) && error.cause['code'] === 'ECONNREFUSED';
}
