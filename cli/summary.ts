import { fold } from '../modules/core/basics.ts';
import type { Summary } from '../modules/federate.ts';

type Language = 'vi' | 'en';

const words = {
  en: {
    title: 'V-Cloud, as of',
    total: 'together',
    organisations: 'organisations',
    sites: 'sites',
    clouds: 'clouds',
    systems: 'systems',
    prefixes4: 'IPv4 prefixes',
    prefixes6: 'IPv6 prefixes',
    zones: 'zones',
    zoneRecords: 'records in them',
    tunnels: 'tunnels',
    stacks: 'stacks',
    resources: 'resources',
    inventory: 'inventory records',
    plan: 'plan',
    findings: 'findings',
    time: 'time',
    where: 'where',
    next: 'try next',
    first: 'The first run: everything was made.',
    changed: 'Changed since the last run.',
    same: 'Nothing changed since the last run.',
    sandbox: 'sandbox: planned with terraform_data, no cloud was asked',
    applied: 'applied',
    unaudited: 'not audited: there is no policies/ folder',
  },
  vi: {
    title: 'V-Cloud, ngày',
    total: 'tổng cộng',
    organisations: 'cơ quan, đơn vị',
    sites: 'địa điểm',
    clouds: 'đám mây',
    systems: 'hệ thống',
    prefixes4: 'dải IPv4',
    prefixes6: 'dải IPv6',
    zones: 'vùng tên miền',
    zoneRecords: 'bản ghi trong đó',
    tunnels: 'đường hầm',
    stacks: 'stack',
    resources: 'tài nguyên',
    inventory: 'bản ghi kiểm kê',
    plan: 'kế hoạch',
    findings: 'phát hiện',
    time: 'thời gian',
    where: 'ở đâu',
    next: 'thử tiếp',
    first: 'Lần chạy đầu: mọi thứ vừa được tạo.',
    changed: 'Có thay đổi so với lần chạy trước.',
    same: 'Không có gì thay đổi so với lần chạy trước.',
    sandbox: 'sandbox: lập kế hoạch bằng terraform_data, chưa hỏi đám mây nào',
    applied: 'đã áp dụng',
    unaudited: 'chưa kiểm tra: không có thư mục policies/',
  },
} as const;

const figures = ['organisations', 'sites', 'clouds', 'systems', 'prefixes4', 'prefixes6', 'zones', 'zoneRecords', 'tunnels', 'stacks', 'resources'] as const;

