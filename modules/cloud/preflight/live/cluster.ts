import type { JsonObject } from '../../../core/index.ts';
import type { ClusterLogin } from '../../../engine/index.ts';
import { ClusterSession, saidBy } from '../../live/index.ts';
import { said, type CloudLimits, type Said } from './cloud.ts';

/** One log-in at one cluster: every question is asked once. */
export class AskedCluster {
  readonly login: ClusterLogin;
  readonly #session: ClusterSession;
  readonly #answers = new Map<string, Promise<Said>>();

  constructor(login: ClusterLogin, { timeout = 15_000, rate = 25 }: CloudLimits) {
    this.login = login;
    this.#session = new ClusterSession(login, { timeout, rate, tries: 2, firstPause: 200 });
  }

  ask(at: string, body?: JsonObject): Promise<Said> {
    const key = `${at} ${JSON.stringify(body ?? null)}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) this.#answers.set(key, (answer = this.#send(at, body)));
    return answer;
  }

  #send(at: string, body: JsonObject | undefined): Promise<Said> {
    return said(async () => {
      const got = await (body === undefined ? this.#session.get(at) : this.#session.send('POST', at, body));
      if (got.status >= 200 && got.status < 300) return { ok: true, body: got.body };
      return { ok: false, reason: String(got.status), message: `${at}: ${got.status}${saidBy(got)}` };
    });
  }

  close(): void {
    this.#session.close();
  }
}
