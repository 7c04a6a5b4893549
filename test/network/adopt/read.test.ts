import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adopt } from '../../../modules/network/adopt/adopt.ts';
import { readSeparated } from '../../../modules/network/adopt/csv.ts';
import { guessFields } from '../../../modules/network/adopt/headings.ts';
import { readRpsl } from '../../../modules/network/adopt/rpsl.ts';
import { columnName } from '../../../modules/network/adopt/table.ts';
import { readWorkbook } from '../../../modules/network/adopt/workbook.ts';
import { ProblemError } from '../../../modules/core/index.ts';
import { workbook } from './zip.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Key -> prefix, and the codes of the findings with their cells. */
async function adopted(
  text: string | Uint8Array,
  file = 'a.csv',
  options: Parameters<typeof adopt>[2] = {},
): Promise<{ keys: Record<string, string>; findings: string[]; format: string }> {
  const { needs, problems, format } = await adopt(file, typeof text === 'string' ? bytes(text) : text, options);
  return {
    format,
    keys: Object.fromEntries(needs.map(({ key, v4, v6 }) => [key, [v4?.prefix, v6?.prefix].filter((leg) => leg !== undefined).join(' ')])),
    findings: problems.map(({ code, message }) => `${code.replace('NET-ADOPT-', '')} ${message.split(':')[0] ?? ''}`),
  };
}

describe('headings', () => {
  it.each([
    ['Dải IP', 'prefix'],
    ['DAI MANG', 'prefix'],
    ['Địa chỉ mạng', 'prefix'],
    ['Lớp mạng', 'prefix'],
    ['Subnet', 'prefix'],
    ['Network/CIDR', 'prefix'],
    ['Mặt nạ mạng', 'mask'],
    ['Subnet Mask', 'mask'],
    ['Từ IP', 'first'],
    ['IP bắt đầu', 'first'],
    ['Start Address', 'first'],
    ['Đến IP', 'last'],
    ['IP kết thúc', 'last'],
    ['Số lượng IP', 'count'],
    ['VRF', 'domain'],
    ['Trạng thái', 'status'],
    ['Tình trạng sử dụng', 'status'],
    ['Đơn vị sử dụng', 'owner'],
    ['Don vi quan ly', 'owner'],
    ['Tenant', 'owner'],
    ['Địa điểm', 'site'],
    ['VLAN', 'vlan'],
    ['VLAN ID', 'vlan'],
    ['Tên VLAN', 'name'],
    ['Ghi chú', 'note'],
    ['Mục đích sử dụng', 'description'],
    ['IP Address', 'address'],
  ])('%s means %s', (heading, field) => {
    expect(guessFields(heading)[0]).toBe(field);
  });

  it.each(['STT', 'Cổng mặc định', 'Default gateway', 'Master Subnet', 'Utilization', 'Người quản lý', 'DNS', 'VLAN Domain', ''])(
    '%j says nothing of use',
    (heading) => {
      expect(guessFields(heading)).toEqual([]);
    },
  );

  it('asks the cells where the words are not enough', async () => {
    const { keys } = await adopted('Mạng,Địa chỉ,Mạng con\nLAN A,12 Phố Mẫu,10.0.0.0/24\nLAN B,14 Phố Mẫu,10.0.1.0/24\n');
    expect(keys).toEqual({ '12-pho-mau/lan-a': '10.0.0.0/24', '14-pho-mau/lan-b': '10.0.1.0/24' });
  });
});

