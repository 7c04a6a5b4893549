import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as tls from 'node:tls';

/** Where a PostgreSQL server is and who asks. */
export interface PgTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** As libpq names them; `require` encrypts and does not look at the certificate. */
  readonly sslmode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  readonly sslrootcert?: string | undefined;
}

/**
 * Reads a connection string (URL or `key=value` words, as Terraform's pg backend takes it), completed by the PG*
 * variables of `environment`.
 */
export function pgTarget(connection: string, environment: Readonly<Record<string, string>>): PgTarget {
  const given = connection.includes('://') ? fromUrl(connection) : fromWords(connection);
  const value = (name: string, variable: string, otherwise: string): string => given[name] ?? environment[variable] ?? otherwise;
  const user = value('user', 'PGUSER', environment['USER'] ?? 'postgres');
  const mode = value('sslmode', 'PGSSLMODE', 'require');
  return {
    host: value('host', 'PGHOST', 'localhost'),
    port: Number(value('port', 'PGPORT', '5432')),
    user,
    password: value('password', 'PGPASSWORD', ''),
    database: value('dbname', 'PGDATABASE', user),
    sslmode: mode === 'disable' || mode === 'verify-ca' || mode === 'verify-full' ? mode : 'require',
    sslrootcert: given['sslrootcert'] ?? environment['PGSSLROOTCERT'],
  };
}

function fromUrl(text: string): Record<string, string> {
  const url = new URL(text);
  const found: Record<string, string> = Object.fromEntries(url.searchParams);
  const put = (name: string, value: string): void => {
    if (value !== '') found[name] ??= decodeURIComponent(value);
  };
  put('host', url.hostname.replace(/^\[(.*)\]$/u, '$1'));
  put('port', url.port);
  put('user', url.username);
  put('password', url.password);
  put('dbname', url.pathname.replace(/^\//u, ''));
  return found;
}

function fromWords(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/gu)) {
    found[match[1] ?? ''] = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/gu, '$1');
  }
  return found;
}

/**
 * Runs one query over a connection of its own and hands back its rows as text: the simple protocol of PostgreSQL 9.6 and
 * later (documentation, chapter "Frontend/Backend Protocol"), with passwords in clear over TLS, MD5 or SCRAM-SHA-256
 * (RFC 7677). Throws an Error with the server's words, or the network's.
 */
export async function pgQuery(target: PgTarget, sql: string, options: { readonly timeoutMilliseconds?: number } = {}): Promise<(string | null)[][]> {
  const session = await PgSession.open(target, options);
  try {
    return await session.query(sql);
  } finally {
    session.close();
  }
}

/** One connection that stays open, for what lives as long as a session does: advisory locks. */
export class PgSession {
  readonly #socket: net.Socket;
  readonly #reader: MessageReader;
  readonly #timeout: number;
  /** The simple protocol knows one question at a time. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(socket: net.Socket, reader: MessageReader, timeout: number) {
    this.#socket = socket;
    this.#reader = reader;
    this.#timeout = timeout;
  }

  /** `name` is what others see in `pg_stat_activity`; the server keeps 63 bytes of it. */
  static async open(target: PgTarget, options: { readonly timeoutMilliseconds?: number; readonly name?: string } = {}): Promise<PgSession> {
    const timeout = options.timeoutMilliseconds ?? 15_000;
    const socket = await connect(target, timeout);
    try {
      const reader = new MessageReader(socket);
      socket.write(startup(target, options.name ?? 'vcloud'));
      await authenticate(target, socket, reader);
      // Between two questions it may be silent for as long as an apply takes.
      socket.setTimeout(0);
      socket.setKeepAlive(true, 30_000);
      return new PgSession(socket, reader, timeout);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async query(sql: string): Promise<(string | null)[][]> {
    const answer = this.#last.then(() => this.#ask(sql));
    this.#last = answer.catch(() => undefined);
    return await answer;
  }

  /** Ends the session; the server frees what it held. */
  close(): void {
    this.#socket.end(message('X', Buffer.alloc(0)));
    this.#socket.destroySoon();
  }

  async #ask(sql: string): Promise<(string | null)[][]> {
    const rows: (string | null)[][] = [];
    let refused: Error | undefined;
    this.#socket.setTimeout(this.#timeout);
    try {
      this.#socket.write(message('Q', zero(sql)));
      for (;;) {
        const { type, body } = await this.#reader.next();
        if (type === 'D') rows.push(readRow(body));
        else if (type === 'E') refused ??= new Error(errorText(body));
        else if (type === 'Z') break;
      }
    } catch (error) {
      // A server that ends a session says why before it hangs up.
      throw refused ?? error;
    } finally {
      this.#socket.setTimeout(0);
    }
    if (refused !== undefined) throw refused;
    return rows;
  }
}

async function connect(target: PgTarget, timeout: number): Promise<net.Socket> {
  const socket = target.host.startsWith('/') ? net.connect(`${target.host}/.s.PGSQL.${target.port}`) : net.connect(target.port, target.host);
  socket.setTimeout(timeout, () => socket.destroy(new Error(`no answer from ${target.host}:${target.port} in ${timeout / 1000} s`)));
  await once(socket, 'connect');
  if (target.sslmode === 'disable' || target.host.startsWith('/')) return socket;
  const ask = Buffer.alloc(8);
  ask.writeInt32BE(8, 0);
  ask.writeInt32BE(80_877_103, 4);
  socket.write(ask);
  const answer = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
  });
  if (answer.toString('latin1') !== 'S') throw new Error('the server speaks no TLS, and sslmode asks for it');
  const verify = target.sslmode !== 'require';
  const secure = tls.connect({
    socket,
    servername: net.isIP(target.host) === 0 ? target.host : undefined,
    rejectUnauthorized: verify,
    ca: target.sslrootcert === undefined ? undefined : fs.readFileSync(target.sslrootcert),
    ...(target.sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  });
  await once(secure, 'secureConnect');
  return secure;
}

