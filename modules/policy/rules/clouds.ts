import { z } from 'zod';
import { defineCheck, failed, pass, unknown } from '../check.ts';

/** A cloud's provider holds each of the named certificates, valid on the date. */
export const cloudCertificates = defineCheck({
  id: 'cloud-certificates',
  subject: 'cloud',
  inputs: ['declared'],
  options: z.strictObject({
    /** Standards asked for; `accepts` are the ways their number is written, an edition after a colon is ignored. */
    standards: z.array(z.strictObject({ name: z.string().min(1), accepts: z.array(z.string().min(1)).min(1) })).min(1),
  }),
  judge(context, { standards }) {
    const certificates = context.read('certificates');
    if (certificates === undefined) return unknown('certificates');
    return standards.map(({ name, accepts }) => {
      const held = certificates.filter((certificate) =>
        accepts.some((accepted) => certificate.standard === accepted || certificate.standard.startsWith(`${accepted}:`)),
      );
      const valid = held.find(({ from, until }) => (from === undefined || context.asOf >= from) && (until === undefined || context.asOf < until));
      if (valid) {
        const end = valid.until;
        return pass(
          `có chứng nhận ${valid.standard}${end === undefined ? '' : `, hiệu lực đến ${end}`}`,
          `holds ${valid.standard}${end === undefined ? '' : `, valid until ${end}`}`,
          slug(name),
        );
      }
      const ended = held[0];
      return ended
        ? failed(
            `chứng nhận ${ended.standard} không còn hoặc chưa có hiệu lực (${ended.from ?? '…'} - ${ended.until ?? '…'})`,
            `the ${ended.standard} certificate does not hold on ${context.asOf} (${ended.from ?? '…'} - ${ended.until ?? '…'})`,
            slug(name),
          )
        : failed(`không có chứng nhận ${name}`, `no certificate for ${name}`, slug(name));
    });
  },
});

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/gu, '-');
}
