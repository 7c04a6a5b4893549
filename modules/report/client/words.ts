import type { Names } from '../types.ts';

export type Language = 'vi' | 'en';

let language: Language = 'vi';

/** The language everything is shown in from now on. */
export function setLanguage(to: Language): void {
  language = to;
}

export function currentLanguage(): Language {
  return language;
}

/** Every text of the page: Vietnamese, English. `{0}` is filled in. */
const words = {
  title: ['Hạ tầng đám mây liên kết', 'Federated cloud infrastructure'],
  asOf: ['Tính đến ngày {0}', 'As of {0}'],
  skip: ['Tới nội dung', 'Skip to content'],
  sections: ['Các phần của trang', 'Sections of the page'],
  overview: ['Tổng quan', 'Overview'],
  map: ['Bản đồ', 'Map'],
  addresses: ['Địa chỉ', 'Addresses'],
  stacks: ['Triển khai', 'Stacks'],
  findings: ['Tuân thủ', 'Audit'],
  catalogue: ['Danh mục dịch vụ', 'Catalogue'],
  catalogueHint: ['IaaS và PaaS mà các đám mây cung cấp, kèm điều kiện', 'IaaS and PaaS the clouds offer, with conditions'],
  noOffers: ['Chưa khai báo dịch vụ đám mây nào.', 'No offer is declared.'],
  mayUse: ['Ai được dùng', 'Who may use it'],
  everyone: ['mọi cơ quan', 'every organisation'],
  allBelow: ['{0} và đơn vị trực thuộc', '{0} and below'],
  levelUpTo: ['đến cấp độ {0}', 'up to level {0}'],
  offerPlan: ['Gói', 'Plan'],
  offerSizes: ['Cấu hình', 'Sizes'],
  offerQuota: ['Hạn mức', 'Quota'],
  offerPrice: ['Giá', 'Price'],
  inventory: ['Kiểm kê', 'Inventory'],
  about: ['Về trang này', 'About'],
  organisations: ['Cơ quan, đơn vị', 'Organisations'],
  sites: ['Địa điểm', 'Sites'],
  clouds: ['Đám mây', 'Clouds'],
  prefixes: ['Khối địa chỉ', 'Prefixes'],
  zones: ['Vùng tên miền', 'Zones'],
  recordsIn: ['{0} bản ghi DNS', '{0} DNS records'],
  tunnels: ['Đường hầm', 'Tunnels'],
  stackCount: ['Stack', 'Stacks'],
  resources: ['Tài nguyên', 'Resources'],
  resourcesIn: ['{0} tài nguyên', '{0} resources'],
  failing: ['Không đạt', 'Failing findings'],
  noAudit: ['chưa kiểm tra', 'not audited'],
  records: ['Bản ghi kiểm kê', 'Inventory records'],
  membersIn: ['{0} thành viên', '{0} members'],
  systems: ['Hệ thống', 'Systems'],
  sharedIn: ['{0} dùng chung', '{0} shared'],
  rulesIn: ['{0} quy tắc, {1} văn bản', '{0} rules, {1} instruments'],
  overlaysIn: ['{0} mạng phủ', '{0} overlays'],
  questions: ['Hai câu hỏi đã có lời đáp', 'Two questions, answered'],
  whoOwns: ['Địa chỉ này của ai?', 'Who owns this address?'],
  whoOwnsHint: ['Nhập địa chỉ IPv4, IPv6 hoặc một khối địa chỉ', 'Type an IPv4 or IPv6 address, or a prefix'],
  address: ['Địa chỉ', 'Address'],
  notAddress: ['“{0}” không phải là địa chỉ hay khối địa chỉ.', '“{0}” is neither an address nor a prefix.'],
  notInPlan: ['{0} không thuộc khối nào trong quy hoạch.', '{0} lies in no block of the plan.'],
  onlyPool: ['{0} chưa được cấp: còn trống trong {1}.', '{0} is not assigned: it is free in {1}.'],
  belongsTo: ['{0} thuộc về', '{0} belongs to'],
  chain: ['Chuỗi sở hữu', 'Owner chain'],
  blockChain: ['Các khối chứa nó', 'The blocks it lies in'],
  pool: ['vùng cấp phát', 'pool'],
  noRecovery: ['Hệ thống nào chưa có dự phòng thảm hoạ?', 'Which systems have no disaster recovery?'],
  noRecoverySum: ['{0} trên {1} hệ thống không nêu nơi dự phòng.', '{0} of {1} systems state no place to recover.'],
  allRecover: ['Cả {0} hệ thống đều nêu nơi dự phòng.', 'All {0} systems state a place to recover.'],
  noSystems: ['Chưa khai báo hệ thống nào.', 'No system is declared.'],
  withRecovery: ['Hệ thống có dự phòng ({0})', 'Systems with disaster recovery ({0})'],
  system: ['Hệ thống', 'System'],
  owner: ['Chủ quản', 'Owner'],
  level: ['Cấp độ', 'Level'],
  shared: ['Dùng chung', 'Shared'],
  yes: ['có', 'yes'],
  recoverAt: ['Nơi dự phòng', 'Recovers at'],
  mode: ['Phương thức', 'Mode'],
  notStated: ['chưa nêu', 'not stated'],
  minutes: ['{0} phút', '{0} min'],
  mapLabel: [
    'Bản đồ: mỗi chấm là một xã, phường, đặc khu; mỗi vòng tròn là một tỉnh, thành phố',
    'Map: each dot is a commune, ward or special zone, each circle a province or city',
  ],
  mapNote: [
    'Đường nét đất nước do chính các trung tâm xã vẽ nên; không dùng nền bản đồ nào.',
    'The communes’ own centres draw the country; there is no base map.',
  ],
  legend: ['Chú giải và lớp', 'Legend and layers'],
  communesLayer: ['Đơn vị cơ sở ({0})', 'Lowest level units ({0})'],
  agenciesLayer: ['Tỉnh, thành phố; cỡ theo số đơn vị trực thuộc', 'Provinces and cities; sized by their units'],
  hubsLayer: ['Trung tâm vùng, nút mạng', 'Regional centres, hubs'],
  centresLayer: ['Trung tâm dữ liệu có đám mây', 'Data centres with a cloud'],
  sitesLayer: ['Địa điểm khác', 'Other sites'],
  linksLayer: ['Kênh truyền ({0})', 'Links ({0})'],
  tunnelsLayer: ['Đường hầm ({0})', 'Tunnels ({0})'],
  zoomIn: ['Phóng to', 'Zoom in'],
  zoomOut: ['Thu nhỏ', 'Zoom out'],
  zoomAll: ['Toàn cảnh', 'Whole country'],
  pickPlace: ['Chọn một nơi trên bản đồ hoặc trong danh sách.', 'Choose a place on the map or in the list.'],
  places: ['Nơi', 'Place'],
  back: ['Bỏ chọn', 'Clear'],
  units: ['Đơn vị trực thuộc', 'Units below it'],
  blocks: ['Khối địa chỉ được giao', 'Address blocks'],
  seeRecords: ['Xem {0} bản ghi kiểm kê', 'See its {0} inventory records'],
  tree: ['Cây địa chỉ', 'Address tree'],
  treeSearch: ['Tìm khoá, khối địa chỉ hoặc cơ quan', 'Find a key, prefix or organisation'],
  v4: ['IPv4', 'IPv4'],
  v6: ['IPv6', 'IPv6'],
  family: ['Họ địa chỉ', 'Address family'],
  used: ['đã cấp {0}', '{0} assigned'],
  free: ['khối trống lớn nhất {0}', 'largest free {0}'],
  full: ['đã cấp hết', 'fully assigned'],
  inside: ['{0} khối bên trong', '{0} blocks inside'],
  outside: ['Ngoài mọi vùng cấp phát', 'Outside every pool'],
  more: ['Hiện thêm {0}', 'Show {0} more'],
  found: ['Tìm thấy {0}', '{0} found'],
  firstOf: ['{0} kết quả đầu trong {1}', 'first {0} of {1}'],
  nothing: ['Không tìm thấy gì.', 'Nothing found.'],
  previous: ['Trước', 'Previous'],
  next: ['Sau', 'Next'],
  range: ['{0}–{1} trên {2}', '{0}–{1} of {2}'],
  pages: ['Trang kết quả', 'Result pages'],
  sandbox: ['môi trường thử (sandbox)', 'sandbox'],
  production: ['môi trường thật', 'production'],
  sandboxNote: [
    'Mọi tài nguyên được lập kế hoạch trong môi trường thử: không hạ tầng thật nào bị động tới.',
    'Every resource is planned in the sandbox: no real infrastructure is touched.',
  ],
  planWith: ['Kế hoạch {0}, lập bằng {1}.', 'Plan {0}, made with {1}.'],
  noPlan: ['Chưa lập được kế hoạch: {0}', 'No plan could be made: {0}'],
  notPlanned: ['chưa lập kế hoạch', 'not planned'],
  agency: ['Cơ quan', 'Agency'],
  stack: ['Stack', 'Stack'],
  state: ['Trạng thái', 'State'],
  add: ['Thêm', 'Add'],
  change: ['Sửa', 'Change'],
  destroy: ['Xoá', 'Destroy'],
  waitsFor: ['chờ {0}', 'waits for {0}'],
  planned: ['có thay đổi', 'planned'],
  unchanged: ['không đổi', 'unchanged'],
  waits: ['đang chờ', 'waits'],
  failed: ['lỗi', 'failed'],
  skipped: ['bỏ qua', 'skipped'],
  filter: ['Lọc', 'Filter'],
  all: ['tất cả', 'all'],
  severity: ['Mức độ', 'Severity'],
  status: ['Kết quả', 'Result'],
  instrument: ['Văn bản', 'Instrument'],
  rule: ['Quy tắc', 'Rule'],
  critical: ['nghiêm trọng', 'critical'],
  high: ['cao', 'high'],
  medium: ['trung bình', 'medium'],
  low: ['thấp', 'low'],
  pass: ['đạt', 'pass'],
  fail: ['không đạt', 'fail'],
  unknown: ['chưa rõ', 'unknown'],
  manual: ['cần người xem', 'manual'],
  waived: ['được miễn', 'waived'],
  'not-applicable': ['không áp dụng', 'not applicable'],
  byRule: ['Kết quả theo quy tắc', 'Results by rule'],
  basis: ['Căn cứ', 'Basis'],
  evidence: ['Bằng chứng', 'Evidence'],
  remedy: ['Cách khắc phục', 'What to do'],
  declaredAt: ['Khai báo tại', 'Declared at'],
  waiver: ['Miễn trừ', 'Waiver'],
  subject: ['Đối tượng', 'Subject'],
  omitted: ['Còn {0} kết quả không nằm trong trang; xem bằng “vcloud audit run”.', '{0} more are not in this page; “vcloud audit run” shows them.'],
  auditNone: ['Trang này được lập mà không chạy kiểm tra tuân thủ.', 'This page was made without an audit.'],
  inventorySearch: ['Tìm trong mọi bản ghi', 'Search every record'],
  inventoryHint: ['ví dụ: bo y te, da nang, openstack', 'for example: bo y te, da nang, openstack'],
  kind: ['Loại', 'Kind'],
  member: ['Thành viên', 'Member'],
  layer: ['Lớp', 'Layer'],
  drift: ['Sai khác', 'Drift'],
  declared: ['khai báo', 'declared'],
  live: ['thực tế', 'live'],
  'in-sync': ['khớp', 'in sync'],
  drifted: ['sai khác', 'drifted'],
  missing: ['thiếu', 'missing'],
  unmanaged: ['ngoài quản lý', 'unmanaged'],
  pickRecord: ['Chọn một bản ghi để xem chi tiết.', 'Choose a record to see its details.'],
  observed: ['Ghi nhận ngày', 'Observed'],
  relations: ['Quan hệ', 'Relations'],
  attributes: ['Thuộc tính', 'Attributes'],
  timings: ['Thời gian từng bước', 'Time per step'],
  step: ['Bước', 'Step'],
  time: ['Thời gian', 'Time'],
  result: ['Kết quả', 'Result'],
  overlays: ['Mạng phủ', 'Overlays'],
  overlay: ['Mạng phủ', 'Overlay'],
  profile: ['Hồ sơ mã hoá', 'Crypto profile'],
  trial: ['thử nghiệm', 'trial'],
  hubs: ['Nút trung tâm', 'Hubs'],
  spokes: ['Nút biên', 'Spokes'],
  members: ['Thành viên', 'Members'],
  thisMember: ['lập trang này', 'wrote this page'],
  bundle: ['gói đã ký số {0}', 'signed bundle {0}'],
  madeBy: ['Trang được lập bằng lệnh', 'This page was made by'],
  whatItIs: [
    'Một tệp duy nhất, không gọi ra ngoài, mở được khi không có mạng. Số liệu lấy từ khai báo, quy hoạch, kế hoạch, kiểm tra tuân thủ và gói đã ký của các thành viên; điều gì chưa biết được ghi là chưa biết.',
    'One file that calls nothing outside and opens without a network. It shows declarations, address plan, stack plans, audit and the members’ signed bundles; what is not known is shown as not known.',
  ],
  total: ['Tổng', 'Total'],
  'step-load': ['Đọc và kiểm tra khai báo', 'Load and check'],
  'step-addresses': ['Cấp địa chỉ', 'Allocate addresses'],
  'step-zones': ['Vùng tên miền', 'Zones'],
  'step-overlays': ['Mạng phủ', 'Overlays'],
  'step-synthesise': ['Tổng hợp stack', 'Synthesise stacks'],
  'step-plan': ['Lập kế hoạch', 'Plan'],
  'step-apply': ['Áp dụng', 'Apply'],
  'step-audit': ['Kiểm tra tuân thủ', 'Audit'],
  'step-bundle': ['Gói đã ký của thành viên', 'Members’ signed bundles'],
  'step-bundles': ['Gói đã ký của thành viên', 'Members’ signed bundles'],
  'step-inventory': ['Kiểm kê', 'Inventory'],
  'step-report': ['Lập trang này', 'This page'],
  organisation: ['cơ quan, đơn vị', 'organisation'],
  site: ['địa điểm', 'site'],
  cloud: ['đám mây', 'cloud'],
  network: ['mạng', 'network'],
  link: ['kênh truyền', 'link'],
  tenant: ['vùng thuê', 'tenant'],
  offer: ['dịch vụ đám mây', 'offer'],
  rack: ['tủ rack', 'rack'],
  server: ['máy chủ', 'server'],
  appliance: ['thiết bị', 'appliance'],
  iaas: ['IaaS', 'IaaS'],
  paas: ['PaaS', 'PaaS'],
  service: ['dịch vụ', 'service'],
  prefix: ['khối địa chỉ', 'prefix'],
  zone: ['vùng tên miền', 'zone'],
  tunnel: ['đường hầm', 'tunnel'],
  resource: ['tài nguyên', 'resource'],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof words;

/** A text in the current language, `{0}`, `{1}` filled in. */
export function t(word: Word, ...values: (string | number)[]): string {
  const text = words[word][language === 'vi' ? 0 : 1];
  return text.replace(/\{(\d)\}/gu, (_, index: string) => {
    const value = values[Number(index)] ?? '';
    return typeof value === 'number' ? number(value) : value;
  });
}

/** The word for a value of the data, or the value itself where the page has none (kinds and roles are open lists). */
export function term(value: string, otherwise = value): string {
  return Object.hasOwn(words, value) ? t(value as Word) : otherwise;
}

/** A name in the current language. */
export function named(names: Names): string {
  return language === 'vi' ? names.vi : names.en;
}

/** A whole number with the language's separators. */
export function number(value: number): string {
  return value.toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US');
}

/** YYYY-MM-DD as people read it. */
export function date(text: string): string {
  const [year, month, day] = text.split('-');
  return language === 'vi' && day !== undefined ? `${day}/${month}/${year}` : text;
}

/** Milliseconds with two figures that count. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${number(Math.round(milliseconds))} ms`;
  const seconds = (milliseconds / 1000).toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US', { maximumFractionDigits: 1 });
  return `${seconds} s`;
}

/** A share as a percentage; what is more than nothing never reads as nothing. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return `< ${percent(0.001)}`;
  return share.toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US', { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 });
}
