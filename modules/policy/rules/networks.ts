import { z } from 'zod';
import { defineCheck, failed, notApplicable, pass, unknown } from '../check.ts';

/** A field of a network has one of the accepted values. */
export const networkField = defineCheck({
  id: 'network-field',
  subject: 'network',
  inputs: ['declared'],
  options: z.strictObject({ field: z.enum(['ipv6', 'addressOrigin', 'zone']), accepted: z.array(z.string()).min(1) }),
  judge(context, { field, accepted }) {
    const value = context.read(field);
    if (value === undefined) return unknown(field);
    const vi = `${field} là ${value}, yêu cầu ${accepted.join(' hoặc ')}`;
    const en = `${field} is ${value}, asked is ${accepted.join(' or ')}`;
    return accepted.includes(value) ? pass(vi, en) : failed(vi, en);
  },
});

/** An autonomous system number lies outside the ranges nobody may announce. */
export const asnRegistrable = defineCheck({
  id: 'asn-registrable',
  subject: 'asn',
  inputs: ['addresses'],
  options: z.strictObject({
    /** Reserved ranges, both ends included, with the text that reserves them. */
    reserved: z.array(z.strictObject({ from: z.int(), to: z.int(), by: z.string() })).min(1),
  }),
  judge(context, { reserved }) {
    if (context.documentation) return notApplicable('mô hình dùng số hiệu mạng tài liệu', 'a model numbered from documentation ranges');
    const number = context.read('number');
    const range = reserved.find(({ from, to }) => number >= from && number <= to);
    return range
      ? failed(
          `AS${number} thuộc dải dành riêng ${range.from}-${range.to} (${range.by})`,
          `AS${number} lies in the reserved range ${range.from}-${range.to} (${range.by})`,
        )
      : pass(`AS${number} đăng ký được`, `AS${number} can be registered`);
  },
});

/** How tunnels of an overlay are protected: an accepted kind, and none on trial. */
export const overlayCrypto = defineCheck({
  id: 'overlay-crypto',
  subject: 'overlay',
  inputs: ['overlays'],
  options: z.strictObject({ accepted: z.array(z.string()).min(1) }),
  judge(context, { accepted }) {
    const tunnels = context.read('tunnels').length;
    // Thousands of tunnels are no evidence of how they are protected: their number is.
    context.note('tunnels', tunnels);
    if (tunnels === 0) return notApplicable('mạng phủ chưa có đường hầm', 'the overlay has no tunnel');
    const profile = context.read('profile');
    context.note('profile', { name: profile.name, kind: profile.kind, trial: profile.trial });
    if (!accepted.includes(profile.kind)) {
      const vi = `cấu hình mật mã "${profile.name}" dùng ${profile.kind}, không thuộc ${accepted.join(', ')}`;
      const en = `crypto profile "${profile.name}" uses ${profile.kind}, which is not among ${accepted.join(', ')}`;
      return profile.trial ? failed(`${vi} (đang thử nghiệm)`, `${en} (on trial)`) : failed(vi, en);
    }
    return profile.trial
      ? failed(`cấu hình mật mã "${profile.name}" đang thử nghiệm`, `crypto profile "${profile.name}" is on trial`)
      : pass(`cấu hình mật mã "${profile.name}" dùng ${profile.kind}`, `crypto profile "${profile.name}" uses ${profile.kind}`);
  },
});
