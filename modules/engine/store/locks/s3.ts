import { createHash, createHmac } from 'node:crypto';
import * as path from 'node:path';
import { readTextIfPresent } from '../../../core/index.ts';
import type { BackendSetting } from '../types.ts';
import { ask, type Answered, type TlsSettings } from './http.ts';
import { parseLockInfo, type LockInfo, type LockPort } from './port.ts';

type S3Setting = Extract<BackendSetting, { type: 's3' }>;

interface S3Key {
  readonly id: string;
  readonly secret: string;
  readonly token?: string | undefined;
}

/**
 * Lock objects as Terraform's S3 backend makes them with `use_lockfile`: `KEY.tflock` with the lock's JSON, put with
 * `If-None-Match: *`, removed by whoever's id is in it. Undefined where no access key is at hand that can be signed with
 * (a role of the machine, a login): there only the engine itself can lock.
 */
export function s3Locks(backend: S3Setting, environment: Readonly<Record<string, string>>): LockPort | undefined {
  const key = accessKey(environment);
  if (key === undefined) return undefined;
  const bundle = environment['AWS_CA_BUNDLE'] ?? environment['SSL_CERT_FILE'];
  const tls: TlsSettings = { ca: bundle === undefined ? undefined : readTextIfPresent(bundle) };
  const name = (stack: string): string => `${backend.prefix}${stack}.tfstate.tflock`;
  const send = async (method: 'GET' | 'PUT' | 'DELETE', stack: string, body?: string): Promise<Answered> => {
    const url = objectAddress(backend, name(stack));
    const headers: Record<string, string> = method === 'PUT' ? { 'if-none-match': '*', 'content-type': 'application/json' } : {};
    const answer = await ask({
      url,
      method,
      body,
      tls,
      headers: signature({ method, url, body: body ?? '', region: backend.region, key, now: new Date(), headers }),
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    // 404: none is there; 412: one is; 409: another put is just under way.
    if ((method !== 'PUT' && answer.status === 404) || (method === 'PUT' && [409, 412].includes(answer.status))) return answer;
    throw new Error(`${method} ${name(stack)}: HTTP ${answer.status}${reasonOf(answer.body)}`);
  };
  const read = async (stack: string): Promise<LockInfo | undefined> => {
    const answer = await send('GET', stack);
    return answer.status === 404 ? undefined : parseLockInfo(answer.body);
  };
  return {
    path: (stack) => `${backend.bucket}/${backend.prefix}${stack}.tfstate`,
    read,
    put: async (stack, info) => {
      for (let attempt = 0; ; attempt++) {
        const { status } = await send('PUT', stack, JSON.stringify(info));
        if (status < 300) return undefined;
        const there = await read(stack);
        if (there !== undefined) return there;
        // Gone between the two questions, or not there yet: asked once more.
        if (attempt === 3) return parseLockInfo('');
      }
    },
    remove: async (stack, id) => {
      if ((await read(stack))?.ID === id) await send('DELETE', stack);
    },
    weakness: async (stack) => {
      // A server that knows no conditions overwrites the lock, with what was read just now.
      const held = await read(stack);
      if (held === undefined) return undefined;
      const { status } = await send('PUT', stack, JSON.stringify(held));
      return status < 300 ? 'the S3 server does not heed If-None-Match: two that take a lock at the same moment both have it' : undefined;
    },
  };
}

/** Path-style or by host name, as the backend itself asks. */
function objectAddress({ endpoint, region, bucket, pathStyle }: S3Setting, name: string): string {
  const base = endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const encoded = name.split('/').map(percentEncoded).join('/');
  if (pathStyle === true) return `${base.replace(/\/$/u, '')}/${bucket}/${encoded}`;
  const url = new URL(base);
  return `${url.protocol}//${bucket}.${url.host}${url.pathname.replace(/\/$/u, '')}/${encoded}`;
}

/** Percent-encoding of RFC 3986, which is what is signed. */
function percentEncoded(part: string): string {
  return encodeURIComponent(part).replaceAll(/[!'()*]/gu, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Where the backend's own client looks first: variables, then the file of credentials. */
function accessKey(environment: Readonly<Record<string, string>>): S3Key | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  if (id !== undefined && secret !== undefined) return { id, secret, token };
  const file = environment['AWS_SHARED_CREDENTIALS_FILE'] ?? path.join(environment['HOME'] ?? '/', '.aws/credentials');
  const profile = environment['AWS_PROFILE'] ?? 'default';
  const found: Record<string, string> = {};
  let here = false;
  for (const line of (readTextIfPresent(file) ?? '').split(/\r?\n/u)) {
    const section = /^\s*\[([^\]]+)\]/u.exec(line)?.[1]?.trim();
    if (section !== undefined) here = section === profile;
    const [, name, value] = /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/u.exec(line) ?? [];
    if (here && name !== undefined && value !== undefined) found[name] = value;
  }
  const { aws_access_key_id: fileId, aws_secret_access_key: fileSecret, aws_session_token: fileToken } = found;
  return fileId === undefined || fileSecret === undefined ? undefined : { id: fileId, secret: fileSecret, token: fileToken };
}

/** Headers that sign one request: AWS Signature Version 4 ("Authenticating Requests (AWS Signature Version 4)", S3 API reference). */
export function signature(given: {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly region: string;
  readonly key: S3Key;
  readonly now: Date;
  /** What else of the request is signed, in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}): Record<string, string> {
  const { host, pathname } = new URL(given.url);
  const time = given.now.toISOString().replaceAll(/[-:]|\.\d{3}/gu, '');
  const day = time.slice(0, 8);
  const digest = hex(given.body);
  const headers: Record<string, string> = {
    ...given.headers,
    host,
    'x-amz-content-sha256': digest,
    'x-amz-date': time,
    ...(given.key.token === undefined ? {} : { 'x-amz-security-token': given.key.token }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [given.method, pathname, '', ...names.map((name) => `${name}:${headers[name] ?? ''}`), '', names.join(';'), digest].join('\n');
  const scope = `${day}/${given.region}/s3/aws4_request`;
  const steps = [day, given.region, 's3', 'aws4_request'];
  const signing = steps.reduce<Buffer | string>((secret, step) => mac(secret, step), `AWS4${given.key.secret}`);
  const signed = mac(signing, ['AWS4-HMAC-SHA256', time, scope, hex(canonical)].join('\n')).toString('hex');
  return { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${given.key.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signed}` };
}

function mac(secret: Buffer | string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function reasonOf(body: string): string {
  const code = /<Code>([^<]+)<\/Code>/u.exec(body)?.[1];
  return code === undefined ? '' : ` ${code}`;
}
