import { z } from 'zod';
import { defineCheck, failed, pass, type Check } from '../check.ts';
import type { SubjectKind, Subjects } from '../facts.ts';

/**
 * Fields a text demands to be stated: here, unlike elsewhere, saying nothing is itself the failure.
 * One check per kind of object, so that `fields` can only name what the kind has.
 */
function stated<K extends SubjectKind>(kind: K, fields: readonly [keyof Subjects[K] & string, ...(keyof Subjects[K] & string)[]]): Check {
  return defineCheck({
    id: `${kind}-stated`,
    subject: kind,
    inputs: ['declared'],
    options: z.strictObject({ fields: z.array(z.enum(fields)).min(1) }),
    judge(context, options) {
      const named = options.fields as (keyof Subjects[K] & string)[];
      const missing = named.filter((field) => isEmpty(context.read(field)));
      if (missing.length === 0) return pass(`đã khai báo ${named.join(', ')}`, `states ${named.join(', ')}`);
      return failed(`thiếu ${missing.join(', ')}`, `lacks ${missing.join(', ')}`);
    },
  });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

export const statedChecks = [
  stated('link', ['carrier', 'capacityMbps', 'profile', 'network', 'legalBasis', 'contact']),
  stated('service', ['owner', 'version', 'protocol', 'access', 'conditions', 'plans', 'system']),
  stated('site', ['operator', 'location', 'tier', 'power', 'upstreams', 'exchanges']),
  stated('system', ['operator', 'dataClass', 'serviceModel', 'contact', 'network', 'environment', 'lifecycle']),
];
