import * as path from 'node:path';
import { fail } from '../../../modules/core/basics.ts';
import type { Verb } from '../../kit.ts';
import { chdir, engineOf, prepared } from './shared.ts';

export const importVerb: Verb = {
  name: 'import',
  summary: 'take objects that exist already into stacks that declare them',
  description: `Asks for an object that was made by hand, or by another tool, to be taken into the state of a stack. Nothing happens at once: the next plan of the stack has an import block for it, says what it would change of the object, and is reviewed and applied like any change. No file of an existing folder is changed.

The address must be declared and not in the state; the object must be in no state. Of what a module of an existing folder declares only the call of the module is looked up. Without arguments it lists what is asked for. --drop takes it back, as long as it is not applied.

--file takes many at once, all or none: CSV with the columns stack, address, id, or YAML "imports: [{stack, address, id}]".

data of --json: [{stack, imports: [{address, id}]}], everything still asked for of the stacks concerned`,
  arguments: [
    { syntax: '[stack]', description: 'path of the stack' },
    { syntax: '[address]', description: 'where it declares the object, with an index where there are several' },
    { syntax: '[id]', description: "what the provider's import takes; mostly the object's id" },
  ],
  options: [
    { flags: '--file <file>', description: 'many at once, from CSV or YAML' },
    { flags: '--drop', description: 'take it back: of one address, or of the whole stack' },
  ],
  examples: [
    {
      line: 'vcloud import mst.ndxp.workload openstack_networking_network_v2.web 5f3b2a10-8c6e-4f0a-9f63-0c7d8d1f2b11',
      does: 'the next plan takes this network in',
    },
    { line: 'vcloud import --file found.csv', does: 'asks for all objects of a table' },
    { line: 'vcloud import', does: 'lists what the next plans take in' },
    { line: 'vcloud import mst.ndxp.workload --drop', does: 'takes back what was asked for of this stack' },
  ],
  exits: { 0: 'done', 1: 'refused or error; nothing is asked for' },
  async run(context, [stack, address, id], options) {
    const { readImportFile } = await import('../../../modules/engine/index.ts');
    const engine = await engineOf(context, await prepared(context));
    const file = typeof options['file'] === 'string' ? path.resolve(options['file']) : undefined;
    if (file !== undefined && stack !== undefined) fail('CLI-USAGE', 'either a file or one object', { hint: 'leave the arguments or --file out' });
    if (file === undefined && stack !== undefined && options['drop'] !== true && (address === undefined || id === undefined))
      fail('CLI-USAGE', 'which object?', { hint: 'give stack, address and id' });
    const data =
      options['drop'] === true
        ? await engine.dropImports({ stack: stack ?? '', address })
        : file === undefined && stack === undefined
          ? await engine.imports()
          : await engine.import({
              imports:
                file === undefined ? [{ stack: stack ?? '', address: address ?? '', id: id ?? '' }] : readImportFile(path.dirname(file), path.basename(file)),
            });
    const vi = context.language === 'vi';
    const lines = data.flatMap((one) => [one.stack, ...one.imports.map((item) => `  <- ${item.address}  ${item.id}`)]);
    if (data.length === 0) lines.push(vi ? 'Không có gì chờ tiếp nhận.' : 'Nothing is to be taken in.');
    else lines.push('', `${vi ? 'Tiếp theo:' : 'Next:'} vcloud plan${chdir(context)}`);
    return { exit: 0, data, text: lines.join('\n') };
  },
};
