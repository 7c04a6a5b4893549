import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as zlib from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { contains, loadAddressPlans, overlaps, parsePrefix, planAddresses, type AddressPlan } from '../../../modules/network/index.ts';
import { exportPlan, formulaSafe, netboxColumns, neutronPlan, reverseFiles, reverseZones } from '../../../modules/network/export/index.ts';
import { federationFolder } from '../folder.ts';

async function planOf(needs: string, pools = '  - { name: p, prefix: 10.0.0.0/16, domain: d, strategy: first-fit }'): Promise<AddressPlan> {
  const text = `apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\ndomains: [{ name: d }, { name: e }]\npools:\n${pools}\nneeds:\n${needs}\n`;
  const { addressPlan, problems } = planAddresses(await loadAddressPlans(federationFolder({ 'network-plans/a.yaml': text })));
  expect(problems).toEqual([]);
  return addressPlan;
}
const nameServers = ['ns1.example.', 'ns2.example.'];

describe('reverse zones', () => {
  it('delegate at octets, and below /24 by aliases (RFC 2317)', async () => {
    const plan = await planOf(
      '  - { key: a/a, pool: p, length: 26, owner: a }\n  - { key: a/b, pool: p, length: 24, owner: b }\n  - { key: a/c, pool: p, length: 23, owner: c }',
    );
    const { zones, parents } = reverseZones(plan, { nameServers });
    expect(zones.map(({ holder }) => holder).sort()).toEqual(['a/a', 'a/b', 'a/c', 'a/c', 'p']);
    const top = zones.find(({ holder }) => holder === 'p');
    const classless = zones.find(({ holder }) => holder === 'a/a');
    const aliases = top?.records.filter(({ type }) => type === 'CNAME') ?? [];
    expect(aliases).toHaveLength(64);
    for (const { name, data } of aliases) expect(data).toBe(`${name.split('.')[0] ?? ''}.${classless?.name ?? ''}`);
    expect(parents).toEqual([
      { holder: 'p', owner: undefined, prefix: '10.0.0.0/16', records: nameServers.map((data) => ({ name: '0.10.in-addr.arpa.', type: 'NS', data })) },
    ]);
  });

  it('cut IPv6 at nibbles: a /46 is four zones; whoever fills a zone answers for it', async () => {
    const plan = await planOf(
      '  - { key: x/a, pool: six, length: 46, owner: a }\n  - { key: x/b, pool: six, length: 34, owner: b }',
      '  - { name: six, prefix: "3fff::/33", domain: d, strategy: first-fit }',
    );
    const { zones } = reverseZones(plan, { nameServers, serversOf: new Map([['b', ['ns.b.example']]]) });
    expect(zones.filter(({ holder }) => holder === 'x/a').map(({ name }) => name.length)).toHaveLength(4);
    expect(zones.filter(({ holder }) => holder === 'x/b').map(({ servers }) => servers[0])).toEqual(Array(4).fill('ns.b.example.'));
    expect(zones.filter(({ holder }) => holder === 'six')).toHaveLength(4);
  });

  it('refuse to mix routing domains, to have no servers, and names that would break the file', async () => {
    const plan = await planOf(
      '  - { key: x/a, pool: p, length: 24 }',
      '  - { name: p, prefix: 10.0.0.0/16, domain: d }\n  - { name: q, prefix: 10.0.0.0/16, domain: e }',
    );
    expect(() => reverseZones(plan, { nameServers })).toThrow(/routing domains/u);
    expect(reverseZones(plan, { nameServers, domain: 'd' }).zones).toHaveLength(1);
    expect(() => reverseZones(plan, { nameServers: [], domain: 'd' })).toThrow(/need name servers/u);
    expect(() => reverseZones(plan, { nameServers: ['ns1.example\n. IN A'], domain: 'd' })).toThrow(/not the name of a server/u);
    expect(() => reverseZones(plan, { nameServers, pool: 'pp' })).toThrow(/no pool "pp"/u);
    expect(reverseFiles(plan, { nameServers, domain: 'd', contact: 'dns.team@example.org' }).get('0.10.in-addr.arpa.zone')).toContain(
      ' dns\\.team.example.org. 1 ',
    );
  });
});

