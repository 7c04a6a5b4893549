import { request as plain } from 'node:http';
import { request as secure } from 'node:https';

/** One request to a store's API. */
export interface Asked {
  readonly url: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly tls?: TlsSettings | undefined;
}

/** How a server proves who it is, and who asks. PEM. */
export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly insecure?: boolean | undefined;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Milliseconds one answer may take. */
const patience = 20_000;

/** Asks once. Throws an Error with the network's words where there is no answer; any status is an answer. */
export async function ask({ url, method, headers = {}, body, tls }: Asked): Promise<Answered> {
  const request = url.startsWith('https:') ? secure : plain;
  return await new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
        timeout: patience,
        // Only what was asked for: the proxies and agents of the process are not the store's.
        ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls?.cert === undefined ? {} : { cert: tls.cert, key: tls.key }),
        ...(tls?.servername === undefined ? {} : { servername: tls.servername }),
        ...(tls?.insecure === true ? { rejectUnauthorized: false } : {}),
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patience / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
