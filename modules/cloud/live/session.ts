import { readFileSync } from 'node:fs';
import { fail, isObject } from '../../core/index.ts';
import { Patience, Refused, type PatienceOptions } from './patience.ts';
import { Transport, type Answer, type Trust } from './transport.ts';

export { Refused } from './patience.ts';

/** Variables as OpenStack's clients read them (`OS_AUTH_URL`, ...): what a credential reference resolves to. */
export type Variables = Readonly<Record<string, string>>;

export interface SessionOptions extends PatienceOptions {
  readonly variables: Variables;
  /** Name of the project, where it is another than the variables say: a provider block may name one. */
  readonly projectName?: string | undefined;
  readonly region?: string | undefined;
  /** Service type -> address, where it is another than the catalogue says. */
  readonly endpoints?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one request may take; 60,000 by default. */
  readonly timeout?: number | undefined;
}

/** Names a service stands under in catalogues, its official type first (service-types.openstack.org). */
const aliases: Readonly<Record<string, readonly string[]>> = {
  'block-storage': ['block-storage', 'volumev3', 'volume', 'block-store'],
  'key-manager': ['key-manager'],
  'load-balancer': ['load-balancer'],
  'container-infrastructure-management': ['container-infrastructure-management', 'container-infra', 'container-infrastructure'],
  'object-store': ['object-store'],
  'shared-file-system': ['shared-file-system', 'sharev2', 'share'],
  compute: ['compute'],
  database: ['database'],
  dns: ['dns'],
  identity: ['identity'],
  image: ['image'],
  network: ['network'],
  orchestration: ['orchestration'],
  workflow: ['workflow', 'workflowv2'],
};

/** What a token says of who holds it. */
export interface Identity {
  /** Name of the project it is for; empty where it is for none. */
  readonly project: string;
  readonly roles: readonly string[];
  /** RFC 3339. */
  readonly expires?: string | undefined;
}