describe('Neutron', () => {
  it('gets pools of one scope that never overlap and hold every network of theirs', async () => {
    const plan = await planOf(
      ['a', 'b']
        .map(
          (id) =>
            `  - { key: t/${id}, pool: p, length: 20, role: container, owner: o }\n  - { key: t/${id}/in, in: t/${id}, length: 24, role: container }\n  - { key: n/${id}, in: t/${id}, length: 26 }\n  - { key: n/${id}2, in: t/${id}/in, length: 28 }`,
        )
        .join('\n') + '\n  - { key: n/p, pool: p, length: 30 }\n  - { key: t/empty, pool: p, length: 24, role: container }',
    );
    const { address_scopes, subnet_pools } = neutronPlan(plan, {});
    expect(address_scopes).toEqual([{ name: 'd-v4', ip_version: 4 }]);
    expect(subnet_pools.map(({ name }) => name).sort()).toEqual(['p', 't/a v4', 't/a/in v4', 't/b v4', 't/b/in v4', 't/empty v4']);
    const all = subnet_pools.flatMap(({ name, prefixes }) => prefixes.map((text) => ({ name, prefix: parsePrefix(text) })));
    all.forEach((one, index) => all.slice(index + 1).forEach((other) => expect(overlaps(one.prefix, other.prefix), `${one.name} ${other.name}`).toBe(false)));
    for (const [key, pool] of [
      ['n/a', 't/a v4'],
      ['n/a2', 't/a/in v4'],
      ['n/p', 'p'],
    ] as const) {
      const network = parsePrefix(plan.allocations.get(key)?.v4 ?? '');
      expect(
        all.some(({ name, prefix }) => name === pool && contains(prefix, network)),
        key,
      ).toBe(true);
    }
    for (const { min_prefixlen, default_prefixlen, max_prefixlen, prefixes } of subnet_pools) {
      expect(min_prefixlen).toBeLessThanOrEqual(default_prefixlen);
      expect(default_prefixlen).toBeLessThanOrEqual(max_prefixlen);
      expect(Math.min(...prefixes.map((text) => parsePrefix(text).length))).toBeLessThanOrEqual(min_prefixlen);
    }
    expect(exportPlan(plan, 'neutron')).toContain('"address_scope_id": "${d-v4}"');
  });
});

const needs =
  '  - { key: agency/a, pool: p, length: 20, role: container, owner: a }\n  - { key: "=cmd|x!A1", in: agency/a, length: 24 }\n  - { key: "+84, Sở \\"Y tế\\"", in: agency/a, length: 24, role: reserved }';

