import { objectChanges, type Review } from '../../../modules/engine/review/index.ts';
import { stackEffects } from '../../../modules/engine/review/effects.ts';

const agencies = [
  ['moh', 'Bộ Y tế', 'Ministry of Health'],
  ['mof', 'Bộ Tài chính', 'Ministry of Finance'],
  ['mst', 'Bộ Khoa học và Công nghệ', 'Ministry of Science and Technology'],
  ['da-nang', 'Thành phố Đà Nẵng', 'Da Nang City'],
  ['hue', 'Thành phố Huế', 'Hue City'],
  ['vss', 'Bảo hiểm xã hội Việt Nam', 'Vietnam Social Security'],
] as const;

/** What an engine shows of one object; `psk` is there to be hidden. */
function shown(type: string, name: string, actions: readonly string[], before: Record<string, unknown> | null, after: Record<string, unknown> | null): unknown {
  return { address: `${type}.${name}`, mode: 'managed', type, change: { actions, before, after, after_unknown: before === null ? { id: true } : {} } };
}

/** A review of so many stacks of six agencies: creations, updates, replacements, removals, waits. Always the same. */
export function bigReview(count: number): Review {
  const stacks = Array.from({ length: count }, (_, index): Review['stacks'][number] => {
    const [agency] = agencies[index % agencies.length] ?? agencies[0];
    const path = `${agency}.service-${String(Math.floor(index / agencies.length)).padStart(2, '0')}.workload`;
    const net = `10.${index % 250}`;
    if (index % 23 === 6) {
      const waitsFor = [path.replace('workload', 'platform')];
      return { path, agency, state: 'waits', add: 0, change: 0, destroy: 0, waitsFor, changes: [], detailed: false };
    }
    const resources = [
      shown('openstack_networking_network_v2', 'web', ['create'], null, { name: 'web', mtu: 1450 }),
      ...(index % 3 === 0
        ? [
            shown(
              'openstack_networking_subnet_v2',
              'web',
              ['update'],
              { cidr: `${net}.0.0/24`, name: 'web', dns_nameservers: ['192.0.2.53'] },
              { cidr: `${net}.1.0/24`, name: 'web', dns_nameservers: ['192.0.2.53', '192.0.2.54'] },
            ),
            shown('openstack_vpnaas_site_connection_v2', 'centre', ['update'], { psk: 'before', mtu: 1400 }, { psk: 'after', mtu: 1380 }),
          ]
        : []),
      ...(index % 40 === 7 ? [shown('openstack_compute_instance_v2', 'app', ['delete', 'create'], { flavor: 'm1.small' }, { flavor: 'm1.large' })] : []),
      ...(index % 50 === 12 ? [shown('openstack_blockstorage_volume_v3', 'archive', ['delete'], { size: 500, name: 'archive' }, null)] : []),
    ];
    const changes = objectChanges({ resource_changes: resources }, new Map(), false);
    const of = (...actions: readonly string[]): number => changes.filter(({ action }) => actions.includes(action)).length;
    const sums = { add: of('create', 'replace'), change: of('update'), destroy: of('delete', 'replace') };
    return { path, agency, state: 'planned', ...sums, waitsFor: [], changes, detailed: true, ...(index % 11 === 0 ? { level: 3 } : {}) };
  }).sort((a, b) => (`${a.agency} ${a.path}` < `${b.agency} ${b.path}` ? -1 : 1));
  return {
    plan: '6af386cfe52e7d4c',
    environment: 'sandbox',
    engine: { name: 'terraform', version: '1.11.4' },
    names: Object.fromEntries(agencies.map(([id, vi, en]) => [id, { vi, en }])),
    stacks,
    unchanged: { moh: 31, hue: 12 },
    effects: [...stackEffects(stacks), { effect: 'renumber', agency: 'moh', subjects: ['tenant/portal/web', 'tenant/portal/app'] }],
    approvals: [
      {
        rule: 'removal',
        names: { vi: 'Xóa hoặc thay thế', en: 'Removal or replacement' },
        count: 1,
        of: ['mst.security', 'mst.operations'],
        because: ['destroy hue.service-18.workload'],
      },
    ],
  };
}
