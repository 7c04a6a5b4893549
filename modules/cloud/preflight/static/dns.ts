import { isFault, readAddress } from '../../../network/index.ts';
import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import { keyOf, ownKey } from './subnets.ts';

const types = new Set(['A', 'AAAA', 'CAA', 'CERT', 'CNAME', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SPF', 'SRV', 'SSHFP', 'TXT']);

/** Zones and records say what Designate takes (DNS API v2): names end with a dot, records lie in their zone. */
export function checkDns(world: PlannedWorld, findings: Findings): void {
  const names = new Map<string, string>();
  for (const item of world.items('openstack_dns_zone_v2')) {
    findings.look('dns', item, 'zone');
    const name = world.text(item, 'name');
    if (name !== undefined) {
      names.set(ownKey(item), name);
      checkName(findings, item, name);
    }
    const type = world.text(item, 'type') ?? 'PRIMARY';
    if (!['PRIMARY', 'SECONDARY'].includes(type)) findings.fail('dns', item, `type "${type}" is neither PRIMARY nor SECONDARY`, 'write one of them');
    const email = world.value(item, 'email');
    if (type === 'PRIMARY' && email.known && !/^[^@\s]+@[^@\s]+$/u.test(textIn(email) ?? ''))
      findings.fail(
        'dns',
        item,
        textIn(email) === undefined ? 'a primary zone needs an e-mail address' : `email "${textIn(email) ?? ''}" is no e-mail address`,
        'set email',
      );
  }
  for (const item of world.items('openstack_dns_recordset_v2')) {
    findings.look('dns', item, 'record set');
    checkRecords(world, findings, item, names.get(keyOf(world, item, 'zone_id') ?? ''));
  }
}

function checkRecords(world: PlannedWorld, findings: Findings, item: Item, zone: string | undefined): void {
  const name = world.text(item, 'name');
  if (name !== undefined) {
    checkName(findings, item, name);
    if (zone !== undefined && name.endsWith('.') && name !== zone && !name.toLowerCase().endsWith(`.${zone.toLowerCase()}`))
      findings.fail('dns', item, `"${name}" does not lie in its zone "${zone}"`, `let it end with ".${zone}"`);
  }
  const type = world.text(item, 'type');
  if (type !== undefined && !types.has(type)) findings.fail('dns', item, `type "${type}" is none Designate knows`, `write one of ${[...types].join(', ')}`);
  const given = item.body['records'];
  for (const one of Array.isArray(given) ? (given as unknown[]) : []) {
    const record = textIn(world.resolve(item, one));
    if (record === undefined) continue;
    const read = type === 'A' || type === 'AAAA' ? readAddress(record) : undefined;
    if (read !== undefined && (isFault(read) || read.family !== (type === 'A' ? 'v4' : 'v6')))
      findings.fail('dns', item, `"${record}" is no address of an ${type ?? ''} record`, type === 'A' ? 'write an IPv4 address' : 'write an IPv6 address');
    if ((type === 'CNAME' || type === 'NS' || type === 'PTR') && !record.endsWith('.'))
      findings.fail('dns', item, `"${record}" does not end with a dot`, `write "${record}."`);
  }
}

function checkName(findings: Findings, item: Item, name: string): void {
  if (!name.endsWith('.')) {
    findings.fail('dns', item, `"${name}" does not end with a dot`, `write "${name}."`);
    return;
  }
  const labels = name.slice(0, -1).split('.');
  const bad = labels.find((label) => label.length === 0 || label.length > 63 || !/^[A-Za-z0-9_*](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/u.test(label));
  if (bad !== undefined || name.length > 254)
    findings.fail('dns', item, `"${name}" is no name: "${bad ?? name.slice(0, 20)}"`, 'labels are 1 to 63 letters, digits and hyphens (RFC 1035)');
}
