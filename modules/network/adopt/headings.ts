import { foldHeading } from '../../core/index.ts';

export { foldHeading };

/** What a column says. `prefix` holds blocks in any form; `address` single addresses whose length is that of their interface. */
export const adoptFields = [
  'prefix',
  'address',
  'mask',
  'first',
  'last',
  'count',
  'domain',
  'status',
  'role',
  'owner',
  'site',
  'vlan',
  'name',
  'description',
  'note',
] as const;
export type AdoptField = (typeof adoptFields)[number];

/** Fields that may hold addresses: a column is one of them only if its cells look like it. */
export const addressFields: readonly AdoptField[] = ['prefix', 'address', 'first'];

type Guess = AdoptField | 'none';

/** Folded headings, the first that matches decides. Vietnamese is matched without its marks. */
const rules: readonly (readonly [Guess, RegExp])[] = [
  ['none', /^header\b|^(?:stt|tt|so tt|so thu tu|no|nr|id|index|ma|url|tags?|created|last updated|updated|slug)$/u],
  [
    'none',
    /\b(?:gateway|gw|cong mac dinh|default router|broadcast|quang ba|dns|mac|parent|master|supernet|dai cha|utili[sz]ation|utili[sz]ed|children|depth)\b/u,
  ],
  [
    'none',
    /\b(?:nguoi|contact|lien he|dien thoai|phone|email|e mail|ngay|date|ty le|su dung (?:phan tram|percent)|percent|hosts? check|discover|requests|rir)\b/u,
  ],
  ['none', /\b(?:vlan (?:domain|group|site|type)|tenant group|vlan group|scope (?:type|id)|prefix flat|is pool|mark)\b/u],
  ['count', /\b(?:so luong|so ip|so dia chi|so host|tong so|quantity|count|size|number of|num|kich thuoc|usable hosts?|so may)\b/u],
  ['mask', /\b(?:mask|netmask|mat na|wildcard|prefix ?len(?:gth)?|length|do dai|masklen)\b/u],
  [
    'first',
    /^(?:tu|from|start|first|begin|dau|bat dau)(?: (?:ip|dia chi|address|addr|ipv4|ipv6|dia chi ip))*$|\b(?:ip|dia chi|address|ipv4|ipv6|range|dai) (?:dau|dau tien|bat dau|start|tu|from)\b|\b(?:start|first)(?:ing)? (?:ip|address|addr)|^dau dai$/u,
  ],
  [
    'last',
    /^(?:den|to|end|last|cuoi|ket thuc|toi)(?: (?:ip|dia chi|address|addr|ipv4|ipv6|dia chi ip))*$|\b(?:ip|dia chi|address|ipv4|ipv6|range|dai) (?:cuoi|cuoi cung|ket thuc|end|den|to)\b|\b(?:end|last)(?:ing)? (?:ip|address|addr)|^cuoi dai$/u,
  ],
  ['vlan', /^(?:so |ma |id )?vlan(?: ?(?:id|no|number|so|ma|vid))?$|^vid$/u],
  ['name', /\b(?:ten|name) vlan\b|\bvlan (?:name|ten)\b/u],
  [
    'domain',
    /^(?:vrf|vpn|l3vpn|mpls vpn|vrf name|ten vrf|routing domain|mien dinh tuyen|domain|namespace|bang dinh tuyen|vung dinh tuyen|address scope|network view|rd)$|\bvrf\b/u,
  ],
  ['status', /\b(?:status|state|trang thai|tinh trang|hien trang)\b/u],
  [
    'owner',
    /\b(?:owner|tenant|customer|client|don vi|co quan|organi[sz]ations?|agency|to chuc|khach hang|departments?|phong ban|so nganh|chu quan|quan ly|company|section)\b/u,
  ],
  [
    'site',
    /\b(?:site|location|dia diem|vi tri|tru so|chi nhanh|noi dat|khu vuc|co so|scope|scope name|region|tinh|thanh pho|dia ban|building|toa nha|data ?cent(?:er|re)|trung tam du lieu|diem)\b/u,
  ],
  ['role', /^(?:role|vai tro|loai|loai mang|type|kieu|loai dai|prefix role)$/u],
  ['note', /\b(?:ghi chu|notes?|comments?|remarks?|luu y)\b/u],
  ['description', /\b(?:descr|description|mo ta|dien giai|muc dich|purpose|usage|noi dung|chuc nang|su dung|function|service|dich vu)\b/u],
  ['address', /^(?:ip address|ip addresses|address|dia chi ip|dia chi ipv[46]|dia chi|ip|ipv[46]|ipv[46] address|host ip|ip host|ip may chu)$/u],
  [
    'prefix',
    /\b(?:prefix|prefixes|subnets?|networks?|net|cidr|ranges?|dai|dai mang|lop mang|mang|block|khoi|vung|ip|ipv4|ipv6|aggregate|inetnum|inet6num|dia chi|address space|addresses|pool)\b/u,
  ],
  ['name', /\b(?:ten|name|hostname|label|nhan|netname)\b/u],
  ['site', /^dia chi$/u],
  ['description', /\b(?:mang|network)\b/u],
];

/** The fields a heading may mean by its words, the likeliest first; none where it is unknown or of no use. */
export function guessFields(heading: string): AdoptField[] {
  const folded = foldHeading(heading);
  if (folded === '' || folded.length > 60) return [];
  const fields: AdoptField[] = [];
  for (const [field, pattern] of rules) {
    if (!pattern.test(folded)) continue;
    if (field === 'none') break;
    fields.push(field);
  }
  return fields;
}
