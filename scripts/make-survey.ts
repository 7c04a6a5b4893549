// Writes examples/survey/data-centres.xlsx: 85 data centres and 764 server rooms as provinces and ministries would list them. Everything but
// the organisations is invented from a seed: names are made of words every office has, coordinates are scattered around the owner's declared
// place, no figure describes a real site. Run it with: npx node --conditions=vcloud-source scripts/make-survey.ts
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeXlsx } from 'hucre/xlsx';
import { writeFileAtomic } from '../modules/core/index.ts';
import { loadFederation } from '../modules/federation/index.ts';

type Cell = string | number | null;
const root = fileURLToPath(new URL('..', import.meta.url));
const [dataCentres, serverRooms] = [85, 764];

let seed = 2018;
/** Mulberry32: the same numbers everywhere. */
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
}
const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
const pick = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T;
const comma = (value: number): string => String(value).replace('.', ',');

const units = [
  'Văn phòng',
  'Khối Y tế',
  'Khối Giáo dục',
  'Khối Tài chính',
  'Khối Xây dựng',
  'Khối Nông nghiệp',
  'Khối Công Thương',
  'Khối Nội vụ',
  'Khối Tư pháp',
  'Khối Khoa học',
  'Khối Văn hóa',
  'Khối Thanh tra',
  'Khối Lưu trữ',
  'Khối Đào tạo',
  'Khối Thống kê',
  'Khối Dân tộc',
  'Khối Hội đồng',
  'Khối Giao thông',
] as const;

const federation = await loadFederation(root, { asOf: '2026-03-01', afterwards: [] });
const placed = [...federation.organisations.values()].flatMap(({ id, kind, names, location }) => {
  const at = location ?? [...federation.sites.values()].find(({ owner, location: found }) => owner === id && found)?.location;
  return at ? [{ id, kind, name: names.vi, at }] : [];
});
const localities = placed.filter(({ kind }) => kind === 'province' || kind === 'city').slice(0, 30);
const central = placed
  .filter(({ kind }) => ['ministry', 'agency', 'government', 'party', 'assembly', 'state', 'front', 'judiciary'].includes(kind))
  .slice(0, 23);
const owners = [...localities, ...central];

function place({ at }: (typeof owners)[number]): [string, string] {
  return [comma(Number((at.lat + (random() - 0.5) * 0.1).toFixed(4))), comma(Number((at.lon + (random() - 0.5) * 0.1).toFixed(4)))];
}

function date(from: number): Cell {
  const [year, month, day] = [whole(from, 2024), whole(1, 12), whole(1, 28)];
  const two = (number: number): string => String(number).padStart(2, '0');
  return pick<Cell>([
    year,
    `${two(month)}/${year}`,
    `${two(day)}/${two(month)}/${year}`,
    `${year}-${two(month)}-${two(day)}`,
    `tháng ${month} năm ${year}`,
    'chưa rõ',
  ]);
}

/** Rows under each owner, whose name is one merged cell over them. */
function sheet(
  title: string,
  headings: readonly string[],
  total: number,
  row: (owner: (typeof owners)[number], number: number) => Cell[],
): { rows: Cell[][]; merges: object[] } {
  const rows: Cell[][] = [[title], [], [...headings]];
  const merges: object[] = [{ startRow: 0, startCol: 0, endRow: 0, endCol: headings.length - 1 }];
  let listed = 0;
  owners.forEach((owner, index) => {
    const count = Math.floor(((index + 1) * total) / owners.length) - Math.floor((index * total) / owners.length);
    const startRow = rows.length;
    for (let number = 1; number <= count; number++) rows.push([++listed, number === 1 ? owner.name : null, ...row(owner, number)]);
    if (count > 1) merges.push({ startRow, startCol: 1, endRow: rows.length - 1, endCol: 1 });
  });
  rows.push(['Tổng cộng', null, listed]);
  return { rows, merges };
}

const centres = sheet(
  'BIỂU 1. TRUNG TÂM DỮ LIỆU (số liệu mẫu, không có thật)',
  [
    'STT',
    'Cơ quan, địa phương',
    'Tên trung tâm dữ liệu',
    'Vĩ độ',
    'Kinh độ',
    'Cấp độ (Tier)',
    'Tiêu chuẩn',
    'Công suất điện (kW)',
    'Số nguồn điện',
    'Máy phát',
    'Số tủ rack',
    'Diện tích (m²)',
    'Năm đưa vào vận hành',
  ],
  dataCentres,
  (owner, number) => {
    const racks = whole(8, 60);
    const certified = random() < 0.35;
    return [
      `Trung tâm dữ liệu mẫu ${number}`,
      ...place(owner),
      certified ? pick(['Tier III', 'Tier 2', 'III', 'Rated-3']) : '-',
      certified ? pick(['TIA-942', 'TCVN 9250:2012', 'Uptime']) : null,
      pick<Cell>([racks * 4, `${racks * 4} kW`, `${comma(racks * 3.5)} kW`, `${comma(racks / 250 + 0.05)} MW`, 'chưa có số liệu']),
      whole(1, 2),
      whole(0, 3),
      pick<Cell>([racks, `${racks} tủ`, 'chưa rõ']),
      pick<Cell>([whole(40, 900), `${whole(40, 900)} m2`, null]),
      date(2006),
    ];
  },
);
const rooms = sheet(
  'BIỂU 2. PHÒNG MÁY CHỦ (số liệu mẫu, không có thật)',
  ['STT', 'Cơ quan, địa phương', 'Tên phòng máy chủ', 'Tọa độ', 'Công suất', 'Số tủ', 'Diện tích (m²)', 'Vận hành từ'],
  serverRooms,
  (owner, number) => {
    const racks = whole(1, 6);
    const [lat, lon] = place(owner);
    return [
      `Phòng máy chủ ${units[(number - 1) % units.length] ?? ''}${number > units.length ? ` ${Math.ceil(number / units.length)}` : ''}`,
      pick<Cell>([`${lat}; ${lon}`, `${lat.replace(',', '.')}, ${lon.replace(',', '.')}`, null]),
      pick<Cell>([`${racks * 3} kW`, `${comma(racks * 2.5)} kW`, `${racks * 3000} W`, '-', null]),
      pick<Cell>([racks, `${racks} tủ`, null]),
      pick<Cell>([whole(9, 60), null]),
      date(2004),
    ];
  },
);
const bytes = await writeXlsx({
  sheets: [
    { name: 'TTDL', ...centres },
    { name: 'PMC', ...rooms },
  ] as never,
});
writeFileAtomic(path.join(root, 'examples/survey/data-centres.xlsx'), bytes);
