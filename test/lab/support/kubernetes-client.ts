import * as fs from 'node:fs';
import * as https from 'node:https';
import { parse } from 'yaml';
import { isObject } from '../../../modules/core/index.ts';
import type { Answer, Json } from './client.ts';

/** A real server under load answers late; one that lost a request never does. */
const patience = 60_000;

/** A small client of the Kubernetes API, to read back what another program made. It logs in as its kubeconfig's only user. */
export class KubernetesClient {
  readonly #server: string;
  readonly #agent: https.Agent;

  constructor(kubeconfig: string) {
    const document: unknown = parse(fs.readFileSync(kubeconfig, 'utf8'));
    const entry = (list: string, key: string): Record<string, unknown> => {
      const all: unknown = isObject(document) ? document[list] : undefined;
      const first: unknown = Array.isArray(all) ? all[0] : undefined;
      return isObject(first) && isObject(first[key]) ? first[key] : {};
    };
    const bytes = (value: unknown): Buffer => Buffer.from(String(value), 'base64');
    const [cluster, user] = [entry('clusters', 'cluster'), entry('users', 'user')];
    this.#server = String(cluster['server']);
    this.#agent = new https.Agent({
      keepAlive: true,
      ca: bytes(cluster['certificate-authority-data']),
      cert: bytes(user['client-certificate-data']),
      key: bytes(user['client-key-data']),
    });
  }

  /** Sends one request, whatever the status of the answer. */
  async request(method: string, path: string, body?: Json, type = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': type }) };
      const request = https.request(`${this.#server}${path}`, { method, agent: this.#agent, headers, timeout: patience }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: response.statusCode ?? 0, text, body: parsed(text) });
        });
      });
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer within ${patience / 1000} s`)));
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Body of a successful GET. */
  async get(path: string): Promise<Json> {
    return successful(await this.request('GET', path), 'GET', path);
  }

  /** Body of a successful POST. */
  async post(path: string, body: Json): Promise<Json> {
    return successful(await this.request('POST', path, body), 'POST', path);
  }

  /** Changes some fields of an object, as `kubectl patch --type merge` does. */
  async merge(path: string, body: Json): Promise<Json> {
    return successful(await this.request('PATCH', path, body, 'application/merge-patch+json'), 'PATCH', path);
  }

  /** Deletes; that it is gone already is as good. */
  async remove(path: string): Promise<void> {
    const answer = await this.request('DELETE', path);
    if (answer.status !== 404) successful(answer, 'DELETE', path);
  }

  /** Objects of a collection. */
  async list(path: string): Promise<readonly Json[]> {
    const { items } = await this.get(path);
    return Array.isArray(items) ? items.filter(isObject) : [];
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

function successful({ status, body, text }: Answer, method: string, path: string): Json {
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
  return body;
}
