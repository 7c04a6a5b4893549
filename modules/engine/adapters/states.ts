import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { fail } from '../../core/index.ts';
import { stateFolder } from '../folders.ts';
import type { DeclaredStack } from '../types.ts';

/**
 * Refuses stacks that Pulumi holds, before Terraform or OpenTofu plans them: everything they have would be made a second time.
 * @throws ProblemError ENGINE-OTHER-STATE naming all of them
 */
export function refusePulumiStates(root: string, stacks: readonly Pick<DeclaredStack, 'path'>[]): void {
  const held = stacks.filter(({ path: name }) => existsSync(path.join(stateFolder(root, name), 'pulumi', '.pulumi', 'stacks')));
  if (held.length === 0) return;
  fail('ENGINE-OTHER-STATE', `${held.map((stack) => stack.path).join(', ')}: applied with Pulumi, whose state this engine does not read`, {
    file: 'vcloud.yaml',
    hint: 'set engine.binary back to pulumi and destroy them there; then remove the folder "pulumi" of their states',
  });
}
