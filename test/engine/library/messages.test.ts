import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { apply, messageText, Orchestrator, plan, reporting, type EngineMessage } from '../../../modules/engine/index.ts';
import { noEngine, stackOf } from '../fixtures.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const made = fs.mkdtempSync(path.join(tmpdir(), 'vcloud-library-'));
afterAll(() => fs.rmSync(made, { recursive: true, force: true }));

describe('the engine as a library', () => {
  it('prints nothing: only the command line does', () => {
    const files = fs
      .readdirSync(path.join(repository, 'modules'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('report/client'));
    const speaking = files.filter((name) =>
      /\bconsole\.|process\.(?:stdout|stderr)\.write|process\.exit\b/u.test(fs.readFileSync(path.join(repository, 'modules', name), 'utf8')),
    );
    expect(files.length).toBeGreaterThan(300);
    // One hands on what ssh-keygen asks of the person at the terminal; the other is a process of its own that answers on its output.
    expect(speaking.filter((name) => name.startsWith('engine/')).sort()).toEqual(['engine/adapters/pulumi/worker.ts', 'engine/approval/ssh.ts']);
  });

  it.skipIf(noEngine !== undefined)(
    `tells by typed messages, and a reporter shows the same${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`,
    async () => {
      const root = path.join(made, 'typed');
      fs.mkdirSync(root);
      const stacks = [stackOf({ path: 'a.one', resources: { x: { input: 1 } } })];
      const messages: EngineMessage[] = [];
      const engine = new Orchestrator({ root, stacks, onMessage: (message) => messages.push(message) });
      const { directory = '' } = await engine.plan();
      expect((await engine.show({ directory })).stacks.map((stack) => [stack.path, stack.add])).toEqual([['a.one', 1]]);
      expect((await engine.apply({ directory })).stacks.map(({ result }) => result)).toEqual(['applied']);
      expect((await engine.drift()).stacks.map(({ state }) => state)).toEqual(['none']);
      expect((await engine.states()).map(({ stack, resources }) => [stack, resources])).toEqual([['a.one', 1]]);
      expect(
        messages
          .filter(({ code }) => code !== 'ENGINE-STEP-PROGRESS')
          .map((message) => [message.code, 'step' in message ? message.step : '', 'stack' in message ? message.stack : '']),
      ).toEqual(
        ['plan', 'apply', 'drift'].flatMap((step) => [
          ['ENGINE-STEP-START', step, ''],
          ['ENGINE-STACK-END', step, 'a.one'],
          ['ENGINE-STEP-END', step, ''],
        ]),
      );
      // The old way of listening hears the same.
      const lines: string[] = [];
      const reporter = {
        start: (step: string) => lines.push(`start ${step}`),
        progress: () => {},
        end: () => lines.push('end'),
        note: (text: string) => lines.push(text),
      };
      for (const message of messages) reporting(reporter, 'en')(message);
      expect(lines).toEqual(['start plan', 'end', 'start apply', 'end', 'start drift', 'end']);
      lines.length = 0;
      await apply({ root, stacks, directory: (await plan({ root, stacks, reporter })).directory ?? '', reporter });
      expect(lines).toEqual(['start plan', 'end', 'start apply', 'end']);
      const retry: EngineMessage = { code: 'ENGINE-RETRY', level: 'warning', step: 'apply', stack: 'a.one', what: 'connection cut', attempt: 2, pause: 500 };
      expect([messageText(retry), messageText(retry, 'vi')]).toEqual([
        'a.one: connection cut, nothing was begun; attempt 2 in 500 ms',
        'a.one: connection cut, chưa bắt đầu gì; lần thử 2 sau 500 ms',
      ]);
    },
  );
});
