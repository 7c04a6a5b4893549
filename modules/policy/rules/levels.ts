import { z } from 'zod';
import { defineCheck, failed, notApplicable, pass, unknown, type CheckContext, type Verdict } from '../check.ts';
import type { Threshold } from '../law.ts';

/** A system's level was decided: it names the decision and its date. */
export const levelDecided = defineCheck({
  id: 'level-decided',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const level = context.read('level');
    if (level === undefined) return unknown('level');
    context.atLevel(level.value);
    if (level.decision === undefined) return failed(`cấp độ ${level.value} không có số quyết định phê duyệt`, `level ${level.value} names no decision`);
    if (level.date === undefined) return unknown('level.date');
    if (level.date > context.asOf) {
      return failed(`quyết định ${level.decision} ngày ${level.date} chưa có`, `decision ${level.decision} of ${level.date} does not exist yet`);
    }
    return pass(`cấp độ ${level.value} theo ${level.decision} ngày ${level.date}`, `level ${level.value} by ${level.decision} of ${level.date}`);
  },
});

/** A system with so many data subjects has at least the level the text derives from it. */
export const levelMinimum = defineCheck({
  id: 'level-minimum',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({
    classes: z.array(z.string()).min(1),
    /** Which of the system's measures counts what a threshold's unit names. */
    measures: z.record(z.string(), z.string()),
  }),
  judge(context, { classes, measures }) {
    const dataClass = context.read('dataClass');
    if (dataClass === undefined) return unknown('dataClass');
    if (!classes.includes(dataClass)) return notApplicable(`loại dữ liệu là ${dataClass}`, `the data class is ${dataClass}`);
    const stated = context.read('measures') ?? {};
    const counted = Object.values(measures).filter((name) => stated[name] !== undefined);
    if (counted.length === 0) return unknown(`measures.${Object.values(measures)[0] ?? ''}`);
    const level = context.read('level')?.value;
    let least: { level: number; row: Threshold; count: number } | undefined;
    for (const row of context.thresholds()) {
      const count = Number(stated[measures[row.unit] ?? '']);
      if (row.operator !== 'min' || Number.isNaN(count) || count < Number(row.value)) continue;
      if (least === undefined || Number(row.level) > least.level) least = { level: Number(row.level), row, count };
    }
    if (least === undefined) return pass('số chủ thể dữ liệu dưới ngưỡng', 'fewer data subjects than the threshold');
    if (level === undefined) return unknown('level');
    const vi = `${least.count} ${least.row.unit} đòi hỏi ít nhất cấp độ ${least.level} (ngưỡng ${least.row.value}); đang là cấp độ ${level}`;
    const en = `${least.count} ${least.row.unit} ask for level ${least.level} at least (threshold ${least.row.value}); it has level ${level}`;
    return level >= least.level ? pass(vi, en) : failed(vi, en);
  },
});

/** A measure as a system states it. */
type Stated = string | number | boolean | readonly string[];

/**
 * A system's stated measures against every threshold of its level: numbers by `min` and `max`, one of several values by
 * `equals`, all members of a set (or at least a step of a scale) by `required`. One verdict per parameter.
 */
export const levelMeasures = defineCheck({
  id: 'level-measures',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({
    /** Values from weak to strong, where a stronger one also satisfies. */
    scale: z.array(z.string()).optional(),
    /** Members of a set whose name ends so are only asked where the system has such a thing. */
    conditional: z.string().optional(),
    /** Only systems in a cloud of another agency. */
    hosted: z.boolean().default(false),
    /** Judge thresholds without a level too: those that hold for every system. */
    allLevels: z.boolean().default(false),
  }),
  judge(context, options) {
    const level = context.read('level')?.value;
    if (level === undefined && !options.allLevels) return unknown('level');
    if (options.hosted) {
      const hosting = hostedElsewhere(context);
      if (hosting !== true) return hosting;
    }
    const byParameter = new Map<string, Threshold[]>();
    for (const row of context.thresholds(level)) {
      const list = byParameter.get(row.parameter);
      if (list) list.push(row);
      else byParameter.set(row.parameter, [row]);
    }
    if (byParameter.size === 0) return notApplicable(`văn bản không đặt mức ở cấp độ ${level ?? ''}`, `the text sets nothing at level ${level ?? ''}`);
    const measures = context.read('measures') ?? {};
    // The whole map would repeat in every finding: only what is judged is evidence.
    context.drop('measures');
    return [...byParameter].map(([parameter, rows]): Verdict => {
      const value = measures[parameter];
      context.note(`measures.${parameter}`, value);
      const key = byParameter.size === 1 ? undefined : parameter;
      if (value === undefined) return { ...unknown(`measures.${parameter}`, key), parameter };
      const asked = describe(rows);
      const shown = Array.isArray(value) ? value.join(', ') : String(value);
      const at = level === undefined ? { vi: '', en: '' } : { vi: ` ở cấp độ ${level}`, en: ` at level ${level}` };
      const vi = `${parameter} là ${shown}, yêu cầu ${asked}${at.vi}`;
      const en = `${parameter} is ${shown}, asked is ${asked}${at.en}`;
      return { ...(satisfies(value, rows, options) ? pass(vi, en, key) : failed(vi, en, key)), parameter };
    });
  },
});

function hostedElsewhere(context: CheckContext<'system'>): true | Verdict {
  const tenants = context.read('tenants');
  if (tenants === undefined) return unknown('tenants');
  for (const id of tenants) {
    const tenant = context.of('tenant', id);
    if (tenant === undefined) return unknown(`tenant/${id}`);
    const cloudId = tenant.read('cloud');
    const cloud = context.of('cloud', cloudId);
    if (cloud === undefined) return unknown(`cloud/${cloudId}`);
    cloud.read('owner');
    if (cloud.agency !== context.agency) return true;
  }
  return notApplicable('hệ thống chạy trên đám mây của chính cơ quan', "the system runs in the agency's own cloud");
}

function satisfies(value: Stated, rows: readonly Threshold[], options: { scale?: string[] | undefined; conditional?: string | undefined }): boolean {
  const members = (Array.isArray(value) ? value : [value]).map(String);
  const { scale = [], conditional } = options;
  const limits = rows.filter((row) => row.operator === 'min' || row.operator === 'max');
  const equals = rows.filter((row) => row.operator === 'equals');
  const required = rows.filter((row) => row.operator === 'required');
  const numeric = typeof value === 'boolean' ? Number.NaN : Number(value);
  return (
    limits.every((row) => (row.operator === 'min' ? numeric >= Number(row.value) : numeric <= Number(row.value))) &&
    (equals.length === 0 || members.every((member) => equals.some((row) => row.value === member))) &&
    required.every((row) => {
      if (conditional !== undefined && row.value.endsWith(conditional)) return true;
      const step = scale.indexOf(row.value);
      return members.some((member) => member === row.value || (step >= 0 && scale.indexOf(member) >= step));
    })
  );
}

const signs = { min: '≥ ', max: '≤ ', equals: '', required: '' } as const;

function describe(rows: readonly Threshold[]): string {
  const words = rows.map((row) => `${signs[row.operator]}${row.value}`);
  const unit = rows[0]?.unit ?? '';
  const joined = rows[0]?.operator === 'equals' ? words.join(' | ') : words.join(', ');
  return rows[0]?.operator === 'min' || rows[0]?.operator === 'max' ? `${joined} ${unit}` : joined;
}
