import { algorithms, type DnssecPolicy } from './schema.ts';
import type { Zone } from './types.ts';

/**
 * The part of a Knot DNS configuration (3.2 and later) that follows from the plan: policies, templates, zones.
 * Addresses, keys and folders of the server itself are the operator's: their file includes this one.
 *
 * Serials are the signer's business: `zonefile-load: difference-no-serial` takes the difference to what it serves, and
 * `serial-policy: unixtime` numbers the new version, so no clock enters the generated files.
 */
export function knotConfiguration(zones: readonly Zone[], policies: ReadonlyMap<string, DnssecPolicy>): string {
  const used = [...new Set(zones.flatMap(({ policy }) => (policy === undefined ? [] : [policy])))].sort();
  const lines = [
    "# Made by `vcloud dns render` from network-plans; include it from the server's own knot.conf, which says",
    '# where to listen, where keys and journals lie, and whom to notify. Zone files are relative to zone storage.',
  ];
  const stated = used.flatMap((name) => policies.get(name) ?? []);
  const submissions = stated.filter(({ submission }) => submission !== undefined);
  if (submissions.length > 0) {
    lines.push('', 'submission:');
    for (const policy of submissions) {
      lines.push(`  - id: ${policy.name}`, `    check-interval: ${policy.submission?.checkInterval ?? 0}`, `    timeout: ${policy.submission?.timeout ?? 0}`);
      lines.push(`    parent-delay: ${policy.parentDsTtl}`);
    }
  }
  if (stated.length > 0) lines.push('', 'policy:', ...stated.flatMap(policyLines));
  lines.push('', 'template:');
  for (const policy of used) lines.push(...templateLines(`signed-${policy}`), '    dnssec-signing: on', `    dnssec-policy: ${policy}`);
  if (zones.some(({ policy }) => policy === undefined)) lines.push(...templateLines('unsigned'));
  lines.push('', 'zone:');
  for (const { name, policy } of zones) lines.push(`  - domain: ${name}`, `    template: ${policy === undefined ? 'unsigned' : `signed-${policy}`}`);
  return `${lines.join('\n')}\n`;
}

function templateLines(id: string): string[] {
  return [
    `  - id: ${id}`,
    '    file: "zones/%s.zone"',
    '    zonefile-load: difference-no-serial',
    '    zonefile-sync: -1',
    '    journal-content: all',
    '    serial-policy: unixtime',
    '    semantic-checks: on',
  ];
}

function policyLines(policy: DnssecPolicy): string[] {
  const lines = [`  - id: ${policy.name}`, `    algorithm: ${policy.algorithm}`, `    single-type-signing: ${policy.keys === 'single' ? 'on' : 'off'}`];
  if (algorithms[policy.algorithm] === 8) {
    if (policy.kskSize !== undefined) lines.push(`    ksk-size: ${policy.kskSize}`);
    if (policy.zskSize !== undefined) lines.push(`    zsk-size: ${policy.zskSize}`);
  }
  lines.push(
    `    ksk-lifetime: ${policy.kskLifetime}`,
    `    zsk-lifetime: ${policy.zskLifetime}`,
    `    dnskey-ttl: ${policy.dnskeyTtl}`,
    `    zone-max-ttl: ${policy.zoneMaxTtl}`,
    `    propagation-delay: ${policy.propagationDelay}`,
    `    rrsig-lifetime: ${policy.signatureLifetime}`,
    `    rrsig-refresh: ${policy.signatureRefresh}`,
    `    cds-cdnskey-publish: ${policy.publishCds}`,
  );
  if (policy.nsec3) {
    lines.push(
      '    nsec3: on',
      `    nsec3-iterations: ${policy.nsec3.iterations}`,
      `    nsec3-salt-length: ${policy.nsec3.saltLength}`,
      `    nsec3-opt-out: ${policy.nsec3.optOut ? 'on' : 'off'}`,
    );
  } else lines.push('    nsec3: off');
  if (policy.submission) lines.push(`    ksk-submission: ${policy.name}`);
  return lines;
}
