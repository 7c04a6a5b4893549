import * as path from 'node:path';
import { writeFileAtomic } from '../core/index.ts';
import type { PlanRun } from '../engine/types.ts';
import type { InventoryRecord } from '../inventory/types.ts';
import type { Clock } from './clock.ts';
import type { Joined } from './join.ts';
import type { MemberRun } from './member.ts';

const reportFile = 'out/report.html';

/** Writes the page for people; returns its path relative to the federation's folder. */
export async function writeReport(root: string, own: MemberRun, joined: readonly Joined[], clock: Clock): Promise<string> {
  return clock.step('report', async () => {
    const [{ listRecords, openInventory }, { buildReportData, renderReport }] = await Promise.all([
      import('../inventory/index.ts'),
      import('../report/index.ts'),
    ]);
    const store = openInventory(root);
    let records: InventoryRecord[];
    try {
      records = [...listRecords(store)];
    } finally {
      store.close();
    }
    const runs = [own, ...joined.flatMap(({ run }) => (run ? [run] : []))];
    const data = buildReportData({
      federation: own.federation,
      records,
      addresses: own.addresses,
      zones: own.zones,
      overlays: own.overlays,
      syntheses: runs.map(({ synthesis }) => synthesis),
      plans: runs.map(({ plan }) => withoutTimes(plan)),
      audits: runs.flatMap(({ audit }) => (audit ? [audit] : [])),
      members: [own.federation.settings.member, ...joined.map(({ member, bundle }) => ({ ...member, sequence: bundle?.sequence }))],
      command: 'vcloud federate',
    });
    const html = renderReport(data);
    writeFileAtomic(path.join(root, reportFile), html, { durable: false });
    return { value: reportFile, summary: `${reportFile}, ${(Buffer.byteLength(html) / 1e6).toFixed(1)} MB` };
  });
}

/** The same input gives the same page: how long each stack took this time is no part of it. */
function withoutTimes(plan: PlanRun): PlanRun {
  return { ...plan, stacks: plan.stacks.map((stack) => ({ ...stack, milliseconds: 0 })) };
}
