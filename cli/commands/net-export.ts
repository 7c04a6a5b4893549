import * as path from 'node:path';
import { fail, plural, writeFileAtomic } from '../../modules/core/basics.ts';
import type { AddressPlan, ExportFormat, ExportSelection } from '../../modules/network/index.ts';
import type { Outcome, Verb } from '../kit.ts';
import { planned, type Options } from './net.ts';

const formats = ['reverse', 'neutron', 'netbox-csv', 'netbox-yaml', 'csv', 'xlsx', 'json', 'tfvars'] as const;

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const exportVerb: Verb = {
  name: 'net export',
  summary: 'write the address plan in the format of another program',
  description:
    'What is exported is the plan as allocated, or one pool, domain or key of it:\n  reverse      zone files: IPv6 cut at nibbles, IPv4 at octets, RFC 2317 below; -o is a folder\n  neutron      requests for address scopes and subnet pools\n  netbox-csv   prefixes for the import of NetBox; VRFs (domains), tenants (holders) and roles must be there\n  netbox-yaml  the same as YAML\n  csv, xlsx    tables for people; no cell can become a formula\n  json         every block with its bounds\n  tfvars       Terraform variables, subnet pools included (NAME.auto.tfvars.json)\nJSON data: { format, files, bytes }; without -o also text.',
  options: [
    { flags: '--format <format>', description: 'what to write', choices: formats, default: 'json' },
    { flags: '--pool <name>', description: 'only this pool' },
    { flags: '--domain <name>', description: 'only pools of this routing domain' },
    { flags: '--under <key>', description: 'only what this key holds' },
    { flags: '--ns <host...>', description: 'for reverse: the name servers of the zones' },
    { flags: '--servers <file>', description: 'for reverse: CSV with columns holder,server: servers of single keys or owners' },
    { flags: '--contact <mail>', description: 'for reverse: the person responsible (SOA)' },
    { flags: '-o, --output <file>', description: 'where to write; standard output without it' },
  ],
  examples: [
    { line: 'vcloud net export --format xlsx -o plan.xlsx', does: 'writes a workbook, one sheet for each pool' },
    {
      line: 'vcloud net export --format reverse --pool gov-v6 --ns ns1.example.gov.vn --ns ns2.example.gov.vn -o zones',
      does: 'writes the reverse zones of a pool and of what it delegates',
    },
    { line: 'vcloud net export --format neutron --under agency/ha-noi', does: 'prints the requests that give an agency its subnet pools' },
  ],
  exits: { 0: 'written', 1: 'error; nothing was written' },
  async run(context, _args, options): Promise<Outcome> {
    const format = text(options['format']) ?? 'json';
    const output = text(options['output']);
    const selection: ExportSelection = { pool: text(options['pool']), domain: text(options['domain']), under: text(options['under']) };
    const { addressPlan } = await planned(context);
    if (format === 'reverse') return await reverse(context.root, addressPlan, selection, options, output);
    const { exportPlan } = await import('../../modules/network/export/index.ts');
    const content = exportPlan(addressPlan, format as ExportFormat, selection);
    const bytes = Buffer.byteLength(content);
    if (output !== undefined) {
      writeFileAtomic(path.resolve(context.root, output), content);
      return { exit: 0, data: { format, files: [output], bytes }, text: `wrote ${output} (${plural(bytes, 'byte')})` };
    }
    if (typeof content !== 'string') fail('CLI-USAGE', `${format} is not text`, { hint: 'name a file: -o plan.xlsx' });
    return { exit: 0, data: { format, files: [], bytes, text: content }, text: content };
  },
};

async function reverse(root: string, plan: AddressPlan, selection: ExportSelection, options: Options, output: string | undefined): Promise<Outcome> {
  const { readServers, reverseFiles } = await import('../../modules/network/export/index.ts');
  const nameServers = (Array.isArray(options['ns']) ? (options['ns'] as string[]) : []).flatMap((item) => item.split(','));
  const servers = text(options['servers']);
  const files = reverseFiles(plan, {
    ...selection,
    nameServers,
    contact: text(options['contact']),
    serversOf: servers === undefined ? undefined : readServers(root, servers),
  });
  const bytes = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  const names = [...files.keys()];
  if (output === undefined) {
    const content = [...files].map(([name, file]) => `; ${name}\n${file}`).join('\n');
    return { exit: 0, data: { format: 'reverse', files: [], bytes, text: content }, text: content };
  }
  // Only what is named is written: the folder may hold other files.
  for (const [name, content] of files) writeFileAtomic(path.resolve(root, output, name), content, { durable: false });
  return {
    exit: 0,
    data: { format: 'reverse', files: names.map((name) => `${output}/${name}`), bytes },
    text: `wrote ${plural(files.size - 1, 'zone')} and parents.json to ${output}`,
  };
}

/** `vcloud net export`: the address plan in the formats of other programs. */
export const netExportVerbs: readonly Verb[] = [exportVerb];
