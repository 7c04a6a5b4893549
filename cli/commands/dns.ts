import * as path from 'node:path';
import { plural } from '../../modules/core/basics.ts';
import type { ZoneDiff } from '../../modules/dns/index.ts';
import type { Verb } from '../kit.ts';

/** Below the federation's folder; what lies there follows from the plans and is not in git. */
const outputFolder = 'out/dns';

export const dnsVerbs: readonly Verb[] = [
  {
    name: 'dns plan',
    summary: 'show what rendering would change in the zones',
    description: 'Works out all zones and compares them with those in out/dns, zone by zone and record by record. Writes nothing.',
    options: [{ flags: '--records', description: 'also list the records that come and go' }],
    examples: [
      { line: 'vcloud dns plan', does: 'one line for every zone that differs' },
      { line: 'vcloud dns plan --records --json', does: 'the same with all records, for a program' },
    ],
    exits: { 0: 'no differences', 1: 'the zones could not be worked out', 2: 'differences' },
    /** data: { add: zone[], remove: zone[], change: { zone, added: line[], removed: line[] }[], unchanged, files: path[] }. */
    async run({ root, asOf }, _arguments, options) {
      const { diffZones, openZones } = await import('../../modules/dns/index.ts');
      const diff = diffZones(await openZones(root, { asOf }), path.join(root, outputFolder));
      const changes = diff.add.length + diff.remove.length + diff.change.length + diff.files.length;
      return { exit: changes > 0 ? 2 : 0, data: diff, text: describeDiff(diff, options['records'] === true) };
    },
  },
  {
    name: 'dns render',
    summary: 'write zone files, server configuration and delegations',
    description: 'Writes out/dns: zones/*.zone in canonical form, knot.conf, zones.json and delegations.json. Files of zones that are gone are removed.',
    examples: [{ line: 'vcloud dns render', does: 'writes what `vcloud dns plan` showed' }],
    exits: { 0: 'written', 1: 'nothing was written: the zones could not be worked out' },
    /** data: { zones, records, added: path[], changed: path[], removed: path[] }, paths below out/dns. */
    async run({ root, asOf }) {
      const [{ openZones }, { withWriteLock, writeTree }] = await Promise.all([import('../../modules/dns/index.ts'), import('../../modules/core/index.ts')]);
      const set = await openZones(root, { asOf });
      const wrote = await withWriteLock(root, 'dns render', async () => writeTree(path.join(root, outputFolder), set.files));
      const records = set.zones.reduce((sum, zone) => sum + zone.records.reduce((inner, { data }) => inner + data.length, 0), 0);
      return {
        exit: 0,
        data: { zones: set.zones.length, records, ...wrote },
        problems: (set.findings ?? []).map((found) => ({ ...found, severity: 'warning' as const })),
        text: `${plural(set.zones.length, 'zone')}, ${plural(records, 'record')}: ${wrote.added.length} files added, ${wrote.changed.length} changed, ${wrote.removed.length} removed in ${outputFolder}`,
      };
    },
  },
  {
    name: 'dns check',
    summary: 'check all zones against the rules of the DNS',
    description:
      'Works out all zones and reports what resolvers, parents or signers would stumble over: aliases beside other records, missing glue, lone or neighbouring name servers, delegations that differ, names nobody holds, key timing. Writes nothing.',
    examples: [{ line: 'vcloud dns check', does: 'checks the zones of the federation in this folder' }],
    exits: { 0: 'clean', 1: 'could not check', 2: 'findings' },
    /** data: { zones, findings } (counts); the findings are in `problems`. */
    async run({ root, asOf }) {
      const { checkZones, openZones } = await import('../../modules/dns/index.ts');
      const set = await openZones(root, { asOf });
      const findings = checkZones(set).map((found) => ({ ...found, severity: 'warning' as const }));
      return {
        exit: findings.length > 0 ? 2 : 0,
        data: { zones: set.zones.length, findings: findings.length },
        problems: findings,
        text: `${findings.length === 0 ? 'clean' : plural(findings.length, 'finding')}: ${plural(set.zones.length, 'zone')} checked`,
      };
    },
  },
];

function describeDiff(diff: ZoneDiff, records: boolean): string {
  const lines = [...diff.add.map((zone) => `+ ${zone}`), ...diff.remove.map((zone) => `- ${zone}`)];
  for (const { zone, added, removed } of diff.change) {
    lines.push(`~ ${zone}  +${added.length} -${removed.length}`);
    if (records) lines.push(...removed.map((line) => `    - ${line}`), ...added.map((line) => `    + ${line}`));
  }
  for (const file of diff.files) lines.push(`~ ${outputFolder}/${file}`);
  lines.push(`${diff.add.length} zones to add, ${diff.change.length} to change, ${diff.remove.length} to remove, ${diff.unchanged} unchanged`);
  return lines.join('\n');
}
