import { z } from 'zod';
import { defineCheck, failed, notApplicable, pass, unknown } from '../check.ts';

/** A zone states the DNSSEC policy it is signed by. The signatures themselves are for a live check. */
export const zoneSigned = defineCheck({
  id: 'zone-signed',
  subject: 'zone',
  inputs: ['zones'],
  options: z.strictObject({
    /** Names of policies that mean "not signed". */
    unsigned: z.array(z.string()).default([]),
  }),
  judge(context, { unsigned }) {
    const policy = context.read('policy');
    if (policy === undefined) return unknown('policy');
    return unsigned.includes(policy)
      ? failed(`chính sách "${policy}" không ký vùng`, `policy "${policy}" does not sign the zone`)
      : pass(
          `được ký theo chính sách "${policy}" (theo khai báo; chữ ký cần kiểm tra trực tiếp)`,
          `signed by policy "${policy}" (as declared; signatures need a live check)`,
        );
  },
});

/** A zone has at least so many different name servers. */
export const zoneNameServers = defineCheck({
  id: 'zone-name-servers',
  subject: 'zone',
  inputs: ['zones'],
  options: z.strictObject({
    minimum: z.int().positive(),
    /** The technical text that sets the number. */
    by: z.string().min(1),
  }),
  judge(context, { minimum, by }) {
    const zone = context.read('name');
    const records = context.read('records');
    // Evidence of a whole zone would be the zone: only its name servers are kept.
    const servers = records.filter((set) => set.type === 'NS' && set.name === zone).flatMap((set) => set.data);
    context.note('records', servers);
    if (records.length === 0) return notApplicable('vùng không có bản ghi', 'the zone holds no records');
    if (servers.length === 0) return unknown(`records NS ${zone}`);
    const different = new Set(servers).size;
    const vi = `${different} máy chủ tên miền, tối thiểu ${minimum} (${by})`;
    const en = `${different} name ${different === 1 ? 'server' : 'servers'}, at least ${minimum} asked (${by})`;
    return different >= minimum ? pass(vi, en) : failed(vi, en);
  },
});
