import type { DriftRun, NextAction, StackDrift } from './types.ts';
import type { ProjectReading } from './unmanaged.ts';

const texts = {
  en: {
    stack: 'stack',
    drifted: 'drifted',
    unknown: 'unknown',
    read: 'objects',
    next: {
      'no-op': 'kept as it is: nothing declared says otherwise',
      create: 'made again',
      update: 'set back',
      delete: 'removed',
      replace: 'replaced',
      import: 'taken in',
      move: 'kept under another name',
      read: 'read',
    } satisfies Record<NextAction, string>,
    plan: 'next plan:',
    deleted: 'is gone',
    none: '(none)',
    notRead: 'could not be read:',
    whole: 'the whole stack',
    ignored: (count: number) => `${count} fields ignored that are known to say nothing`,
    pending: (count: number) => `${count} more changed by the next plan, declared and not applied yet`,
    clean: 'No drift: everything applied was read and is as it was.',
    unsure: 'No drift was seen, but not everything could be read: see "unknown".',
    nothing: 'Nothing was ever applied here.',
    removed: 'no longer declared',
    projects: 'What projects hold beside:',
    project: (all: number, held: number, made: number) => `${all} objects: ${held} in states, ${made} made by the cloud itself or another member's`,
    within: 'in',
    marked: 'marked as of',
    none2: 'nothing that no state holds',
    answer: 'Take one in with "vcloud import STACK ADDRESS ID" once it is declared, or a whole project with "vcloud import project".',
  },
  vi: {
    stack: 'ngăn xếp',
    drifted: 'bị lệch',
    unknown: 'không rõ',
    read: 'đối tượng',
    next: {
      'no-op': 'giữ nguyên như hiện tại: khai báo không nói khác',
      create: 'tạo lại',
      update: 'đặt lại',
      delete: 'xóa',
      replace: 'thay thế',
      import: 'tiếp nhận',
      move: 'giữ nguyên, đổi tên',
      read: 'đọc',
    } satisfies Record<NextAction, string>,
    plan: 'kế hoạch tiếp theo:',
    deleted: 'đã mất',
    none: '(không có)',
    notRead: 'không đọc được:',
    whole: 'cả ngăn xếp',
    ignored: (count: number) => `bỏ qua ${count} trường vốn không mang ý nghĩa`,
    pending: (count: number) => `kế hoạch tiếp theo còn đổi ${count} đối tượng đã khai báo mà chưa áp dụng`,
    clean: 'Không lệch: mọi thứ đã áp dụng đều đọc được và đúng như cũ.',
    unsure: 'Không thấy lệch, nhưng không đọc được tất cả: xem cột "không rõ".',
    nothing: 'Chưa từng áp dụng gì ở đây.',
    removed: 'không còn được khai báo',
    projects: 'Những gì các dự án còn chứa:',
    project: (all: number, held: number, made: number) =>
      `${all} đối tượng: ${held} có trong trạng thái, ${made} do chính đám mây tạo hoặc của thành viên khác`,
    within: 'trong',
    marked: 'mang dấu của',
    none2: 'không có gì nằm ngoài trạng thái',
    answer: 'Tiếp nhận một đối tượng đã khai báo bằng "vcloud import STACK ADDRESS ID", hoặc cả dự án bằng "vcloud import project".',
  },
} as const;

/** The drift of a run as text: agency by agency a table, below each stack its objects field by field. */
export function driftText(run: DriftRun, language: 'vi' | 'en'): string {
  const words = texts[language];
  const shown = run.stacks.filter((stack) => stack.state !== 'absent');
  if (run.unavailable !== undefined) return '';
  if (shown.length === 0 && run.projects === undefined) return words.nothing;
  const lines: string[] = [];
  for (const [agency, stacks] of groups(shown)) {
    const width = Math.max(words.stack.length, ...stacks.map(({ path }) => path.length));
    lines.push(agency, `  ${words.stack.padEnd(width)}  ${words.read.padStart(9)}  ${words.drifted.padStart(9)}  ${words.unknown.padStart(9)}`);
    for (const stack of stacks) {
      // A stack of which nothing could be read is unknown whole.
      const unread = stack.unknown.some(({ address }) => address === undefined) ? stack.resources || '?' : stack.unknown.length;
      lines.push(
        `  ${stack.path.padEnd(width)}  ${String(stack.resources).padStart(9)}  ${String(stack.drifted.length).padStart(9)}  ${String(unread).padStart(9)}`,
      );
    }
    for (const stack of stacks) lines.push(...details(stack, words));
    lines.push('');
  }
  if (run.stacks.every(({ state }) => state !== 'drift')) lines.push(run.stacks.some(({ state }) => state === 'unknown') ? words.unsure : words.clean);
  if (run.projects !== undefined) lines.push('', ...projectsText(run.projects, words));
  return lines.join('\n').trimEnd();
}

function projectsText(projects: readonly ProjectReading[], words: (typeof texts)['vi' | 'en']): string[] {
  const lines: string[] = [words.projects];
  for (const { cloud, project, stacks, objects, held, made, unmanaged, unread } of projects) {
    lines.push(`  ${cloud} ${project.name === '' ? stacks.join(', ') : project.name}  ${words.project(objects, held, made)}`);
    if (unmanaged.length === 0 && unread.length === 0) lines.push(`    ${words.none2}`);
    for (const { type, id, name, within, markedAs } of unmanaged) {
      const place = within === undefined ? '' : `  (${words.within} ${within.stack} ${within.address})`;
      lines.push(`    + ${type}  ${name ?? ''}  ${id}${place}${markedAs === undefined ? '' : `  (${words.marked} ${markedAs})`}`);
    }
    for (const { type, reason } of unread) lines.push(`    ? ${type} ${words.notRead} ${reason ?? ''}`);
  }
  if (projects.some(({ unmanaged }) => unmanaged.length > 0)) lines.push('', words.answer);
  return lines;
}

function details(stack: StackDrift, words: (typeof texts)['vi' | 'en']): string[] {
  if (stack.drifted.length === 0 && stack.unknown.length === 0) return [];
  const lines = ['', `  ${stack.path}${stack.removed === true ? ` (${words.removed})` : ''}`];
  for (const { address, drift, fields, next } of stack.drifted) {
    lines.push(`    ${drift === 'deleted' ? '-' : '~'} ${address}${drift === 'deleted' ? ` ${words.deleted}` : ''}  (${words.plan} ${words.next[next]})`);
    for (const { path, before, after } of fields) lines.push(`        ${path}: ${before ?? words.none} -> ${after ?? words.none}`);
  }
  for (const { address, because } of stack.unknown) lines.push(`    ? ${address ?? words.whole} ${words.notRead} ${because.replaceAll(/\s+/gu, ' ')}`);
  if (stack.ignored > 0) lines.push(`    (${words.ignored(stack.ignored)})`);
  if (stack.pending > 0) lines.push(`    (${words.pending(stack.pending)})`);
  return lines;
}

function groups(stacks: readonly StackDrift[]): Map<string, StackDrift[]> {
  const found = new Map<string, StackDrift[]>();
  for (const stack of stacks) found.set(stack.agency, [...(found.get(stack.agency) ?? []), stack]);
  return found;
}