describe('text files', () => {
  it.each([
    ['comma and LF', 'Prefix,Name\n10.0.0.0/24,a\n'],
    ['semicolon, BOM and CRLF', '\ufeffPrefix;Name\r\n10.0.0.0/24;a\r\n'],
    ['tab', 'Prefix\tName\n10.0.0.0/24\ta'],
    ['sep= line', 'sep=|\r\nPrefix|Name\r\n10.0.0.0/24|a\r\n'],
    ['quotes', '"Prefix","Name"\n"10.0.0.0/24","a"\n'],
    ['old line ends', 'Prefix,Name\r10.0.0.0/24,a\r'],
    ['rows before the heading', 'IP plan 2025\n\nPrefix,Name\n10.0.0.0/24,a\n'],
    ['no heading', '10.0.0.0/24,a\n'],
  ])('reads %s', async (_name, text) => {
    expect(await adopted(text)).toEqual({ format: 'csv', keys: { a: '10.0.0.0/24' }, findings: [] });
  });

  it('reads UTF-16, and says what other encodings need', async () => {
    const text = 'Dải IP\tĐơn vị\r\n10.0.0.0/24\tSở A\r\n';
    expect((await adopted(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))).keys).toEqual({ 'so-a': '10.0.0.0/24' });
    await expect(adopted(Buffer.from([0x50, 0xe3, 0x28, 0x0a]))).rejects.toThrow(/NET-ADOPT-ENCODING/u);
  });

  it('counts lines where cells hold line breaks', () => {
    const { rows } = readSeparated('a,b\r\n"x\r\ny",1\r\nz,2\r\n');
    expect(rows.map(({ number, line, cells }) => [number, line, cells])).toEqual([
      [1, 1, ['a', 'b']],
      [2, 2, ['x\r\ny', '1']],
      [3, 4, ['z', '2']],
    ]);
  });

  it('takes apart what it put together', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'đ', '1'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 }), (table) => {
        const text = table.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        expect(readSeparated(text).rows.map(({ cells }) => cells)).toEqual(table);
      }),
    );
  });

  it('never fails on any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.string({ unit: fc.constantFrom('"', ',', ';', '\r', '\n', '\t', '1', '.', '/', 'inetnum: ', ' '), maxLength: 60 }),
        ),
        async (text) => {
          readSeparated(text);
          readRpsl('a', text);
          try {
            await adopt('a.csv', bytes(text));
          } catch (error) {
            if (!(error instanceof ProblemError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('findings', () => {
  it('names cells of what is doubtful and keeps the rest', async () => {
    const text = [
      'Prefix,Owner,VLAN',
      '10.0.0.0/16,A,',
      '10.0.1.9/24,B,1',
      '10.0.1.0/24,B,1',
      '10.0.1.0/24,C,1',
      'nonsense,D,2',
      ',E,3',
      '',
      'Total,5,',
      '10.0.2.0-10.0.3.9,F,',
      '10.0.3.0/24,G,',
      '0.0.0.0/0,H,',
    ].join('\n');
    const { keys, findings } = await adopted(text);
    expect(findings).toEqual([
      'OTHER-OWNER A2',
      'HOST-BITS A3',
      'DUPLICATE A4',
      'CONFLICT A5',
      'UNREADABLE A6',
      'NO-ADDRESS A7',
      'OVERLAP A11',
      'UNREADABLE A12',
    ]);
    expect(keys).toEqual({
      a: '10.0.0.0/16',
      'b/vlan-1': '10.0.1.0/24',
      'f/1': '10.0.2.0/24',
      'f/2': '10.0.3.0/29',
      'f/3': '10.0.3.8/31',
      'g/1': '10.0.3.10/31',
      'g/2': '10.0.3.12/30',
      'g/3': '10.0.3.16/28',
      'g/4': '10.0.3.32/27',
      'g/5': '10.0.3.64/26',
      'g/6': '10.0.3.128/25',
    });
  });

  it('lets the same block stand in two VRFs', async () => {
    expect((await adopted('Prefix,VRF,Name\n10.0.0.0/24,red,a\n10.0.0.0/24,blue,b\n')).findings).toEqual([]);
  });

  it('stops where nothing is an address', async () => {
    await expect(adopted('Name,Phone\na,1\n')).rejects.toThrow(/NET-ADOPT-NOTHING/u);
    await expect(adopted('')).rejects.toThrow(/NET-ADOPT-NOTHING/u);
    await expect(adopted('Prefix,Name\nnone at all,a\n')).rejects.toThrow(/NET-ADOPT-NOTHING/u);
  });
});

describe('mapping', () => {
  const head = { apiVersion: 'vcloud/v1', kind: 'AdoptMapping' } as const;
  it('corrects columns, domains, owners and statuses', async () => {
    const text = 'Col A,Col B,Col C,Col D\n10.0.0.0/24,Sở A,VRF X,dự bị\n';
    const { needs, pools } = await adopt('a.csv', bytes(text), {
      mapping: {
        ...head,
        columns: { prefix: 'Col A', owner: 'B', domain: 3, status: 'Col D' },
        owners: { 'so a': 'so-a' },
        domains: { 'vrf x': 'tslcd' },
        statuses: { 'Dự bị': 'reserved' },
      },
    });
    expect(needs).toMatchObject([{ key: 'so-a', owner: 'so-a', role: 'reserved' }]);
    expect(pools).toMatchObject([{ domain: 'tslcd' }]);
  });

  it('says what is not in the file', async () => {
    const { findings } = await adopted('Prefix,Name\n10.0.0.0/24,a\n', 'a.csv', {
      mapping: { ...head, columns: { owner: 'Chủ' }, sheets: { Nothing: { skip: true } } },
    });
    expect(findings.map((text) => text.split(' ')[0])).toEqual(['MAPPING', 'MAPPING']);
  });
});

it('tells columns of one row apart', async () => {
  expect(await adopted('Đơn vị,IPv4 LAN,IPv4 WAN,IPv6\nXã A,10.1.1.0/24,10.9.0.0/30,3fff:1::/64\n')).toEqual({
    format: 'csv',
    keys: { 'xa-a/ipv4-lan': '10.1.1.0/24', 'xa-a/ipv4-wan': '10.9.0.0/30', 'xa-a/ipv6': '3fff:1::/64' },
    findings: [],
  });
  // A column that repeats what all rows lie in is no list of duplicates.
  expect(await adopted('Dải IP tổng,Dải IP cấp phát,Đơn vị\n10.1.0.0/16,10.1.1.0/24,A\n10.1.0.0/16,10.1.2.0/24,B\n')).toEqual({
    format: 'csv',
    keys: { a: '10.1.1.0/24', b: '10.1.2.0/24', 'dai-ip-tong': '10.1.0.0/16' },
    findings: [],
  });
});

it('knows a list of hosts with the lengths of their networks', async () => {
  const list = (heading: string): string => `${heading},Name\n10.0.0.5/24,a\n10.0.0.6/24,b\n10.0.0.7/24,c\n`;
  expect((await adopted(list('Địa chỉ IP'))).keys).toEqual({ a: '10.0.0.5/32', b: '10.0.0.6/32', c: '10.0.0.7/32' });
  expect((await adopted(list('Subnet'))).keys).toEqual({ a: '10.0.0.0/24' });
});

describe('exports', () => {
  it('reads addresses of NetBox as hosts, and its ranges', async () => {
    expect(await adopted('IP Address,VRF,Status,Role,Tenant,Assigned,DNS Name,Description\n10.0.0.5/24,,Active,,A,True,,router\n')).toEqual({
      format: 'netbox',
      keys: { 'a/router': '10.0.0.5/32' },
      findings: [],
    });
    expect((await adopted('Start Address,End Address,Size,VRF,Status,Role,Tenant,Description\n10.0.0.10/24,10.0.0.11/24,2,,Active,,A,pool\n')).keys).toEqual({
      'a/pool': '10.0.0.10/31',
    });
  });

  it('pairs an IPv4 and an IPv6 row of one network', async () => {
    expect((await adopted('Prefix,Tenant,Description\n10.0.0.0/24,A,lan\n2001:db8::/64,A,lan\n')).keys).toEqual({ 'a/lan': '10.0.0.0/24 2001:db8::/64' });
  });
});

describe('workbooks', () => {
  it('reads what other programs write: shared, inline and formatted strings, results of formulas, merged cells, gaps', async () => {
    const shared = ['<t>Dải IP</t>', '<t>Đơn vị</t>', '<r><rPr><b/></rPr><t xml:space="preserve">10.0.0.0</t></r><r><t>/24</t></r>', '<t>Sở A</t>'];
    const xml = `<sheetData>
      <row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c r="D2" t="inlineStr"><is><t>Ghi chú</t></is></c></row>
      <row r="4"><c r="B4" t="s"><v>2</v></c><c r="C4" t="s"><v>3</v></c><c r="D4" t="inlineStr"><is><t>một</t></is></c></row>
      <row r="5"><c r="B5" t="str"><f>CONCATENATE("10.0.1.0","/24")</f><v>10.0.1.0/24</v></c><c r="D5"><v>2</v></c></row>
      <row r="7"><c r="B7" t="inlineStr"><is><t>10.0.2.0/33</t></is></c><c r="C7" t="s"><v>3</v></c></row>
    </sheetData><mergeCells count="1"><mergeCell ref="C4:C5"/></mergeCells>`;
    const { keys, findings, format } = await adopted(workbook({ 'Trang 1': xml }, shared), 'a.xlsx');
    expect(format).toBe('workbook');
    expect(keys).toEqual({ 'so-a/mot': '10.0.0.0/24', 'so-a/2': '10.0.1.0/24' });
    expect(findings).toEqual(['UNREADABLE Trang 1!B7']);
  });

  it('says what a damaged workbook needs', async () => {
    const whole = workbook({ a: '<sheetData/>' });
    await expect(adopted(whole.subarray(0, 100), 'a.xlsx')).rejects.toThrow(/NET-ADOPT-WORKBOOK/u);
    await expect(adopted(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]), 'a.xls')).rejects.toThrow(/NET-ADOPT-WORKBOOK/u);
  });

  it('fails on no damage with anything but a problem', async () => {
    const whole = workbook({ a: '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>' }, [
      '<t>10.0.0.0/24</t>',
    ]);
    expect(await readWorkbook('a.xlsx', whole)).toHaveLength(1);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), async (changes) => {
        const damaged = Buffer.from(whole);
        for (const [at, value] of changes) damaged[at] = value;
        try {
          await adopt('a.xlsx', damaged);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});

it('names columns as spreadsheets do', () => {
  expect([0, 25, 26, 51, 52, 701, 702].map(columnName)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']);
});