async function once(socket: net.Socket, event: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
  });
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Cuts the stream into messages. */
class MessageReader {
  #held = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #ended: Error | undefined;

  constructor(socket: net.Socket) {
    socket.on('data', (data: Buffer) => {
      this.#held = Buffer.concat([this.#held, data]);
      this.#wake?.();
    });
    const end = (error?: Error): void => {
      this.#ended ??= error ?? new Error('the server closed the connection');
      this.#wake?.();
    };
    socket.on('error', end);
    socket.on('close', () => end());
  }

  async next(): Promise<Message> {
    for (;;) {
      if (this.#held.length >= 5) {
        const length = this.#held.readInt32BE(1);
        if (this.#held.length >= length + 1) {
          const found = { type: String.fromCharCode(this.#held[0] ?? 0), body: this.#held.subarray(5, length + 1) };
          this.#held = this.#held.subarray(length + 1);
          return found;
        }
      }
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function startup({ user, database }: PgTarget, name: string): Buffer {
  const words = zero(['user', user, 'database', database, 'application_name', name, 'client_encoding', 'UTF8', ''].join('\0'));
  const head = Buffer.alloc(8);
  head.writeInt32BE(words.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, words]);
}

async function authenticate(target: PgTarget, socket: net.Socket, reader: MessageReader): Promise<void> {
  let scram: Scram | undefined;
  for (;;) {
    const { type, body } = await reader.next();
    if (type === 'E') throw new Error(errorText(body));
    if (type === 'Z') return;
    if (type !== 'R') continue;
    const kind = body.readInt32BE(0);
    const rest = body.subarray(4);
    if (kind === 3) {
      if (!(socket instanceof tls.TLSSocket)) throw new Error('the server asks for the password in clear over an open connection');
      socket.write(message('p', zero(target.password)));
    } else if (kind === 5) socket.write(message('p', zero(md5Answer(target, rest))));
    else if (kind === 10) {
      if (!rest.toString('utf8').split('\0').includes('SCRAM-SHA-256')) throw new Error('the server offers no way to log in that is known here');
      scram = new Scram(target.password);
      const first = Buffer.from(scram.first, 'utf8');
      const size = Buffer.alloc(4);
      size.writeInt32BE(first.length, 0);
      socket.write(message('p', Buffer.concat([zero('SCRAM-SHA-256'), size, first])));
    } else if (kind === 11) socket.write(message('p', Buffer.from(scram?.answer(rest.toString('utf8')) ?? '', 'utf8')));
    else if (kind === 12) scram?.verify(rest.toString('utf8'));
    else if (kind !== 0) throw new Error(`the server asks for a way to log in that is not known here (${kind})`);
  }
}

/** SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677). */
class Scram {
  readonly #password: string;
  readonly #bare = `n=,r=${randomBytes(18).toString('base64')}`;
  #server = '';

  constructor(password: string) {
    this.#password = password;
  }

  get first(): string {
    return `n,,${this.#bare}`;
  }

  answer(challenge: string): string {
    const fields = new Map(challenge.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
    const nonce = fields.get('r') ?? '';
    if (!nonce.startsWith(this.#bare.slice('n=,r='.length))) throw new Error('the server answered for somebody else');
    const salted = pbkdf2Sync(this.#password.normalize('NFKC'), Buffer.from(fields.get('s') ?? '', 'base64'), Number(fields.get('i')), 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const final = `c=biws,r=${nonce}`;
    const signed = `${this.#bare},${challenge},${final}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    this.#server = hmac(hmac(salted, 'Server Key'), signed).toString('base64');
    return `${final},p=${proof.toString('base64')}`;
  }

  verify(final: string): void {
    if (!final.split(',').includes(`v=${this.#server}`)) throw new Error('the server does not know the password it was asked to prove it knows');
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function md5Answer({ user, password }: PgTarget, salt: Buffer): string {
  const inner = createHash('md5')
    .update(password + user)
    .digest('hex');
  return `md5${createHash('md5').update(inner).update(salt).digest('hex')}`;
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function zero(text: string): Buffer {
  return Buffer.concat([Buffer.from(text, 'utf8'), Buffer.from([0])]);
}

function readRow(body: Buffer): (string | null)[] {
  const row: (string | null)[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + length));
    if (length > 0) at += length;
  }
  return row;
}

/** `FATAL: password authentication failed for user "x"`. */
function errorText(body: Buffer): string {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((part) => [part.slice(0, 1), part.slice(1)]),
  );
  return `${fields.get('S') ?? 'ERROR'}: ${fields.get('M') ?? 'unknown'}`;
}
