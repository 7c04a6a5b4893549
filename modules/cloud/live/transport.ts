import * as http from 'node:http';
import * as https from 'node:https';
import { isObject } from '../../core/index.ts';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The body as JSON; an empty object where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** Milliseconds from sending to the last byte. */
  readonly timeout: number;
}

/** How a server proves who it is, and we. */
export interface Trust {
  /** PEM texts. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name the server's certificate is for, where it is not that of its address. */
  readonly servername?: string | undefined;
  /** Takes any certificate, as `OS_INSECURE` asks. */
  readonly insecure?: boolean | undefined;
}

/** No list of a cloud needs more at once; one that does is cut into pages. */
const largestAnswer = 256 * 2 ** 20;

/** Why a request got no answer: `timeout`, `ECONNREFUSED`, `too large`, ... */
export class NoAnswer extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Sends requests over kept connections. Follows no redirections: they would carry the token elsewhere. */
export class Transport {
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: 8 });
  readonly #secure: https.Agent;

  constructor(trust: Trust = {}) {
    const { ca, cert, key, servername, insecure = false } = trust;
    this.#secure = new https.Agent({
      keepAlive: true,
      maxSockets: 8,
      ca,
      cert,
      key,
      rejectUnauthorized: !insecure,
      ...(servername === undefined ? {} : { servername }),
    });
  }

  /** @throws NoAnswer */
  async send({ method, url, headers = {}, body, timeout }: Request): Promise<Answer> {
    const target = new URL(url);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const secure = target.protocol === 'https:';
    return await new Promise((resolve, reject) => {
      const sent = (secure ? https : http).request(
        target,
        {
          method,
          agent: secure ? this.#secure : this.#plain,
          headers: {
            Accept: 'application/json',
            ...(payload === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
            ...headers,
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          let size = 0;
          response.on('data', (part: Buffer) => {
            size += part.length;
            if (size > largestAnswer) sent.destroy(new NoAnswer('too large', `more than ${largestAnswer / 2 ** 20} MiB in one answer`));
            else parts.push(part);
          });
          response.on('error', fail);
          response.on('aborted', () => fail(new NoAnswer('ECONNRESET', 'the connection was cut half-way through the answer')));
          response.on('end', () => {
            clearTimeout(timer);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(Buffer.concat(parts).toString('utf8')) });
          });
        },
      );
      const timer = setTimeout(() => sent.destroy(new NoAnswer('timeout', `no answer within ${timeout / 1000} s`)), timeout);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        const code = isObject(error) && typeof error['code'] === 'string' ? error['code'] : 'ERROR';
        reject(error instanceof NoAnswer ? error : new NoAnswer(code, error.message || code));
      };
      sent.on('error', fail);
      sent.end(payload);
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
