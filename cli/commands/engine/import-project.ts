import { fail, plural } from '../../../modules/core/basics.ts';
import type { ImportedProject } from '../../../modules/federate.ts';
import type { Context, Verb } from '../../kit.ts';
import { chdir, textOf } from './shared.ts';

export const importProjectVerb: Verb = {
  name: 'import project',
  summary: 'declare a project that was made by hand, and take all it holds in',
  description: `Reads everything a project of an OpenStack cloud holds, with that cloud's credentials from vcloud.yaml (those of the tenant, where there are some), and proposes its declaration: a tenant in YAML and a program of plain constructs with references and readable names. The provider itself reads every object and judges every body, so that the plan that follows imports and changes nothing.

Without --write it shows what it would write. With it the two files are written and the imports asked for, all or none; "vcloud plan" then shows only imports, to be reviewed and applied like any change.

What is not declared is listed with the reason: what the cloud made by itself, what the provider cannot import, secrets (their content is never read nor written). What the provider does not read back (groups and addresses of ports, ports of servers) is declared as the cloud has it and named in ignoreChanges: take that line away once you want plans to hold it. Kinds that could not be read are unknown and named. Subnets inside a pool of the address plan come with the need to add to it.

data of --json: {stack, tenant, project: {name, id}, files: {PATH: TEXT}, imports: [{address, id}], left: [{type, id, name, because, whose}], unread: [{kind, reason}], subnets: [{name, prefix, pool, need}], written, pending}; whose one of cloud, state, project`,
  arguments: [
    { syntax: '<cloud>', description: 'cloud as it is declared' },
    { syntax: '<project>', description: 'name of the project in that cloud' },
  ],
  options: [
    { flags: '--as <tenant>', description: "id of the tenant it becomes; the project's name by default" },
    { flags: '--agency <id>', description: "organisation that owns it; the member's own by default" },
    { flags: '--write', description: 'write the declaration and ask for the imports' },
  ],
  examples: [
    { line: 'vcloud import project mst-hn portal-old --as portal', does: 'shows the declaration of a project made by hand' },
    { line: 'vcloud import project mst-hn portal-old --as portal --write', does: 'writes it; the next plan takes the objects in' },
  ],
  exits: {
    0: 'everything of the project is in the declaration, or was made by the cloud itself',
    1: 'refused or error; nothing is written',
    2: 'so it is, and something stays undeclared or could not be read: it is listed',
  },
  async run(context, [cloud, project], options) {
    if (cloud === undefined || project === undefined) fail('CLI-USAGE', 'which project of which cloud?');
    const { importProject } = await import('../../../modules/federate.ts');
    const { root, asOf, reporter } = context;
    const found = await importProject(root, {
      ...{ asOf, reporter, cloud, project },
      tenant: textOf(options['as']),
      agency: textOf(options['agency']),
      write: options['write'] === true,
    });
    const open = found.unread.length > 0 || found.left.some(({ whose }) => whose === 'project');
    return { exit: open ? 2 : 0, data: found, text: textOfProject(found, context) };
  },
};

function textOfProject(found: ImportedProject, context: Context): string {
  const vi = context.language === 'vi';
  const kinds = new Set(found.imports.map(({ address }) => address.split('.')[0])).size;
  const { left, unread, subnets, files, written } = found;
  const made = left.filter(({ whose }) => whose === 'cloud');
  const open = left.filter(({ whose }) => whose === 'project');
  const declared = left.filter(({ whose }) => whose === 'state').length;
  return [
    `${found.stack}: ${vi ? `${found.imports.length} đối tượng thuộc ${kinds} loại sẽ được tiếp nhận` : `${plural(found.imports.length, 'object')} of ${plural(kinds, 'kind')} to take in`}`,
    ...(open.length === 0 ? [] : ['', vi ? 'Không khai báo:' : 'Not declared:']),
    ...open.map(({ type, name, id, because }) => `  ! ${type}  ${name ?? id}: ${because}`),
    ...(unread.length === 0 ? [] : ['', vi ? 'Không đọc được, nên không rõ:' : 'Could not be read, so unknown:']),
    ...unread.map(({ kind, reason }) => `  ? ${kind}: ${reason}`),
    ...(made.length === 0 ? [] : ['', vi ? 'Do chính đám mây tạo ra:' : 'Made by the cloud itself:']),
    ...[...new Set(made.map(({ type, because }) => `${type}: ${because}`))].map((line) => `  . ${line}`),
    ...(declared === 0 ? [] : ['', vi ? `Đã được khai báo: ${declared} đối tượng` : `Declared already: ${plural(declared, 'object')}`]),
    ...(subnets.length === 0 ? [] : ['', vi ? 'Kế hoạch địa chỉ:' : 'Address plan:']),
    ...subnets.map(({ name, prefix, need }) => `  ${prefix}  ${name}  ${need ?? (vi ? 'không thuộc pool nào' : 'in no pool of the plans')}`),
    '',
    ...(written
      ? [...Object.keys(files).map((file) => `${vi ? 'đã ghi' : 'written'} ${file}`), `${vi ? 'Tiếp theo:' : 'Next:'} vcloud plan${chdir(context)}`]
      : Object.entries(files).flatMap(([file, text]) => [`--- ${file}`, text])),
  ].join('\n');
}
