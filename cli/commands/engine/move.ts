import type { Handed } from '../../../modules/federate.ts';
import type { Context, Outcome, Verb } from '../../kit.ts';
import { chdir, prepared } from './shared.ts';

const description = `Between two stacks: moves a resource with all its instances from one state to another, and touches nothing real. It must be declared in the other stack already and in this one no more: if the next plan of either would create, replace or destroy it, nothing is moved. Both states are saved first. Cut off half way, the same command goes on, and no plan is made until then.

Within a stack, once the declaration was renamed: writes the old and the new name (addresses, or constructs by their path in the stack) under "moves:" of vcloud.yaml. The next plan then keeps what is there under the new name ("->"), instead of destroying and making it again.

Where one of them is an existing folder nothing is written, and the blocks to write there are shown: "moved" within a folder, "removed" with destroy = false and "import" between two.

data of --json: {kind: "moved", from, to, address, instances, backup}, {kind: "declared", stack, file, moves: [{from, to}]} or {kind: "proposed", blocks: [{stack, folder, text}]}`;

/** Parts "move" and "state move" share. */
export const moveParts = {
  description,
  arguments: [
    { syntax: '<stack>', description: 'path of the stack it is in' },
    { syntax: '<address>', description: 'address of the resource, without an index; within a stack also the path a construct had' },
    { syntax: '<to>', description: 'path of the stack it goes to; or within the stack the name it has now' },
  ],
  exits: {
    0: 'moved, or written down for the next plan',
    1: 'refused or error; states and files are as they were',
    2: 'shown what to write into existing folders',
  },
  async run(context: Context, [from = '', address = '', to = '']: readonly string[]): Promise<Outcome> {
    const { handOver } = await import('../../../modules/federate.ts');
    const data = await handOver(context.root, await prepared(context), { from, address, to });
    return { exit: data.kind === 'proposed' ? 2 : 0, data, text: textOf(context, data) };
  },
} satisfies Partial<Verb>;

export const moveVerb: Verb = {
  name: 'move',
  summary: 'hand an object over to another stack, or keep it under another name',
  ...moveParts,
  examples: [
    { line: 'vcloud move mst.ndxp.workload openstack_networking_network_v2.web mst.ndxp.platform', does: 'hands this network over to the platform stack' },
    { line: 'vcloud move mst.ndxp.workload web front', does: 'keeps all that the construct "web" made, which is called "front" now' },
  ],
};

function textOf(context: Context, data: Handed): string {
  const vi = context.language === 'vi';
  if (data.kind === 'moved')
    return `${data.address}: ${data.from} -> ${data.to}\n${vi ? 'Hai trạng thái trước đó:' : 'Both states as they were:'} ${data.backup}`;
  if (data.kind === 'declared') {
    const lines = data.moves.map((one) => `-> ${one.from} -> ${one.to}`);
    return [...lines, `${vi ? 'Đã ghi vào' : 'Written to'} ${data.file} (moves:)`, '', `${vi ? 'Tiếp theo:' : 'Next:'} vcloud plan${chdir(context)}`].join(
      '\n',
    );
  }
  const head = vi ? 'Tệp của thư mục có sẵn không bị thay đổi. Hãy tự ghi:' : 'No file of an existing folder is changed. Write there:';
  const where = (folder: string | undefined): string => folder ?? (vi ? '(do chương trình tạo)' : '(made by a program: declare it there)');
  return [head, ...data.blocks.flatMap((block) => ['', `# ${block.stack}  ${where(block.folder)}`, block.text.trimEnd()])].join('\n');
}
