// A program that plans, shows, approves and applies some stacks of a federation: the engine without the command line.
// node docs/examples/deploy.ts FOLDER SELECTION
// It prints what happens as JSON lines, applies nothing that would destroy something, and ends with the codes of `vcloud apply`.
import { orchestrate, ProblemError } from 'vcloud';
import { applyVerdict, type EngineMessage } from 'vcloud/engine';

const [root = '.', selection = 'changed'] = process.argv.slice(2);

/** Programs decide by code; what they do not know they pass over. */
function onMessage(message: EngineMessage): void {
  switch (message.code) {
    case 'ENGINE-STACK-END':
      say({ step: message.step, stack: message.stack, failed: message.failed });
      break;
    case 'ENGINE-RETRY':
      say({ retried: message.stack, attempt: message.attempt });
      break;
    default:
  }
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function deploy(): Promise<number> {
  const asOf = new Date().toISOString().slice(0, 10);
  const engine = await orchestrate(root, { asOf, onMessage });
  const planned = await engine.plan({ select: { expressions: [selection] } });
  const { directory } = planned;
  if (directory === undefined || planned.stacks.some(({ state }) => state === 'failed')) return 1;

  const review = await engine.show({ directory });
  const gone = review.effects.filter(({ effect }) => effect === 'destroy' || effect === 'replace');
  say({ plan: review.plan, add: planned.stacks.reduce((sum, { add }) => sum + add, 0), gone: gone.length });
  if (gone.length > 0) return 1;

  if (review.approvals.length > 0) await engine.approve({ directory, asOf });
  const applied = await engine.apply({ directory });
  return applyVerdict(applied.stacks);
}

try {
  process.exitCode = await deploy();
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  for (const { code, subject, message } of error.problems) say({ code, subject, message });
  process.exitCode = 1;
}
