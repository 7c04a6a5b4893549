// Writes so-lieu-dia-chi.xlsx, a workbook as planners pass it around: titles and merged cells, two lines of headings, ranges,
// dotted masks, addresses with host bits, rows listed twice, notes between rows, a hidden old sheet. All of it is invented;
// addresses are private or set aside for documentation. Run it with: node examples/adopt/make-workbook.ts
import * as fs from 'node:fs';
import { writeXlsx } from 'hucre/xlsx';

type Cell = string | number | null;
interface Part {
  readonly name: string;
  readonly rows: Cell[][];
  readonly merges?: { startRow: number; startCol: number; endRow: number; endCol: number }[];
  readonly hidden?: boolean;
}

/** `A1:C1` as the writer counts: from 0. */
function merge(range: string): NonNullable<Part['merges']>[number] {
  const [from = '', to = ''] = range.split(':');
  const read = (cell: string): [number, number] => [Number(cell.slice(1)) - 1, cell.charCodeAt(0) - 65];
  const [startRow, startCol] = read(from);
  const [endRow, endCol] = read(to);
  return { startRow, startCol, endRow, endCol };
}

export const sheets: readonly Part[] = [
  {
    name: 'Quy hoạch chung',
    rows: [
      ['BẢNG QUY HOẠCH ĐỊA CHỈ IP NỘI BỘ NĂM 2025', null, null, null, null, null, null],
      [null, null, null, null, null, null, null],
      ['STT', 'Đơn vị', 'Địa chỉ IPv4', null, 'Dải IPv6', 'VLAN', 'Ghi chú'],
      [null, null, 'Mạng', 'Mặt nạ mạng', null, null, null],
      ['I. KHỐI SỞ, NGÀNH', null, null, null, null, null, null],
      [1, 'Sở Y tế', '10.20.0.0', '255.255.0.0', '3fff:20::/36', null, 'Dải tổng'],
      [2, 'Sở Y tế', '10.20.1.0', '255.255.255.0', '3fff:20:0:1::/64', 101, 'Mạng người dùng'],
      [3, 'Sở Y tế', '10.20.2.17', '255.255.255.0', null, 102, 'Camera'],
      [4, 'Sở Giáo dục', '10.21.0.0 ', '/16', '3fff:21::/36', null, 'Dải tổng'],
      [5, 'Sở Giáo dục', '10.21.1.0/24', null, null, 201, 'Mạng người dùng'],
      [6, null, '10.21.2.0/25', null, null, 202, 'Phòng máy chủ'],
      [7, null, '10.21.2.128/25', null, null, 203, 'Phòng lab'],
      [null, null, null, null, null, null, null],
      ['II. KHỐI XÃ, PHƯỜNG', null, null, null, null, null, null],
      [8, 'Xã Mẫu Một', '10.30.1.1 - 10.30.1.254', null, null, 301, 'Mạng người dùng'],
      [9, 'Xã Mẫu Hai', '10.30.2.0-10.30.3.255', null, null, 302, 'Mạng người dùng'],
      [10, 'Xã Mẫu Ba', 'từ 10.30.4.10 đến 10.30.4.60', null, null, 303, 'Cấp phát động'],
      [11, 'Xã Mẫu Bốn', '010.030.005.000/24', null, null, 304, 'Mạng người dùng'],
      [12, 'Xã Mẫu Năm', '10.30.6.0/24; 10.30.7.0/24', null, null, 305, 'Hai mạng'],
      [13, 'Xã Mẫu Sáu', 'chưa cấp', null, null, 306, 'Mạng người dùng'],
      [14, 'Xã Mẫu Bảy', '10.30.8.0/33', null, null, 307, 'Mạng người dùng'],
      [15, 'Xã Mẫu Tám', null, null, null, 308, 'Chờ cấp'],
      ['Ghi chú: số liệu do các đơn vị tự khai', null, null, null, null, null, null],
      ['Tổng cộng', 15, null, null, null, null, null],
    ],
    merges: ['A1:G1', 'A3:A4', 'B3:B4', 'C3:D3', 'E3:E4', 'F3:F4', 'G3:G4', 'A5:G5', 'B10:B12', 'A14:G14', 'A23:G23'].map(merge),
  },
  {
    name: 'Trung tâm dữ liệu',
    rows: [
      ['Network', 'VRF', 'Site', 'Tenant', 'VLAN ID', 'VLAN Name', 'Status', 'Description'],
      ['172.16.0.0/16', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', null, null, 'Container', 'Toàn bộ'],
      ['172.16.10.0/24', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', 10, 'web', 'Active', 'Máy chủ web'],
      ['172.16.11.0/24', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', 11, 'app', 'Active', 'Ứng dụng'],
      ['172.16.10.0/24', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', 10, 'web', 'Active', 'Máy chủ web'],
      ['172.16.11.0/24', 'noi-bo', 'DC dự phòng', 'Trung tâm dữ liệu', 12, 'app-dr', 'Active', 'Ứng dụng dự phòng'],
      ['172.16.12.0/24', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', 13, 'backup', 'Dự phòng', 'Để dành'],
      ['172.16.10.0/24', 'khach', 'DC chính', 'Trung tâm dữ liệu', 510, 'guest', 'Active', 'Wifi khách'],
      ['172.16.20.10 - 172.16.20.40', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', 20, 'pool-a', 'Active', 'Dải cấp A'],
      ['172.16.20.30 - 172.16.20.60', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', 20, 'pool-b', 'Active', 'Dải cấp B'],
      ['172.16.255.1', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', null, 'lo-core-1', 'Active', 'Loopback'],
      ['172.16.254.0/31', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', null, 'core-1-core-2', 'Active', 'Đấu nối'],
      ['3fff:30::1/48', 'noi-bo', 'DC chính', 'Trung tâm dữ liệu', null, null, 'Active', 'IPv6 máy chủ'],
    ],
  },
  {
    name: 'Kết nối WAN',
    rows: [
      ['Điểm', 'Từ IP', 'Đến IP', 'Số lượng IP', 'Cổng mặc định'],
      ['Điểm A', '198.51.100.0', '198.51.100.63', 64, '198.51.100.1'],
      ['Điểm B', '198.51.100.64', null, 32, '198.51.100.65'],
      ['Điểm C', '198.51.100.96', '198.51.100.95', 0, null],
      [null, null, null, null, null],
      ['Điểm', 'Từ IP', 'Đến IP', 'Số lượng IP', 'Cổng mặc định'],
      ['Điểm D', '203.0.113.8', '203.0.113.15', 8, '203.0.113.9'],
    ],
  },
  { name: 'Hướng dẫn', rows: [['Mỗi đơn vị điền vào trang thứ nhất'], ['Không xóa dòng']] },
  {
    name: 'Cũ 2019',
    hidden: true,
    rows: [
      ['Dải', 'Đơn vị'],
      ['192.168.0.0/24', 'Sở Y tế'],
    ],
  },
];

if (import.meta.main) {
  const date = new Date('2025-01-01T00:00:00Z');
  const bytes = await writeXlsx({
    sheets: sheets.map(({ name, rows, merges, hidden }) => ({ name, rows, merges: merges ? [...merges] : undefined, hidden })),
    properties: { created: date, modified: date },
  });
  fs.writeFileSync(new URL('so-lieu-dia-chi.xlsx', import.meta.url), bytes);
}
