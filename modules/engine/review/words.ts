import { plural } from '../../core/index.ts';
import type { ObjectChange, Language } from './types.ts';

/** Signs of plans, as engines print them. */
export const signs: Readonly<Record<ObjectChange['action'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  replace: '-/+',
  read: '<=',
  'no-op': '=',
  import: '<-',
};

const texts = {
  en: {
    plan: 'Plan',
    sandbox: 'sandbox: nothing real is touched',
    production: 'PRODUCTION',
    nothing: 'No differences.',
    destroys: 'THIS PLAN DESTROYS everything in it, declared or not.',
    gone: 'Destroyed or replaced',
    nothingGone: 'Nothing is destroyed or replaced.',
    effects: 'Effects beyond the stacks',
    renumber: 'addresses given up or changed',
    'ds-change': 'DS records changed',
    approvals: 'Approvals needed before apply',
    of: (count: number, names: string) => `${count} of ${names}`,
    taken: (count: number) => `${count} to import`,
    imports: (id: string) => `exists already and is taken in: ${id}`,
    unchanged: (count: number) => `${count} unchanged`,
    waits: 'waits for',
    failed: 'could not be planned',
    removed: 'no longer declared; kept, not destroyed by this plan',
    removal: 'no longer declared: destroyed whole',
    outputs: (count: number) => `${count} outputs change`,
    level: (level: number) => `level ${level}`,
    notRead: 'attributes not read (vcloud plan --attributes reads them)',
    more: (count: number) => `... and ${count} more`,
    forces: 'forces replacement',
    none: '(none)',
    stacks: (count: number) => plural(count, 'stack'),
    waiting: (count: number) => `${count} waiting`,
    object: 'object',
    stack: 'stack',
    attribute: 'attribute',
    before: 'before',
    after: 'after',
    page: 'Search, filters and every attribute: open plan.html in a browser.',
  },
  vi: {
    plan: 'Kế hoạch',
    sandbox: 'môi trường thử: không chạm vào hệ thống thật',
    production: 'MÔI TRƯỜNG THẬT',
    nothing: 'Không có khác biệt.',
    destroys: 'KẾ HOẠCH NÀY XÓA mọi thứ nằm trong nó, dù có được khai báo hay không.',
    gone: 'Sẽ bị xóa hoặc thay thế',
    nothingGone: 'Không có gì bị xóa hoặc thay thế.',
    effects: 'Tác động ngoài các ngăn xếp',
    renumber: 'địa chỉ bị trả lại hoặc đổi số',
    'ds-change': 'bản ghi DS thay đổi',
    approvals: 'Cần phê duyệt trước khi áp dụng',
    of: (count: number, names: string) => `${count} trong số ${names}`,
    taken: (count: number) => `tiếp nhận ${count}`,
    imports: (id: string) => `đã tồn tại, được tiếp nhận: ${id}`,
    unchanged: (count: number) => `${count} không đổi`,
    waits: 'chờ',
    failed: 'không lập được kế hoạch',
    removed: 'không còn được khai báo; vẫn giữ, kế hoạch này không xóa',
    removal: 'không còn được khai báo: xóa toàn bộ',
    outputs: (count: number) => `${count} đầu ra thay đổi`,
    level: (level: number) => `cấp độ ${level}`,
    notRead: 'chưa đọc từng thuộc tính (vcloud plan --attributes để đọc)',
    more: (count: number) => `... và ${count} nữa`,
    forces: 'buộc thay thế',
    none: '(không có)',
    stacks: (count: number) => `${count} ngăn xếp`,
    waiting: (count: number) => `${count} đang chờ`,
    object: 'đối tượng',
    stack: 'ngăn xếp',
    attribute: 'thuộc tính',
    before: 'trước',
    after: 'sau',
    page: 'Tìm kiếm, lọc và xem từng thuộc tính: mở plan.html trong trình duyệt.',
  },
} as const;

export type ReviewWords = (typeof texts)[Language];

/** The words of a review in one language. */
export function wordsOf(language: Language): ReviewWords {
  return texts[language];
}
