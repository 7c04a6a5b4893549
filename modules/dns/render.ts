import { API_VERSION, canonicalJson, sha256 } from '../core/index.ts';
import { knotConfiguration } from './knot.ts';
import { isWithin, parentName } from './names.ts';
import type { DnssecPolicy } from './schema.ts';
import type { RecordSet, Zone } from './types.ts';

/** File of a zone below `out/dns/`; `%s` of the server's template gives the same (the name without its final dot). */
export function zoneFile(zone: string): string {
  return `zones/${zone.slice(0, -1).replaceAll('/', '_')}.zone`;
}

/**
 * A zone as a master file (RFC 1035 section 5): one record a line, absolute names, no directives, canonical order.
 * The serial is always 1: the signer counts (see {@link knotConfiguration}), so a zone whose content is the same is
 * the same file, whoever renders it and whenever.
 */
export function renderZone(zone: Zone): string {
  let text = '';
  for (const { name, ttl, type, data } of zone.records) for (const rdata of data) text += `${name}\t${ttl}\tIN\t${type}\t${rdata}\n`;
  return text;
}

/** The files of a set of zones, path below `out/dns/` -> content: zone files, server configuration, catalogue, delegations. */
export function renderZones(zones: readonly Zone[], policies: ReadonlyMap<string, DnssecPolicy>): Map<string, string> {
  const files = new Map<string, string>();
  if (zones.length === 0) return files;
  const catalogue: unknown[] = [];
  for (const zone of zones) {
    const text = renderZone(zone);
    const file = zoneFile(zone.name);
    files.set(file, text);
    const records = zone.records.reduce((sum, { data }) => sum + data.length, 0);
    catalogue.push({
      zone: zone.name,
      kind: zone.kind,
      owner: zone.owner,
      policy: zone.policy ?? null,
      file,
      records,
      sha256: sha256(text),
      nameServers: apexServers(zone),
    });
  }
  files.set('zones.json', `${canonicalJson({ apiVersion: API_VERSION, kind: 'ZoneCatalogue', zones: catalogue }, 2)}\n`);
  files.set('delegations.json', `${canonicalJson({ apiVersion: API_VERSION, kind: 'Delegations', delegations: outwardDelegations(zones) }, 2)}\n`);
  files.set('knot.conf', knotConfiguration(zones, policies));
  return files;
}

function apexServers(zone: Zone): readonly string[] {
  return zone.records.find(({ name, type }) => name === zone.name && type === 'NS')?.data ?? [];
}

/** What the zones above, held by somebody else, must say of ours: NS and glue. The DS follows from the signer's keys. */
function outwardDelegations(
  zones: readonly Zone[],
): { zone: string; nameServers: readonly string[]; glue: { name: string; type: string; data: readonly string[] }[] }[] {
  const names = new Set(zones.map(({ name }) => name));
  const held = (name: string | undefined): boolean => name !== undefined && (names.has(name) || held(parentName(name)));
  return zones
    .filter((zone) => zone.name !== '.' && !held(parentName(zone.name)))
    .map((zone) => {
      const servers = apexServers(zone);
      const below = new Set(servers.filter((host) => isWithin(host, zone.name)));
      const glue = zone.records.filter((set: RecordSet) => below.has(set.name) && (set.type === 'A' || set.type === 'AAAA'));
      return { zone: zone.name, nameServers: servers, glue: glue.map(({ name, type, data }) => ({ name, type, data })) };
    });
}
