import { z } from 'zod';
import { defineCheck, failed, notApplicable, pass, unknown } from '../check.ts';

/** A site is joined to at least so many Internet providers. */
export const siteUpstreams = defineCheck({
  id: 'site-upstreams',
  subject: 'site',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const limit = context.thresholds()[0];
    if (limit === undefined) return notApplicable('văn bản không đặt số nhà cung cấp', 'the text sets no number of providers');
    const upstreams = context.read('upstreams');
    if (upstreams === undefined) return unknown('upstreams');
    const different = new Set(upstreams).size;
    const vi = `kết nối ${different} nhà cung cấp Internet, tối thiểu ${limit.value}`;
    const en = `joined to ${different} Internet ${different === 1 ? 'provider' : 'providers'}, at least ${limit.value} asked`;
    return different >= Number(limit.value) ? pass(vi, en) : failed(vi, en);
  },
});

/** A site is joined to the named Internet exchange points. */
export const siteExchanges = defineCheck({
  id: 'site-exchanges',
  subject: 'site',
  inputs: ['declared'],
  options: z.strictObject({
    /** Any one of them will do. */
    exchanges: z.array(z.string()).min(1),
  }),
  judge(context, { exchanges }) {
    const joined = context.read('exchanges');
    if (joined === undefined) return unknown('exchanges');
    const found = joined.filter((name) => exchanges.includes(name));
    return found.length > 0
      ? pass(`đã kết nối ${found.join(', ')}`, `joined to ${found.join(', ')}`)
      : failed(`chưa kết nối ${exchanges.join(' hoặc ')}`, `not joined to ${exchanges.join(' or ')}`);
  },
});

/** Two sites back each other up: each names the other. */
export const siteMutualBackup = defineCheck({
  id: 'site-mutual-backup',
  subject: 'site',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const id = context.read('backup');
    if (id === undefined) return unknown('backup');
    if (id === context.id) return failed('địa điểm tự làm dự phòng cho chính nó', 'the site names itself as its backup');
    const other = context.of('site', id);
    if (other === undefined) return unknown(`site/${id}`);
    const back = other.read('backup');
    if (back === context.id) return pass(`dự phòng hai chiều với ${id}`, `mutual backup with ${id}`);
    return failed(
      `${id} không dự phòng ngược lại (${back ?? 'chưa khai báo'})`,
      `${id} does not back it up in turn (${back === undefined ? 'nothing stated' : `it names ${back}`})`,
    );
  },
});

/** A site has at least the tier the text asks for, and its certificate is valid. */
export const siteTier = defineCheck({
  id: 'site-tier',
  subject: 'site',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const limit = context.thresholds()[0];
    if (limit === undefined) return notApplicable('văn bản không đặt mức tối thiểu', 'the text sets no minimum');
    const tier = context.read('tier');
    if (tier === undefined) return unknown('tier');
    if (tier.until !== undefined && context.asOf >= tier.until)
      return failed(`chứng nhận ${tier.standard} hết hạn ngày ${tier.until}`, `the ${tier.standard} certificate ended on ${tier.until}`);
    const vi = `mức ${tier.level} theo ${tier.standard}, tối thiểu ${limit.value}`;
    const en = `tier ${tier.level} by ${tier.standard}, at least ${limit.value} asked`;
    return tier.level >= Number(limit.value) ? pass(vi, en) : failed(vi, en);
  },
});
