import { isObject } from '../../../core/index.ts';
import { nextQuery, Refused, saidBy, Session, type SessionOptions } from '../../live/index.ts';

/** What a cloud said to one question, or why it did not. */
export type Said =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  /** `reason`: a status (`403`), or what kept it from being asked (`ECONNREFUSED`, `timeout`, `no such service`). */
  | { readonly ok: false; readonly reason: string; readonly message: string };

export interface CloudLimits {
  readonly timeout?: number | undefined;
  readonly rate?: number | undefined;
}

/** Pages of one list that are asked for. */
const mostPages = 20;

/** One log-in at one OpenStack: every question is asked once, whoever asks. */
export class AskedCloud {
  readonly session: Session;
  readonly login: Pick<SessionOptions, 'variables' | 'projectName' | 'endpoints' | 'region'>;
  readonly #answers = new Map<string, Promise<Said>>();
  readonly #limits: CloudLimits;
  #opened: Promise<Said> | undefined;

  constructor(login: AskedCloud['login'], limits: CloudLimits) {
    this.login = login;
    this.#limits = limits;
    this.session = this.#sessionOf(login);
  }

  #sessionOf(login: AskedCloud['login']): Session {
    const { timeout = 15_000, rate = 25 } = this.#limits;
    return new Session({ ...login, timeout, rate, tries: 2, firstPause: 200 });
  }

  /** Logs in, once. */
  open(): Promise<Said> {
    this.#opened ??= said(async () => {
      await this.session.logIn();
      return { ok: true, body: {} };
    });
    return this.#opened;
  }

  /** Whether the same log-in works without its project: then it is the project that is wrong. */
  async opensWithoutProject(): Promise<boolean> {
    const variables = Object.fromEntries(Object.entries(this.login.variables).filter(([name]) => !/^OS_(?:PROJECT|TENANT)_(?:ID|NAME)$/u.test(name)));
    const session = this.#sessionOf({ variables });
    try {
      await session.logIn();
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    } finally {
      session.close();
    }
  }

  /** GET below a service's endpoint. */
  ask(service: string, path: string): Promise<Said> {
    const key = `${service} ${path}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = said(async () => {
        const got = await this.session.get(service, path);
        if (got.status === 200) return { ok: true, body: got.body };
        return { ok: false, reason: String(got.status), message: `GET ${path.replace(/\?.*$/u, '')}: ${got.status}${saidBy(got)}` };
      });
      this.#answers.set(key, answer);
    }
    return answer;
  }

  /** A list a service gives, whole, page by page; what has more pages than are asked for counts as not answered. */
  async list(service: string, path: string, key: string): Promise<readonly Readonly<Record<string, unknown>>[] | Extract<Said, { ok: false }>> {
    const [plain = ''] = path.split('?');
    const all: Readonly<Record<string, unknown>>[] = [];
    const asked = new Set<string>();
    let page: string | undefined = path;
    while (page !== undefined) {
      if (asked.size === mostPages) return { ok: false, reason: 'format', message: `GET ${plain}: more than ${mostPages} pages` };
      asked.add(page);
      const answer: Said = await this.ask(service, page);
      if (!answer.ok) return answer;
      const found = answer.body[key];
      if (!Array.isArray(found)) return { ok: false, reason: 'format', message: `GET ${plain}: the answer has no list "${key}"` };
      all.push(...(found as unknown[]).filter(isObject));
      const query = nextQuery(answer.body, key);
      // A service that knows no pages leads to the same one for ever.
      page = query === undefined || asked.has(`${plain}${query}`) ? undefined : `${plain}${query}`;
    }
    return all;
  }

  close(): void {
    this.session.close();
  }
}

/** What a cloud said, or that it did not. */
export async function said(work: () => Promise<Said>): Promise<Said> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, reason: error.reason, message: error.message };
  }
}

/** Whether nobody answered at all, in contrast to an answer that refuses. */
export function isDead(reason: string): boolean {
  return !/^[1-4]\d\d$/u.test(reason) && reason !== 'no such service' && reason !== 'format' && reason !== 'no credentials';
}