describe('tables', () => {
  it('NetBox gets columns of its form, and the same rows as CSV and YAML', async () => {
    const plan = await planOf(needs);
    const rows = parse<Record<string, string>>(String(exportPlan(plan, 'netbox-csv')), { columns: true });
    // PrefixImportForm of NetBox 4.
    const form = [
      'prefix',
      'vrf',
      'tenant',
      'vlan_group',
      'vlan_site',
      'vlan',
      'status',
      'role',
      'scope_type',
      'scope_id',
      'is_pool',
      'mark_utilized',
      'description',
      'comments',
      'tags',
    ];
    expect(netboxColumns.filter((column) => !form.includes(column))).toEqual([]);
    expect(rows.map(({ prefix, status, tenant, vrf, role }) => [prefix, status, tenant, vrf, role])).toEqual([
      ['10.0.0.0/16', 'container', '', 'd', ''],
      ['10.0.0.0/20', 'container', 'a', 'd', ''],
      ['10.0.0.0/24', 'reserved', 'a', 'd', ''],
      ['10.0.1.0/24', 'active', 'a', 'd', 'network'],
    ]);
    const yaml = parseYaml(exportPlan(plan, 'netbox-yaml') as string) as Record<string, unknown>[];
    expect(yaml.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, String(value)])))).toEqual(
      rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''))),
    );
  });

  it('CSV for people has no cell that could be a formula, CRLF and a byte order mark', async () => {
    const text = exportPlan(await planOf(needs), 'csv') as string;
    expect(text.startsWith('\uFEFFprefix,')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/u);
    const cells = parse(text, { bom: true }).flat();
    expect(cells.filter((cell) => /^[=+\-@\t\r]/u.test(cell))).toEqual([]);
    expect(cells).toContain("'=cmd|x!A1");
    expect(cells).toContain('\'+84, Sở "Y tế"');
    expect(['=1', '+1', '-1', '@a', '\t1', 'a=1', ''].map(formulaSafe)).toEqual(["'=1", "'+1", "'-1", "'@a", "'\t1", 'a=1', '']);
  });

  it('the workbook is a sound archive of typed cells without formulas, and repeats byte by byte', async () => {
    const plan = await planOf(needs);
    const bytes = exportPlan(plan, 'xlsx') as Uint8Array;
    expect(Buffer.compare(Buffer.from(bytes), Buffer.from(exportPlan(plan, 'xlsx')))).toBe(0);
    const sheet = partOf(bytes, 'xl/worksheets/sheet1.xml');
    expect(sheet).not.toContain('<f');
    expect(sheet).toContain('t="inlineStr" s="2"><is><t xml:space="preserve">=cmd|x!A1</t>');
    expect(sheet).toContain('+84, Sở &quot;Y tế&quot;');
    expect(sheet).toContain('<autoFilter ref="A1:N5"/>');
    // Another program reads it: Python's zipfile checks every sum, its XML parser every part.
    const file = path.join(federationFolder({}), 'plan.xlsx');
    fs.writeFileSync(file, bytes);
    const program = `import zipfile,sys,xml.dom.minidom as m\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor n in z.namelist(): m.parseString(z.read(n))\nprint(len(z.namelist()))`;
    const python = spawnSync('python3', ['-c', program, file], { encoding: 'utf8' });
    if (python.error === undefined) expect([python.stdout.trim(), python.stderr]).toEqual(['6', '']);
  });

  it('JSON and Terraform variables say what lies where', async () => {
    const plan = await planOf(needs);
    const json = JSON.parse(exportPlan(plan, 'json', { under: 'agency/a' }) as string) as { blocks: { name: string; holder: string; addresses: string }[] };
    expect(json.blocks.map(({ name, addresses }) => [name, addresses])).toEqual([
      ['agency/a', '4096'],
      ['+84, Sở "Y tế"', '256'],
      ['=cmd|x!A1', '256'],
    ]);
    const variables = JSON.parse(exportPlan(plan, 'tfvars') as string) as Record<string, Record<string, unknown>>;
    expect(Object.keys(variables)).toEqual(['address_scopes', 'network_allocations', 'network_asns', 'network_pools', 'subnet_pools']);
    expect(variables['network_allocations']?.['agency/a']).toEqual({ owner: 'a', role: 'container', v4: '10.0.0.0/20', v6: null });
    expect(variables['subnet_pools']?.['agency/a v4']).toMatchObject({
      prefixes: ['10.0.0.0/20'],
      min_prefixlen: 24,
      default_prefixlen: 24,
      address_scope: 'd-v4',
    });
  });
});

/** One part of an archive, found through its directory. */
function partOf(bytes: Uint8Array, wanted: string): string {
  const data = Buffer.from(bytes);
  let at = data.readUInt32LE(data.length - 6);
  while (data.readUInt32LE(at) === 0x02014b50) {
    const [size, nameLength, extra, comment, start] = [
      data.readUInt32LE(at + 20),
      data.readUInt16LE(at + 28),
      data.readUInt16LE(at + 30),
      data.readUInt16LE(at + 32),
      data.readUInt32LE(at + 42),
    ];
    const name = data.toString('utf8', at + 46, at + 46 + nameLength);
    const from = start + 30 + data.readUInt16LE(start + 26) + data.readUInt16LE(start + 28);
    if (name === wanted) return zlib.inflateRawSync(data.subarray(from, from + size)).toString('utf8');
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`no ${wanted}`);
}
