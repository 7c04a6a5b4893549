import * as path from 'node:path';
import { plural } from '../../../modules/core/basics.ts';
import type { Orchestrator, StackPlan } from '../../../modules/engine/index.ts';
import type { Prepared } from '../../../modules/federate.ts';
import type { Context } from '../../kit.ts';

/** What a member's files come to, with the caller's date and progress. */
export async function prepared({ root, asOf, reporter }: Context): Promise<Prepared> {
  const { prepare } = await import('../../../modules/federate.ts');
  return await prepare(root, { asOf, reporter });
}

/** The engine of what is declared, telling what happens in the caller's language. */
export async function engineOf(context: Context, made: Prepared): Promise<Orchestrator> {
  const [{ orchestratorOf }, { reporting }] = await Promise.all([import('../../../modules/federate.ts'), import('../../../modules/engine/index.ts')]);
  return await orchestratorOf(context.root, made, { onMessage: reporting(context.reporter, context.language) });
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What people read of plans and applies, in both languages. */
export const words = {
  en: {
    nothing: 'No differences.',
    destroyed: 'Destroyed or replaced:',
    unchanged: (count: number) => `${plural(count, 'stack')} unchanged`,
    waits: 'waits for',
    failed: 'failed',
    removed: 'no longer declared; kept (allow its destruction with --allow-remove)',
    outputs: 'outputs',
    taken: (count: number) => `${count} to import`,
    renamed: (count: number) => `${count} renamed`,
    directory: 'Plan directory:',
    review: 'To review:',
    approval: 'Approval needed:',
    next: 'Next:',
    sandbox: 'sandbox: nothing real is touched',
    nothingLeft: 'Nothing was interrupted.',
    replanned: 'Cut off and planned again:',
    within: 'all of it was in the plan that was cut off',
    beyond: 'not in the plan that was cut off:',
    results: { applied: 'applied', unchanged: 'unchanged', failed: 'failed', stopped: 'stopped', waits: 'waits' },
  },
  vi: {
    nothing: 'Không có khác biệt.',
    destroyed: 'Sẽ bị xóa hoặc thay thế:',
    unchanged: (count: number) => `${count} ngăn xếp không đổi`,
    waits: 'chờ',
    failed: 'lỗi',
    removed: 'không còn được khai báo; vẫn giữ (cho phép xóa bằng --allow-remove)',
    outputs: 'đầu ra',
    taken: (count: number) => `tiếp nhận ${count}`,
    renamed: (count: number) => `đổi tên ${count}`,
    directory: 'Thư mục kế hoạch:',
    review: 'Để rà soát:',
    approval: 'Cần phê duyệt:',
    next: 'Tiếp theo:',
    sandbox: 'môi trường thử: không chạm vào hệ thống thật',
    nothingLeft: 'Không có lần chạy nào bị ngắt.',
    replanned: 'Bị ngắt giữa chừng, đã lập lại kế hoạch:',
    within: 'toàn bộ đều có trong kế hoạch bị ngắt',
    beyond: 'không có trong kế hoạch bị ngắt:',
    results: { applied: 'đã áp dụng', unchanged: 'không đổi', failed: 'lỗi', stopped: 'đã dừng', waits: 'chờ' },
  },
} as const;

/** `+3 ~1 -2`, zeros left out. */
export function counts({ add, change, destroy }: Pick<StackPlan, 'add' | 'change' | 'destroy'>): string {
  return [add > 0 ? `+${add}` : '', change > 0 ? `~${change}` : '', destroy > 0 ? `-${destroy}` : ''].filter((part) => part !== '').join(' ');
}

export function total(stacks: readonly StackPlan[]): Pick<StackPlan, 'add' | 'change' | 'destroy'> {
  const planned = stacks.filter((stack) => stack.state === 'planned');
  const sum = (field: 'add' | 'change' | 'destroy'): number => planned.reduce((all, stack) => all + stack[field], 0);
  return { add: sum('add'), change: sum('change'), destroy: sum('destroy') };
}

export function byAgency<T extends { readonly agency: string }>(stacks: readonly T[]): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const stack of stacks) {
    const group = groups.get(stack.agency);
    if (group === undefined) groups.set(stack.agency, [stack]);
    else group.push(stack);
  }
  return [...groups];
}

/** ` -C FOLDER` where the federation is not the current folder. */
export function chdir({ root }: Context): string {
  const relative = path.relative(process.cwd(), root);
  return relative === '' ? '' : ` -C ${relative}`;
}
