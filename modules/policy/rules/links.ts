import { z } from 'zod';
import { defineCheck, failed, notApplicable, pass, unknown } from '../check.ts';

/** Planned load as a share of capacity, against the limit of the text. */
export const linkLoad = defineCheck({
  id: 'link-load',
  subject: 'link',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const limit = context.thresholds()[0];
    if (limit === undefined) return notApplicable('văn bản không đặt giới hạn tải', 'the text sets no load limit');
    const capacity = context.read('capacityMbps');
    if (capacity === undefined) return unknown('capacityMbps');
    const load = context.read('plannedLoadMbps');
    if (load === undefined) return unknown('plannedLoadMbps');
    const share = Math.round((load / capacity) * 1000) / 10;
    context.note('load share in percent', share);
    const vi = `tải dự kiến ${load} Mbps trên ${capacity} Mbps là ${share} %, giới hạn ${limit.value} %`;
    const en = `planned load ${load} Mbps of ${capacity} Mbps is ${share} %, limit ${limit.value} %`;
    return share <= Number(limit.value) ? pass(vi, en) : failed(vi, en);
  },
});

/** A link has another one that takes over, and that one reaches the same site by another way. */
export const linkBackup = defineCheck({
  id: 'link-backup',
  subject: 'link',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const protection = context.thresholds()[0]?.value;
    const asked = protection === undefined ? '' : ` ${protection}`;
    const id = context.read('backup');
    if (id === undefined) {
      const protectedLinks = context.index.related('links by their backup', 'link', (link) => (link.backup === undefined ? [] : [link.backup]));
      const own = protectedLinks.get(context.id)?.map((entry) => entry.id);
      if (own) return notApplicable(`là liên kết dự phòng của ${own.join(', ')}`, `is itself the backup of ${own.join(', ')}`);
      return failed(`không có liên kết dự phòng${asked}`, `no backup link${asked}`);
    }
    if (id === context.id) return failed('liên kết tự làm dự phòng cho chính nó', 'the link names itself as its backup');
    const backup = context.of('link', id);
    if (backup === undefined) return unknown(`link/${id}`);
    const ends = [backup.read('from'), backup.read('to')];
    const site = context.read('from');
    if (!ends.includes(site)) {
      return failed(`liên kết dự phòng ${id} không nối tới ${site}`, `backup link ${id} does not reach ${site}`);
    }
    return pass(`có liên kết dự phòng${asked}: ${id}`, `backup link${asked}: ${id}`);
  },
});

/** A link carries its traffic encrypted. */
export const linkEncrypted = defineCheck({
  id: 'link-encrypted',
  subject: 'link',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const encrypted = context.read('encrypted');
    if (encrypted === undefined) return unknown('encrypted');
    return encrypted ? pass('lưu lượng được mã hóa', 'traffic is encrypted') : failed('lưu lượng không được mã hóa', 'traffic is not encrypted');
  },
});
