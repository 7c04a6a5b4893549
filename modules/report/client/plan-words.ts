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
  plan: ['Kế hoạch {0}', 'Plan {0}'],
  skip: ['Tới danh sách', 'Skip to the list'],
  sandbox: ['môi trường thử: không chạm vào hệ thống thật', 'sandbox: nothing real is touched'],
  production: ['môi trường thật', 'production'],
  totals: ['{0} ngăn xếp có thay đổi, {1} chờ, {2} không đổi', '{0} stacks with changes, {1} waiting, {2} unchanged'],
  goneTitle: ['Sẽ bị xóa hoặc thay thế', 'Destroyed or replaced'],
  nothingGone: ['Không có gì bị xóa hoặc thay thế.', 'Nothing is destroyed or replaced.'],
  effects: ['Tác động ngoài các ngăn xếp', 'Effects beyond the stacks'],
  renumber: ['địa chỉ bị trả lại hoặc đổi số', 'addresses given up or changed'],
  'ds-change': ['bản ghi DS thay đổi', 'DS records changed'],
  approvals: ['Cần phê duyệt trước khi áp dụng', 'Approvals needed before apply'],
  nOf: ['{0} trong số {1}', '{0} of {1}'],
  because: ['vì', 'because of'],
  stacks: ['Từng ngăn xếp', 'Stack by stack'],
  search: ['Tìm', 'Search'],
  searchHint: ['ngăn xếp, đối tượng, thuộc tính, giá trị', 'stack, object, attribute, value'],
  agency: ['Cơ quan', 'Agency'],
  action: ['Hành động', 'Action'],
  all: ['tất cả', 'all'],
  create: ['tạo mới', 'create'],
  update: ['thay đổi', 'update'],
  replace: ['thay thế', 'replace'],
  delete: ['xóa', 'destroy'],
  import: ['tiếp nhận', 'import'],
  imports: ['đã tồn tại, được tiếp nhận: {0}', 'exists already and is taken in: {0}'],
  planned: ['có thay đổi', 'with changes'],
  waits: ['chờ', 'waits'],
  failed: ['lỗi', 'failed'],
  skipped: ['không còn khai báo', 'no longer declared'],
  waitsFor: ['chờ {0}', 'waits for {0}'],
  outputs: ['{0} đầu ra thay đổi', '{0} outputs change'],
  level: ['cấp độ {0}', 'level {0}'],
  removal: ['không còn được khai báo: xóa toàn bộ', 'no longer declared: destroyed whole'],
  kept: ['không còn được khai báo; vẫn giữ ({0} đối tượng)', 'no longer declared; kept ({0} objects)'],
  notRead: ['Chưa đọc từng thuộc tính: vcloud plan --attributes.', 'Attributes were not read: vcloud plan --attributes.'],
  attribute: ['thuộc tính', 'attribute'],
  before: ['trước', 'before'],
  after: ['sau', 'after'],
  forces: ['buộc thay thế', 'forces replacement'],
  shown: ['{0} trong {1} ngăn xếp', '{0} of {1} stacks'],
  nothing: ['Không có gì phù hợp.', 'Nothing fits.'],
  noDifferences: ['Không có khác biệt.', 'No differences.'],
  more: ['… và {0} nữa', '… and {0} more'],
  expand: ['Mở tất cả', 'Open all'],
  collapse: ['Đóng tất cả', 'Close all'],
  help: ['Phím tắt (?)', 'Keys (?)'],
  helpTitle: ['Phím tắt', 'Keys'],
  helpMove: ['ngăn xếp kế tiếp, trước đó', 'next stack, the one before'],
  helpOpen: ['mở hoặc đóng', 'open or close'],
  helpSearch: ['tìm', 'search'],
  helpAll: ['mở hoặc đóng tất cả', 'open or close all'],
  helpLeave: ['rời ô tìm kiếm, đóng bảng này', 'leave the search, close this'],
  helpHelp: ['bảng này', 'this'],
  close: ['Đóng', 'Close'],
} as const;

export type Word = keyof typeof words;

/** A text of the page in the current language. */
export function t(word: Word, ...values: readonly (string | number)[]): string {
  const text = words[word][language === 'vi' ? 0 : 1];
  return text.replace(/\{(\d)\}/gu, (_, index: string) => {
    const value = values[Number(index)] ?? '';
    return typeof value === 'number' ? number(value) : value;
  });
}

/** A whole number with the language's separators. */
export function number(value: number): string {
  return value.toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US');
}