/** The one page a person reads after `vcloud federate`. */
export function summaryText(summary: Summary, options: { language: Language; color: boolean }): string {
  const say = words[options.language];
  const bold = (text: string): string => (options.color ? `\u001B[1m${text}\u001B[0m` : text);
  const dim = (text: string): string => (options.color ? `\u001B[2m${text}\u001B[0m` : text);
  const number = (value: number): string => value.toLocaleString(options.language === 'vi' ? 'vi-VN' : 'en-US');
  const columns = summary.members.length > 1 ? summary.members : [];
  const header = [''.padEnd(20), say.total.padStart(10), ...columns.map(({ id }) => id.padStart(13))].join('');
  const lines = [
    bold(`${say.title} ${summary.asOf}`) + `  ${summary.first ? say.first : summary.changed ? say.changed : say.same}`,
    '',
    dim(header),
    ...figures.map((name) =>
      [say[name].padEnd(20), number(summary.total[name]).padStart(10), ...columns.map((member) => number(member[name]).padStart(13))].join(''),
    ),
    [
      say.inventory.padEnd(20),
      number(summary.inventory.total).padStart(10),
      ...columns.map(({ id }) => number(summary.inventory.members[id] ?? 0).padStart(13)),
    ].join(''),
    '',
    `${bold(say.plan.padEnd(10))} ${planLine(summary, number, options.language)}`,
    ...(summary.environment === 'sandbox' && !summary.plan.unavailable ? [`${''.padEnd(10)} ${dim(say.sandbox)}`] : []),
    ...appliedLines(summary, say.applied),
    `${bold(say.findings.padEnd(10))} ${findingsLine(summary, number, say.unaudited, options.language)}`,
    `${bold(say.time.padEnd(10))} ${summary.steps.map(({ step, milliseconds }) => `${step} ${(milliseconds / 1000).toFixed(1)}`).join(', ')} s`,
    '',
    bold(say.where),
    ...Object.entries(summary.paths).map(([name, where]) => `  ${name.padEnd(10)} ${where}`),
    '',
    bold(say.next),
    ...nextCommands(summary, options.language).map(([command, does], _index, all) => {
      const width = Math.max(...all.map(([line]) => line.length));
      return `  ${command.padEnd(width)}  ${dim(does)}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

const planWords = {
  en: {
    changes: (count: string) => `${count} ${count === '1' ? 'stack' : 'stacks'} with changes`,
    unchanged: 'unchanged',
    waits: 'waiting for others',
    failed: 'FAILED',
  },
  vi: { changes: (count: string) => `${count} stack có thay đổi`, unchanged: 'không đổi', waits: 'chờ stack khác', failed: 'LỖI' },
} as const;

function planLine({ plan }: Summary, number: (value: number) => string, language: Language): string {
  if (plan.unavailable) return `${plan.unavailable.reason}\n${''.padEnd(11)}${plan.unavailable.hint}`;
  const say = planWords[language];
  const parts = [
    `+${number(plan.add)} ~${number(plan.change)} -${number(plan.destroy)}`,
    say.changes(number(plan.planned)),
    `${plan.unchanged} ${say.unchanged}`,
  ];
  if (plan.waits > 0) parts.push(`${plan.waits} ${say.waits}`);
  if (plan.failed > 0) parts.push(`${plan.failed} ${say.failed}`);
  return `${parts.join(', ')} (${plan.engine ?? ''})`;
}

function appliedLines({ members }: Summary, word: string): string[] {
  const sums = members.flatMap(({ applied }) => (applied ? [applied] : []));
  if (sums.length === 0) return [];
  const sum = (field: 'applied' | 'failed' | 'stopped'): number => sums.reduce((total, item) => total + item[field], 0);
  return [`${word.padEnd(10)} ${sum('applied')} stacks${sum('failed') > 0 ? `, ${sum('failed')} FAILED, ${sum('stopped')} stopped because of them` : ''}`];
}

const findingWords = {
  en: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'unknown', manual: 'for a person to judge', waived: 'waived', pass: 'pass' },
  vi: {
    critical: 'nghiêm trọng',
    high: 'cao',
    medium: 'trung bình',
    low: 'thấp',
    unknown: 'chưa rõ',
    manual: 'cần người xem xét',
    waived: 'được miễn',
    pass: 'đạt',
  },
} as const;

function findingsLine({ findings }: Summary, number: (value: number) => string, none: string, language: Language): string {
  if (!findings) return none;
  const of = (name: keyof typeof findingWords.en): string => `${number(findings[name] ?? 0)} ${findingWords[language][name]}`;
  return `${of('critical')}, ${of('high')}, ${of('medium')}, ${of('low')}; ${of('unknown')}, ${of('manual')}, ${of('waived')}; ${of('pass')}`;
}

function nextCommands(summary: Summary, language: Language): [string, string][] {
  const vi = language === 'vi';
  return [
    [
      `npx vcloud inventory search "${fold((summary.members.at(1) ?? summary.members[0])?.names.vi ?? '')}"`,
      vi ? 'tìm trong toàn bộ danh mục' : 'search everything the members hold',
    ],
    [
      summary.plan.unavailable ? 'npx vcloud net show' : 'npx vcloud federate --apply',
      vi
        ? summary.plan.unavailable
          ? 'xem cây địa chỉ'
          : 'áp dụng vào sandbox'
        : summary.plan.unavailable
          ? 'see the address tree'
          : 'apply everything to the sandbox',
    ],
    summary.findings
      ? ['npx vcloud audit run', vi ? 'xem các phát hiện, điều khoản và bằng chứng' : 'read the findings with article and evidence']
      : ['npx vcloud inventory drift', vi ? 'so khai báo với trạng thái' : 'compare what is declared with the states'],
  ];
}
