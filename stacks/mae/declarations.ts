// Nine regional observatories that differ only in name and place: a loop says it better than nine entries.
import { declare } from 'vcloud/federation';

const observatories = [
  ['tay-bac', 'Tây Bắc', 'North-west', 21.33, 103.91],
  ['viet-bac', 'Việt Bắc', 'Viet Bac', 21.32, 105.4],
  ['dong-bac', 'Đông Bắc', 'North-east', 20.86, 106.68],
  ['dong-bang-bac-bo', 'Đồng bằng và Trung du Bắc Bộ', 'Red River Delta and Midlands', 21.01, 105.81],
  ['bac-trung-bo', 'Bắc Trung Bộ', 'North Central', 18.68, 105.69],
  ['trung-trung-bo', 'Trung Trung Bộ', 'Mid Central', 16.05, 108.21],
  ['nam-trung-bo', 'Nam Trung Bộ', 'South Central', 12.25, 109.19],
  ['tay-nguyen', 'Tây Nguyên', 'Central Highlands', 13.98, 108.0],
  ['nam-bo', 'Nam Bộ', 'South', 10.79, 106.69],
] as const;

export default declare({
  sites: observatories.map(([id, vi, en, lat, lon]) => ({
    id: `mae-observatory-${id}`,
    kind: 'observatory',
    names: { vi: `Đài Khí tượng Thủy văn khu vực ${vi}`, en: `${en} regional hydrometeorological observatory` },
    owner: 'mae',
    role: 'level-2',
    location: { lat, lon },
  })),
  links: observatories.map(([id]) => ({
    id: `mae-observatory-${id}`,
    kind: 'extended',
    owner: 'mae',
    from: `mae-observatory-${id}`,
    to: 'mae-dc',
    carrier: 'carrier-c',
    capacityMbps: 50,
    plannedLoadMbps: 12,
    profile: 'extended-50m',
    network: 'extended',
    encrypted: true,
  })),
});
