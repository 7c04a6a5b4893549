import { problem, type Problem } from '../core/index.ts';
import { policyPlace } from './places.ts';
import { algorithms, type DnssecPolicy } from './schema.ts';
import type { ZoneSet } from './types.ts';

/**
 * Key and signature timing of the policies in use, judged before any server runs: a policy whose times contradict each
 * other makes a zone bogus weeks later (RFC 7583). Servers accept most of what is refused here.
 */
export function checkPolicies(set: ZoneSet): Problem[] {
  const used = new Set(set.zones.map(({ policy }) => policy));
  return [...(set.policies ?? [])]
    .filter(([name]) => used.has(name))
    .flatMap(([name, policy]) =>
      faults(policy).map(({ message, hint }) =>
        problem('DNS-POLICY', `DNSSEC policy "${name}": ${message}`, {
          severity: 'warning',
          ...(set.places?.get(policyPlace(name)) ?? { subject: name }),
          hint,
        }),
      ),
    );
}

function faults(policy: DnssecPolicy): { message: string; hint: string }[] {
  const found: { message: string; hint: string }[] = [];
  const add = (wrong: boolean, message: string, hint: string): void => {
    if (wrong) found.push({ message, hint });
  };
  const { signatureLifetime, signatureRefresh, zoneMaxTtl, propagationDelay, dnskeyTtl, zskLifetime, kskLifetime, parentDsTtl, nsec3 } = policy;
  add(
    signatureRefresh >= signatureLifetime,
    `signatures live ${signatureLifetime} s but are renewed ${signatureRefresh} s before their end`,
    'renew after about half their life',
  );
  add(
    signatureRefresh < zoneMaxTtl + propagationDelay,
    `signatures are renewed ${signatureRefresh} s before their end, but a cache may hold the old ones for ${zoneMaxTtl + propagationDelay} s`,
    'raise signatureRefresh above zoneMaxTtl + propagationDelay (RFC 6781 section 4.4.2)',
  );
  // A rollover needs the new key seen everywhere, then the old signatures forgotten everywhere (RFC 7583 section 3.2.1).
  const zskRoll = dnskeyTtl + propagationDelay + zoneMaxTtl + propagationDelay + (signatureLifetime - signatureRefresh);
  add(
    policy.keys === 'split' && zskLifetime > 0 && zskLifetime < zskRoll,
    `a ZSK lives ${zskLifetime} s, a rollover needs ${zskRoll} s`,
    'give zone keys a longer life, or 0 for no rollover',
  );
  const kskRoll = dnskeyTtl + propagationDelay + parentDsTtl + propagationDelay;
  add(
    kskLifetime > 0 && kskLifetime < kskRoll,
    `a KSK lives ${kskLifetime} s, a rollover needs ${kskRoll} s`,
    'give key-signing keys a longer life, or 0 for no rollover',
  );
  add(
    kskLifetime > 0 && policy.submission === undefined,
    'key-signing keys roll by themselves, but nothing watches for the new DS at the parent',
    'add `submission:`, or kskLifetime: 0',
  );
  add(kskLifetime > 0 && policy.publishCds === 'none', 'key-signing keys roll, but no CDS tells the parent', 'publishCds: always (RFC 7344)');
  add(
    nsec3 !== undefined && (nsec3.iterations > 0 || nsec3.saltLength > 0),
    `NSEC3 has ${nsec3?.iterations ?? 0} iterations and ${nsec3?.saltLength ?? 0} octets of salt`,
    'RFC 9276 section 3.1: 0 iterations, no salt; validators may treat anything else as insecure',
  );
  add(
    algorithms[policy.algorithm] === 8 && ((policy.kskSize ?? 2048) < 2048 || (policy.zskSize ?? 2048) < 2048),
    'an RSA key is shorter than 2048 bits',
    'use ecdsap256sha256, or 2048 bits and more',
  );
  return found;
}
