import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemBlueprints } from '../../modules/cloud/systems/index.ts';
import { listFiles, parseYaml } from '../../modules/core/index.ts';
import { agencyOf, collections, loadFederation, type Federation, type Organisation } from '../../modules/federation/index.ts';
import { checkAddresses, loadAddressPlans, parsePrefix, planAddresses, prefixContains } from '../../modules/network/index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folders = { centre: root, moh: path.join(root, 'examples/members/moh'), city: path.join(root, 'examples/members/ho-chi-minh') };
const central = ['party', 'assembly', 'state', 'front', 'government', 'ministry', 'judiciary', 'agency'];

let members: { centre: Federation; moh: Federation; city: Federation };
let all: Federation[];

beforeAll(async () => {
  const load = (folder: string): Promise<Federation> => loadFederation(folder, { asOf: '2026-11-22' });
  members = { centre: await load(folders.centre), moh: await load(folders.moh), city: await load(folders.city) };
  all = Object.values(members);
});

function organisations(...kinds: string[]): Organisation[] {
  return all.flatMap((federation) => [...federation.organisations.values()]).filter(({ kind }) => kinds.includes(kind));
}

describe('the reference federation', () => {
  it('has the central bodies, provinces and communes of Viet Nam over its three members', () => {
    // One more agency is one more file (ARCHITECTURE.md), not a failed test.
    expect(organisations(...central).length).toBeGreaterThanOrEqual(26);
    expect(organisations('province', 'city')).toHaveLength(34);
    expect(organisations('ward', 'commune', 'special-zone')).toHaveLength(3321);
    expect([...members.city.organisations.values()].filter(({ kind }) => ['ward', 'commune', 'special-zone'].includes(kind))).toHaveLength(168);
  });

  it('puts every commune below its province', () => {
    const provinces = new Set(organisations('province', 'city').map(({ id }) => id));
    for (const federation of all) {
      for (const { id, kind } of federation.organisations.values()) {
        if (['ward', 'commune', 'special-zone'].includes(kind)) expect(provinces).toContain(agencyOf(federation, id));
      }
    }
  });

  it('declares no identity twice over all members', () => {
    for (const collection of collections) {
      const ids = all.flatMap((federation) => [...federation[collection].keys()]);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    }
    const codes = organisations('province', 'city', 'ward', 'commune', 'special-zone').map(({ kind, code }) => `${kind}/${code ?? ''}`);
    expect(new Set(codes).size).toBe(codes.length);
    const labels = all.flatMap((federation) =>
      [...federation.organisations.values()].filter(({ label }) => label !== undefined).map(({ label, parent }) => `${label ?? ''}.${parent ?? ''}`),
    );
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('leaves to each member what is its own', () => {
    const foreign = [...members.moh.organisations.keys(), ...members.city.organisations.keys()];
    expect(foreign.filter((id) => members.centre.organisations.has(id))).toEqual([]);
    expect(members.centre.settings.members.map(({ id, folder, scope }) => [id, folder, scope.organisations, scope.keys, scope.zones])).toEqual([
      ['moh', 'examples/members/moh', ['moh'], ['agency/moh'], ['moh.gov.vn.']],
      ['ho-chi-minh', 'examples/members/ho-chi-minh', ['ho-chi-minh'], ['agency/ho-chi-minh'], ['hochiminh.gov.vn.']],
    ]);
  });

  it('gives every province three sites of level I, and each of its committees a protected link or a stated gap', () => {
    for (const federation of [members.centre, members.city]) {
      for (const { id, kind } of federation.organisations.values()) {
        if (kind !== 'province' && kind !== 'city') continue;
        const own = [...federation.sites.values()].filter(({ owner, role }) => owner === id && role === 'level-1').map((site) => site.id);
        expect(own.sort()).toEqual([`${id}-committee`, `${id}-council`, `${id}-party`]);
      }
    }
    for (const link of members.centre.links.values()) {
      if (link.backup === undefined) continue;
      const other = members.centre.links.get(link.backup);
      expect([other?.from, other?.to], link.id).toContain(link.from);
    }
  });

  it('has three regional centres, each with a backup in its region', () => {
    const centres = [...members.centre.sites.values()].filter(({ role }) => role === 'regional');
    expect(centres.map(({ id }) => id).sort()).toEqual(['regional-da-nang', 'regional-ha-noi', 'regional-ho-chi-minh']);
    for (const { backup, region } of centres) {
      expect(members.centre.sites.get(backup ?? '')).toMatchObject({ role: 'regional-backup', region });
    }
  });

  it('shares at least twelve systems with an owner, a level and a place to recover', () => {
    const shared = [...members.centre.systems.values()].filter((system) => system.shared === true);
    const complete = shared.filter(({ owner, level, disasterRecovery: recovery }) => owner !== '' && level !== undefined && recovery !== undefined);
    expect(complete.length).toBeGreaterThanOrEqual(12);
    const named = ['ndxp', 'dxl', 'ha-noi-lgsp', 'da-nang-lgsp', 'document-axis', 'v-datahub', 'v-mdm', 'v-eye', 'v-insight', 'v-devops'];
    expect(complete.map(({ id }) => id)).toEqual(expect.arrayContaining([...named, 'identity', 'e-payment', 'e-archive', 'e-collaboration']));
  });

  it('recovers in another place than it runs in', () => {
    for (const federation of all) {
      for (const { id, tenants, disasterRecovery: recovery } of federation.systems.values()) {
        if (recovery === undefined) continue;
        const placeOf = (tenant: string): string => {
          const { cloud, region } = federation.tenants.get(tenant) ?? { cloud: '', region: undefined };
          const regions = federation.clouds.get(cloud)?.regions ?? [];
          return (regions.find(({ name }) => name === region) ?? regions[0])?.site ?? '';
        };
        const target = recovery.tenant === undefined ? recovery.site : placeOf(recovery.tenant);
        expect(target, id).toBeTruthy();
        for (const tenant of tenants ?? []) if (recovery.tenant !== undefined) expect(placeOf(tenant), id).not.toBe(target);
      }
    }
  });

  it('has a tenant of each of the nine kinds of systems, in which a system runs', () => {
    const { tenants, systems } = members.centre;
    const inUse = new Set([...systems.values()].flatMap((system) => system.tenants ?? []));
    const kinds = [...tenants.values()].filter(({ id }) => inUse.has(id)).map(({ blueprint }) => blueprint);
    for (const kind of systemBlueprints.keys()) expect(kinds).toContain(kind);
  });

  it('names what systems consume from the catalogue of some member', () => {
    const catalogue = new Set(all.flatMap((federation) => [...federation.services.keys()]));
    for (const federation of all) {
      for (const system of federation.systems.values()) {
        for (const { service } of system.consumes ?? []) expect(catalogue, `${system.id} consumes ${service}`).toContain(service);
      }
    }
    for (const federation of all) {
      for (const service of federation.services.values()) expect(federation.systems.get(service.system ?? '')?.provides, service.id).toContain(service.id);
    }
  });

  it('names regions that clouds have', () => {
    for (const federation of all) {
      for (const { id, cloud, region } of federation.tenants.values()) {
        expect(
          federation.clouds.get(cloud)?.regions.map(({ name }) => name),
          id,
        ).toContain(region);
      }
    }
  });

  it('leaves gaps for the audit to find: load, recovery, level, distance, silence', () => {
    const { links, systems, sites } = members.centre;
    const loads = [...links.values()].map(({ plannedLoadMbps: load, capacityMbps: capacity }) =>
      load === undefined || capacity === undefined ? undefined : load / capacity,
    );
    expect(loads.some((share) => share === undefined)).toBe(true);
    expect(loads.filter((share) => share !== undefined && share > 0.5).length).toBeGreaterThanOrEqual(3);
    expect([...systems.values()].filter(({ disasterRecovery }) => disasterRecovery === undefined).length).toBeGreaterThan(10);
    expect([...systems.values()].some(({ level }) => level !== undefined && level.decision === undefined)).toBe(true);
    expect([...sites.values()].some(({ kind, tier }) => kind === 'data-centre' && tier === undefined)).toBe(true);
  });
});

describe('the files of the reference federation', () => {
  const files = Object.values(folders).flatMap((folder) =>
    ['stacks', 'network-plans'].flatMap((part) => listFiles(path.join(folder, part)).map((name) => path.join(folder, part, name))),
  );
  const agencyFiles = files.filter((file) => /\/stacks\/([^/]+)\/\1\.yaml$/u.test(file));

  it('is one file for an agency, which names the schema editors check it with', () => {
    expect(agencyFiles.length).toBeGreaterThanOrEqual(26 + 34);
    for (const file of agencyFiles) {
      const [first] = fs.readFileSync(file, 'utf8').split('\n');
      const schema = /^# yaml-language-server: \$schema=(\S+)$/u.exec(first ?? '')?.[1];
      expect(path.resolve(path.dirname(file), schema ?? ''), file).toBe(path.join(root, 'schemas/declarations.schema.json'));
    }
  });

  it('keeps each file small and valid by itself: loading the nation must stay quick', () => {
    for (const file of agencyFiles) {
      const text = fs.readFileSync(file, 'utf8');
      expect(text.length, file).toBeLessThan(40_000);
      expect(parseYaml(file, text).value, file).toMatchObject({ apiVersion: 'vcloud/v1', kind: 'Declarations' });
    }
  });

  it('is NFC with LF, and a table row has every cell', () => {
    for (const file of files.filter((name) => /\.(ya?ml|csv)$/u.test(name))) {
      const text = fs.readFileSync(file, 'utf8');
      expect(text === text.normalize('NFC') && !text.includes('\r'), file).toBe(true);
    }
    const rows = fs.readFileSync(path.join(root, 'stacks/communes/communes.csv'), 'utf8').trimEnd().split('\n');
    expect(rows.filter((row) => row.split(',').some((cell) => cell === ''))).toEqual([]);
  });

  it('holds no address and no AS number outside documentation and private space', () => {
    const v4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/gu;
    const v6 = /(?<![\w:.])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/giu;
    for (const file of files) {
      const text = fs.readFileSync(file, 'utf8');
      for (const [address] of text.matchAll(v4)) expect(address, file).toMatch(/^(10\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/u);
      for (const [address] of text.matchAll(v6)) expect(address.toLowerCase(), file).toMatch(/^(3fff:0?[0-9a-f]{0,3}:|2001:db8:)/u);
      for (const [number] of text.matchAll(/(?<=\b(?:asn|first|last): )\d+/gu)) {
        const asn = Number(number);
        expect((asn >= 64496 && asn <= 64511) || (asn >= 65536 && asn <= 65551) || (asn >= 4200000000 && asn <= 4294967294), `${file}: AS${number}`).toBe(true);
      }
    }
  });
});

describe('the address plan of the reference federation', () => {
  it('has its locks up to date, with everything numbered and nothing to find', async () => {
    const plans = await loadAddressPlans(root, members.centre);
    const { diff, problems } = planAddresses(plans);
    expect([diff.add, diff.release, diff.move, problems]).toEqual([[], [], [], []]);
    // Notes say how things stand; they ask for nothing.
    expect(checkAddresses(plans, members.centre).filter(({ severity }) => severity !== 'note')).toEqual([]);
  });

  it('cuts IPv6 on nibbles and gives every agency room to double', async () => {
    const { addressPlan } = planAddresses(await loadAddressPlans(root, members.centre));
    const lengths = [...addressPlan.allocations.values()].flatMap(({ v6 }) => (v6 === undefined ? [] : [Number(v6.split('/')[1])]));
    expect(lengths.filter((length) => length % 4 !== 0)).toEqual([]);
    const agencies = [...addressPlan.allocations.values()].flatMap(({ key, v6 }) => (key.startsWith('agency/') && v6 !== undefined ? [v6] : []));
    expect(agencies.length).toBeGreaterThanOrEqual(61);
    // Two agencies whose blocks differ only in the last bit could not grow in place.
    const pairs = agencies.map((prefix) => (Number.parseInt(prefix.split(':')[1] ?? '', 16) || 0) >> 1);
    expect(new Set(pairs).size).toBe(agencies.length);
  });

  it('keeps what members hold inside the block the centre gave them', async () => {
    const { addressPlan } = planAddresses(await loadAddressPlans(root, members.centre));
    for (const [key, folder] of [
      ['agency/moh', folders.moh],
      ['agency/ho-chi-minh', folders.city],
    ] as const) {
      const block = addressPlan.allocations.get(key);
      const lock = fs.readFileSync(path.join(folder, 'network-plans/addresses.lock.yaml'), 'utf8');
      const held = [...lock.matchAll(/(v[46]): "([^"]+)"/gu)];
      expect(held.length).toBeGreaterThan(50);
      for (const [, family, prefix = ''] of held) {
        const outer = parsePrefix((family === 'v6' ? block?.v6 : block?.v4) ?? '');
        expect(prefixContains(outer, parsePrefix(prefix)), `${prefix} in ${key}`).toBe(true);
      }
    }
  });
});