/**
 * A log-in at Keystone (Identity API v3: password, application credential, token) and the requests made with it. Reads are
 * tried again when the server is busy or silent, with `Retry-After` where it says so; what changes something is sent once.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #transport: Transport;
  readonly #patience: Patience;
  readonly #silent = new Set<string>();
  #token = '';
  #project = '';
  #projectName = '';
  #user = '';
  #skew = 0;
  #identity: Identity = { project: '', roles: [] };
  #regions: readonly string[] = [];
  #endpoints = new Map<string, string>();
  /** Service type -> why it has no address here although the catalogue may well have one. */
  #elsewhere = new Map<string, string>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#transport = new Transport(trustOf(options.variables));
    this.#patience = new Patience(options);
  }

  /** Id of the project the token is for; empty where it is for none. */
  get project(): string {
    return this.#project;
  }

  /** Name of that project. */
  get projectName(): string {
    return this.#projectName;
  }

  get user(): string {
    return this.#user;
  }

  /** Milliseconds the cloud's clock is ahead of ours. */
  get skew(): number {
    return this.#skew;
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Regions the catalogue names, in code-unit order. */
  get regions(): readonly string[] {
    return this.#regions;
  }

  /** Address of a service, where the catalogue has it. */
  addressOf(service: string): string | undefined {
    return this.#endpoints.get(service);
  }

  close(): void {
    this.#transport.close();
  }

  /** Whether the catalogue has a service of this type. */
  has(service: string): boolean {
    return this.#endpoints.has(service);
  }

  /** Why a service that has no address here may be there all the same; undefined: this cloud has none. */
  whyNot(service: string): string | undefined {
    return this.#endpoints.has(service) ? undefined : this.#elsewhere.get(service);
  }

  /** @throws Refused */
  async logIn(): Promise<void> {
    const { variables } = this.#options;
    const url = `${base(variables['OS_AUTH_URL'] ?? '').replace(/\/v(?:2\.0|3)$/u, '')}/v3`;
    const answer = await this.#patience.send(
      () => this.#transport.send({ method: 'POST', url: `${url}/auth/tokens`, body: { auth: this.#login() }, timeout: this.#timeout }),
      true,
    );
    if (answer.status !== 201) throw new Refused(String(answer.status), `log-in at ${url}: ${answer.status}${saidBy(answer)}`);
    const token = isObject(answer.body['token']) ? answer.body['token'] : {};
    const subject = answer.headers['x-subject-token'];
    this.#token = typeof subject === 'string' ? subject : '';
    this.#project = idOf(token['project']);
    this.#projectName = isObject(token['project']) && typeof token['project']['name'] === 'string' ? token['project']['name'] : '';
    this.#user = idOf(token['user']);
    const { expires_at: expires } = token;
    const roles = list(token['roles']).flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
    this.#identity = { project: nameOf(token['project']), roles, expires: typeof expires === 'string' ? expires : undefined };
    this.#regions = regionsIn(token['catalog']);
    const date = Date.parse(answer.headers.date ?? '');
    if (Number.isFinite(date)) this.#skew = date - Date.now();
    this.#endpoints = this.#catalogue(token['catalog']);
    this.#endpoints.set('identity', url);
    for (const [service, address] of Object.entries(this.#options.endpoints ?? {})) this.#endpoints.set(service, base(address));
  }

  /** GET below a service's endpoint, whatever the status. @throws Refused when nobody answers */
  async get(service: string, path: string): Promise<Answer> {
    // A service that did not answer patient asking is asked once for each thing more: thirty kinds must not wait thirty times.
    const tries = this.#silent.has(service) ? 1 : undefined;
    try {
      const answer = await this.#authorised((headers) =>
        this.#patience.send(() => this.#transport.send({ method: 'GET', url: this.#url(service, path), headers, timeout: this.#timeout }), true, tries),
      );
      if (answer.status === 429 || answer.status >= 500) this.#silent.add(service);
      else this.#silent.delete(service);
      return answer;
    } catch (error) {
      if (error instanceof Refused && error.reason !== 'no such service') this.#silent.add(service);
      throw error;
    }
  }

  /** Sends what changes something, once. @throws Refused when nobody answers */
  async change(method: 'PUT' | 'DELETE', service: string, path: string, body?: unknown): Promise<Answer> {
    return await this.#authorised((headers) =>
      this.#patience.send(() => this.#transport.send({ method, url: this.#url(service, path), headers, body, timeout: this.#timeout }), false),
    );
  }

  get #timeout(): number {
    return this.#options.timeout ?? 60_000;
  }

  async #authorised(send: (headers: Record<string, string>) => Promise<Answer>): Promise<Answer> {
    if (this.#token === '') await this.logIn();
    const answer = await send({ 'X-Auth-Token': this.#token });
    if (answer.status !== 401) return answer;
    // The token may have run out; what is refused again is not ours to read.
    await this.logIn();
    return await send({ 'X-Auth-Token': this.#token });
  }

  #url(service: string, path: string): string {
    const found = this.#endpoints.get(service);
    if (found === undefined) throw new Refused('no such service', `the catalogue has no service of type ${service}`);
    // Some catalogues name the version in the endpoint, some do not.
    const version = /^\/v[0-9.]+(?=\/)/u.exec(path)?.[0];
    return version !== undefined && found.endsWith(version) ? `${found}${path.slice(version.length)}` : `${found}${path}`;
  }

  #catalogue(catalogue: unknown): Map<string, string> {
    const { variables } = this.#options;
    // An empty name is none, as the clients read it.
    const region = [this.#options.region, variables['OS_REGION_NAME']].find((name) => name !== undefined && name !== '');
    const wanted = (variables['OS_INTERFACE'] ?? 'public').replace(/URL$/u, '');
    const found = new Map<string, string>();
    this.#elsewhere = new Map();
    const entries = list(catalogue);
    for (const [service, names] of Object.entries(aliases)) {
      // Of a region the cloud has not, nothing can be told; in one it has, a service may be missing.
      if (region !== undefined && !this.#regions.includes(region))
        this.#elsewhere.set(service, `region "${region}" is none of this cloud (it has ${this.#regions.join(', ') || 'none'})`);
      for (const name of names) {
        const endpoints = entries.filter((entry) => entry['type'] === name).flatMap((entry) => list(entry['endpoints']));
        const here = endpoints.filter((one) => region === undefined || one['region'] === region || one['region_id'] === region);
        const fits = here.find((one) => one['interface'] === wanted);
        if (fits !== undefined && typeof fits['url'] === 'string' && !found.has(service)) found.set(service, base(fits['url']));
        else if (here.length > 0) this.#elsewhere.set(service, `the catalogue has no ${wanted} endpoint of it`);
      }
    }
    return found;
  }

  #login(): Record<string, unknown> {
    const of = (name: string): string | undefined => (this.#options.variables[name] === '' ? undefined : this.#options.variables[name]);
    const domain = (kind: 'USER' | 'PROJECT'): Record<string, string> => {
      const id = of(`OS_${kind}_DOMAIN_ID`) ?? of('OS_DOMAIN_ID');
      return id === undefined ? { name: of(`OS_${kind}_DOMAIN_NAME`) ?? of('OS_DOMAIN_NAME') ?? of('OS_DEFAULT_DOMAIN') ?? 'Default' } : { id };
    };
    const user = of('OS_USER_ID') === undefined ? { name: of('OS_USERNAME'), domain: domain('USER') } : { id: of('OS_USER_ID') };
    const secret = of('OS_APPLICATION_CREDENTIAL_SECRET');
    if (secret !== undefined) {
      const id = of('OS_APPLICATION_CREDENTIAL_ID');
      const credential = id === undefined ? { name: of('OS_APPLICATION_CREDENTIAL_NAME'), user, secret } : { id, secret };
      // It is of one project already and takes no scope.
      return { identity: { methods: ['application_credential'], application_credential: credential } };
    }
    const projectId = this.#options.projectName === undefined ? (of('OS_PROJECT_ID') ?? of('OS_TENANT_ID')) : undefined;
    const projectName = this.#options.projectName ?? of('OS_PROJECT_NAME') ?? of('OS_TENANT_NAME');
    const scope =
      projectId !== undefined
        ? { project: { id: projectId } }
        : projectName !== undefined
          ? { project: { name: projectName, domain: domain('PROJECT') } }
          : of('OS_SYSTEM_SCOPE') !== undefined
            ? { system: { all: true } }
            : undefined;
    const scoped = scope === undefined ? {} : { scope };
    const token = of('OS_TOKEN');
    if (token !== undefined && of('OS_PASSWORD') === undefined) return { identity: { methods: ['token'], token: { id: token } }, ...scoped };
    return { identity: { methods: ['password'], password: { user: { ...user, password: of('OS_PASSWORD') } } }, ...scoped };
  }
}

/** What a server gives as its reason, short. */
export function saidBy({ body }: Answer): string {
  for (const value of [body, ...Object.values(body)]) {
    if (isObject(value) && typeof value['message'] === 'string') return `: ${value['message'].slice(0, 200)}`;
  }
  return '';
}

function trustOf(variables: Variables): Trust {
  const file = (name: string): string | undefined => {
    const path = variables[name];
    if (path === undefined || path === '') return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return fail('CLOUD-LIVE-TRUST', `the file that ${name} names cannot be read`, { hint: 'correct the path, or leave the variable out' });
    }
  };
  return { ca: file('OS_CACERT'), cert: file('OS_CERT'), key: file('OS_KEY'), insecure: /^(?:1|true|yes)$/iu.test(variables['OS_INSECURE'] ?? '') };
}

function list(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function idOf(value: unknown): string {
  return isObject(value) && typeof value['id'] === 'string' ? value['id'] : '';
}

function nameOf(value: unknown): string {
  return isObject(value) && typeof value['name'] === 'string' ? value['name'] : '';
}

function regionsIn(catalogue: unknown): string[] {
  const named = list(catalogue).flatMap((entry) => list(entry['endpoints']).map((endpoint) => endpoint['region'] ?? endpoint['region_id']));
  return [...new Set(named.filter((region): region is string => typeof region === 'string'))].sort();
}

function base(url: string): string {
  return url.replace(/\/+$/u, '');
}
