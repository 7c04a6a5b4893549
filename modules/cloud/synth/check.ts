import { didYouMean, isObject, Problems } from '../../core/index.ts';
import type { RenderedStack } from './render.ts';

/**
 * Every state that is read is a stack's, and has the output: Terraform would say so only when that stack is applied.
 * @throws ProblemError CLOUD-READ-STACK, CLOUD-READ-OUTPUT
 */
export function checkReads(stacks: readonly RenderedStack[]): void {
  const problems = new Problems();
  const byPath = new Map(stacks.map((stack) => [stack.path, stack]));
  for (const stack of stacks) {
    if (stack.reads.length === 0) continue;
    for (const [producer, output] of outputsRead(stack.json)) {
      const found = byPath.get(producer);
      if (!found) {
        problems.error('CLOUD-READ-STACK', `reads the state of ${producer}, which is no stack`, {
          subject: stack.path,
          hint: didYouMean(producer, byPath.keys()) ?? 'declare that tenant, or read another',
        });
        continue;
      }
      const outputs = Object.keys((JSON.parse(found.json) as { output?: object }).output ?? {});
      if (output !== undefined && !outputs.includes(output))
        problems.error('CLOUD-READ-OUTPUT', `reads "${output}" of ${producer}, which gives no such output`, {
          subject: stack.path,
          hint: didYouMean(output, outputs) ?? `it gives: ${outputs.join(', ') || 'none'}`,
        });
    }
  }
  problems.throwIfErrors();
}

/** Producer and output of every reference to another state; the output is undefined where only the state is named. */
function outputsRead(json: string): [string, string | undefined][] {
  const document = JSON.parse(json) as { data?: { terraform_remote_state?: Record<string, unknown> } };
  return Object.entries(document.data?.terraform_remote_state ?? {}).flatMap(([name, body]) => {
    const config = isObject(body) && isObject(body['config']) ? body['config'] : {};
    const producer = /^\.\.\/([^/]+)\/terraform\.tfstate$/u.exec(String(config['path']))?.[1];
    if (producer === undefined) return [];
    const outputs = new Set(
      [...json.matchAll(new RegExp(`terraform_remote_state\\.${name.replaceAll('.', '\\.')}\\.outputs\\.([\\w-]+)`, 'gu'))].map(([, output]) => output),
    );
    return outputs.size === 0 ? [[producer, undefined]] : [...outputs].map((output) => [producer, output] as [string, string | undefined]);
  });
}
