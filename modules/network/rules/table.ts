import type { Severity } from '../../core/index.ts';

/** One rule of good address planning, as data: what it says, who says so, and how a finding of it counts. */
export interface RuleRow {
  readonly id: string;
  /** Code of its findings. */
  readonly code: string;
  /** The text it follows; it ends the message of every finding. */
  readonly source: string;
  readonly sentence: { readonly vi: string; readonly en: string };
  /** `error` stops allocation and cannot be switched off, `warning` is a finding, `note` is shown and does not count. */
  readonly severity: Severity;
  /** What must be there before it can be judged: what is declared, or a date. */
  readonly wants?: 'declarations' | 'date' | 'declarations and date';
  /** It judges numbers that only stand for others in a model (`numbering: documentation`). */
  readonly ofRealNumbers?: true;
}

/** Every rule, in the order of their findings. Law is not among them: what a country demands lies in `policies/`. */
export const ruleTable = [
  {
    id: 'nibble-boundary',
    code: 'NET-NIBBLE',
    source: 'RFC 6177, RIPE-690',
    sentence: {
      vi: 'Khối IPv6 kết thúc ở ranh giới 4 bit, để vùng tên ngược không bị cắt thành nhiều mảnh',
      en: 'IPv6 blocks end on a nibble, so that a reverse zone is not cut in several',
    },
    severity: 'warning',
  },
  {
    id: 'site-size',
    code: 'NET-SITE-SIZE',
    source: 'RFC 6177, RIPE-690',
    sentence: {
      vi: 'Mỗi điểm sử dụng (role: site) nhận IPv6 từ /48 đến /56, cùng một cỡ trong một dải',
      en: 'End sites (role: site) get an IPv6 block of /48 to /56, all of one pool the same size',
    },
    severity: 'warning',
  },
  {
    id: 'lan-64',
    code: 'NET-LAN-64',
    source: 'RFC 7421, RFC 4291 2.5.1',
    sentence: {
      vi: 'Mạng LAN (role: lan) là /64; không mạng nào có máy trạm nhỏ hơn /64',
      en: 'A LAN (role: lan) is a /64; no network of hosts is smaller',
    },
    severity: 'warning',
  },
  {
    id: 'link-127',
    code: 'NET-LINK-127',
    source: 'RFC 6164',
    sentence: { vi: 'Kênh điểm - điểm (role: link) dùng /127 trong IPv6', en: 'A point-to-point link (role: link) is a /127 in IPv6' },
    severity: 'warning',
  },
  {
    id: 'link-31',
    code: 'NET-LINK-31',
    source: 'RFC 3021',
    sentence: { vi: 'Kênh điểm - điểm (role: link) dùng /31 trong IPv4', en: 'A point-to-point link (role: link) is a /31 in IPv4' },
    severity: 'warning',
  },
  {
    id: 'loopback-host',
    code: 'NET-LOOPBACK',
    source: 'RFC 5375',
    sentence: { vi: 'Địa chỉ loopback là một địa chỉ: /128 hoặc /32', en: 'A loopback is one address: a /128 or a /32' },
    severity: 'warning',
  },
  {
    id: 'ula-random',
    code: 'NET-ULA',
    source: 'RFC 4193 3.2',
    sentence: {
      vi: 'Địa chỉ nội bộ duy nhất chỉ lấy trong fd00::/8, với mã toàn cục 40 bit ngẫu nhiên',
      en: 'Unique local space comes from fd00::/8, with a global id of 40 random bits',
    },
    severity: 'warning',
  },
  {
    id: 'public-domain',
    code: 'NET-PUBLIC-DOMAIN',
    source: 'RFC 4193 4.1, RFC 1918 3, RFC 6598 4',
    sentence: {
      vi: 'Miền định tuyến công cộng (zone: public) không chứa địa chỉ dùng riêng hay dùng chung',
      en: 'A public routing domain (zone: public) holds no private, unique local or shared space',
    },
    severity: 'warning',
  },
  {
    id: 'shared-space',
    code: 'NET-SHARED-SPACE',
    source: 'RFC 6598',
    sentence: {
      vi: '100.64.0.0/10 nằm giữa nhà mạng và khách hàng, không phải dải dùng riêng cho máy trạm',
      en: '100.64.0.0/10 lies between a carrier and its customers and is no private pool for hosts',
    },
    severity: 'warning',
  },
  {
    id: 'special-purpose',
    code: 'NET-SPECIAL',
    source: 'RFC 6890',
    sentence: {
      vi: 'Không dùng không gian mà sổ đăng ký của IANA dành cho mục đích đặc biệt',
      en: 'Nothing is planned in space the IANA registries set aside',
    },
    severity: 'warning',
    ofRealNumbers: true,
  },
  {
    id: 'asn-documentation',
    code: 'NET-ASN-SPECIAL',
    source: 'RFC 5398',
    sentence: { vi: 'Không dùng số hiệu mạng dành cho tài liệu', en: 'No AS number is one set aside for documentation' },
    severity: 'warning',
    ofRealNumbers: true,
  },
  {
    id: 'aggregation',
    code: 'NET-AGGREGATION',
    source: 'RFC 4632',
    sentence: {
      vi: 'Mỗi cơ quan được quảng bá bằng một tiền tố trong mỗi miền và họ địa chỉ',
      en: 'An organisation is announced as one prefix in each domain and family',
    },
    severity: 'warning',
  },
  {
    id: 'shared-target',
    code: 'NET-POOL-OVERLAP',
    source: 'RFC 4364 4.3',
    sentence: { vi: 'Dải trùng nhau chỉ được ở hai miền không chung route target nào', en: 'Pools overlap only in domains that share no route target' },
    severity: 'error',
  },
  {
    id: 'leaked-overlap',
    code: 'NET-LEAK-OVERLAP',
    source: 'RFC 4364 4.3',
    sentence: {
      vi: 'Không miền nào nhận tuyến trùng nhau từ hai miền khác',
      en: 'No domain imports overlapping routes of two others',
    },
    severity: 'warning',
  },
  {
    id: 'public-address',
    code: 'NET-PUBLIC-ADDRESS',
    source: 'RFC 1918 3, RFC 6598',
    sentence: {
      vi: 'Mạng công cộng có địa chỉ công cộng của chính mình',
      en: 'A public network has a public address of its own',
    },
    severity: 'warning',
    wants: 'declarations',
  },
  {
    id: 'ipv6-block',
    code: 'NET-IPV6-BLOCK',
    source: 'RFC 6540',
    sentence: {
      vi: 'Mạng khai báo chạy IPv6 có khối IPv6 trong kế hoạch',
      en: 'A network said to run IPv6 has an IPv6 block in the plan',
    },
    severity: 'warning',
    wants: 'declarations',
  },
  {
    id: 'ipv6-state',
    code: 'NET-IPV6-STATE',
    source: 'RFC 6540',
    sentence: {
      vi: 'Mỗi mạng nêu trạng thái IPv6; mạng chưa chạy IPv6 nêu thời hạn',
      en: 'Every network states its IPv6 state, and a date where it does not run IPv6 yet',
    },
    severity: 'warning',
    wants: 'declarations',
  },
  {
    id: 'ipv6-overdue',
    code: 'NET-IPV6-OVERDUE',
    source: 'RFC 6540',
    sentence: { vi: 'Không mạng nào quá thời hạn chuyển sang IPv6', en: 'No network is past the date it was to run IPv6' },
    severity: 'warning',
    wants: 'declarations and date',
  },
  {
    id: 'quarantine-over',
    code: 'NET-QUARANTINE',
    source: 'RFC 7020 2',
    sentence: { vi: 'Khối đã thu hồi và hết thời gian cách ly được trả lại', en: 'Released blocks past their quarantine are given back' },
    severity: 'note',
    wants: 'date',
  },
] as const satisfies readonly RuleRow[];

export type RuleId = (typeof ruleTable)[number]['id'];
/** Rules a plan may switch off: all that do not stop allocation. */
export type SwitchableRule = Exclude<RuleId, 'shared-target'>;

/** Ids of the rules a plan may switch off, in the order of the table. */
export const switchableRules = ruleTable.filter((rule) => rule.severity !== 'error').map(({ id }) => id) as [SwitchableRule, ...SwitchableRule[]];

const rows = new Map<RuleId, RuleRow>(ruleTable.map((row) => [row.id, row]));

/** The row of a rule. */
export function ruleRow(id: RuleId): RuleRow {
  const row = rows.get(id);
  if (!row) throw new Error(`no rule ${id}`);
  return row;
}
