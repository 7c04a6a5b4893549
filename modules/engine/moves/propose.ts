import { fail } from '../../core/index.ts';
import { openForStates, type StateOptions } from '../store/open.ts';
import { parseState, resourcesIn } from '../state.ts';

/** Blocks for somebody to write into an existing folder, of which the toolkit changes no file. */
export interface ProposedBlock {
  readonly stack: string;
  /** The folder, relative to the federation's; absent: what is declared there is made by a program. */
  readonly folder?: string | undefined;
  /** HCL (Terraform 1.7 and later, OpenTofu 1.7 and later). */
  readonly text: string;
}

/**
 * What to write so that the next plans hand an object over where an existing folder is concerned: within one stack a `moved`
 * block; between two `removed` with `destroy = false` in the giver and `import` in the receiver. Nothing is changed.
 * @throws ProblemError ENGINE-MOVE-ADDRESS, ENGINE-MOVE-STATE
 */
export async function proposeMove(
  options: StateOptions,
  given: { readonly from: string; readonly address: string; readonly to: string; readonly newAddress?: string | undefined },
): Promise<ProposedBlock[]> {
  const { from, to, address, newAddress = address } = given;
  const open = await openForStates(options);
  const text = (await open.of(from).read([from])).get(from);
  const state = text === undefined ? undefined : parseState(text)?.state;
  if (state === undefined) fail('ENGINE-MOVE-STATE', 'it has no state to move anything from', { subject: from, hint: 'see "vcloud state list"' });
  const found = resourcesIn(from, state).filter((one) => one.address === address || one.address.startsWith(`${address}[`));
  if (found.length === 0)
    fail('ENGINE-MOVE-ADDRESS', `the state has no resource ${address}`, { subject: from, hint: '"vcloud state show" lists the addresses' });
  const folderOf = (name: string): string | undefined => options.stacks.find((stack) => stack.path === name)?.folder?.path;
  if (from === to) return [{ stack: from, folder: folderOf(from), text: `moved {\n  from = ${address}\n  to   = ${newAddress}\n}\n` }];
  const imports = found.map((one) => {
    const id = typeof one.attributes['id'] === 'string' ? one.attributes['id'] : '';
    return `import {\n  to = ${newAddress}${one.address.slice(address.length)}\n  id = ${JSON.stringify(id)}\n}\n`;
  });
  return [
    { stack: from, folder: folderOf(from), text: `removed {\n  from = ${address}\n  lifecycle {\n    destroy = false\n  }\n}\n` },
    { stack: to, folder: folderOf(to), text: imports.join('\n') },
  ];
}
