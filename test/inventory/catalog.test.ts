import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { catalogue, collectRecords, mayUse, type CatalogQuery } from '../../modules/inventory/index.ts';
import { offerIsFor } from '../../modules/report/client/offers.ts';
import { folderWith } from '../helpers/folder.ts';

const asOf = '2026-03-01';
const head = 'apiVersion: vcloud/v1\nkind: ';
const files = {
  'vcloud.yaml': `${head}Federation\nmember: { id: centre, names: { vi: X, en: X } }\n`,
  'stacks/all/all.yaml': `${head}Declarations
organisations:
  - { id: nation, kind: nation, names: { vi: X, en: X } }
  - { id: north, kind: province, names: { vi: X, en: X }, parent: nation }
  - { id: ward, kind: ward, names: { vi: X, en: X }, parent: north }
  - { id: ministry, kind: ministry, names: { vi: X, en: X }, parent: nation }
  - { id: firm, kind: provider, names: { vi: X, en: X } }
sites:
  - { id: dc, kind: data-centre, names: { vi: X, en: X }, owner: ministry }
clouds:
  - { id: one, kind: openstack, names: { vi: X, en: X }, owner: ministry, regions: [{ name: main, site: dc }] }
  - { id: two, kind: kubernetes, names: { vi: X, en: X }, owner: firm, regions: [{ name: main, site: dc }] }
offers:
  - { id: all, kind: iaas, cloud: one, names: { vi: X, en: X }, plans: [{ name: s, sizes: { vcpus: 2 }, quota: { vcpus: 20 } }], conditions: { levelUpTo: 3 } }
  - { id: ministries, kind: iaas, cloud: one, names: { vi: X, en: X }, plans: [{ name: s }], conditions: { kinds: [ministry], levelUpTo: 4 } }
  - { id: northern, kind: paas, cloud: two, names: { vi: X, en: X }, plans: [{ name: s }], conditions: { below: [north] } }
  - { id: firm-only, kind: paas, cloud: two, names: { vi: X, en: X }, plans: [{ name: s }], conditions: { organisations: [ministry] } }
  - { id: past, kind: paas, cloud: two, names: { vi: X, en: X }, plans: [{ name: s }], until: "2026-03-01" }
`,
};

async function records(): Promise<ReturnType<typeof collectRecords>> {
  return collectRecords({ federation: await loadFederation(folderWith(files), { asOf }) });
}

describe('the catalogue', () => {
  it.each<[string, CatalogQuery, string[]]>([
    ['everything valid', {}, ['all', 'ministries', 'firm-only', 'northern']],
    ['a ward below a province', { organisation: 'ward' }, ['all', 'northern']],
    ['a ministry', { organisation: 'ministry' }, ['all', 'ministries', 'firm-only']],
    ['who offers it', { organisation: 'firm' }, ['all', 'firm-only', 'northern']],
    ['one cloud', { cloud: 'two' }, ['firm-only', 'northern']],
    ['one kind', { kind: 'iaas', organisation: 'north' }, ['all']],
    ['a level, where one is promised', { level: 4 }, ['ministries']],
  ])('lists for %s', async (_what, query, ids) => {
    expect(catalogue(await records(), query, asOf).map(({ id }) => id)).toEqual(ids);
  });

  it('is judged on the page as at the command line', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const list = fc.option(fc.array(id, { minLength: 1, maxLength: 2 }), { nil: undefined });
    const conditions = fc.record({ organisations: list, kinds: list, below: list }, { requiredKeys: [] });
    fc.assert(
      fc.property(id, id, fc.array(id), id, conditions, (own, kind, above, owner, stated) => {
        const user = { id: own, kind, chain: [own, ...above] };
        const offer = { owner, conditions: JSON.parse(JSON.stringify(stated)) as typeof stated } as Parameters<typeof mayUse>[1];
        expect(offerIsFor(user, offer)).toBe(mayUse(user, offer));
      }),
    );
  });

  it('keeps plans as declared, and who answers for them', async () => {
    const [offer] = catalogue(await records(), { cloud: 'one' }, asOf);
    expect(offer).toMatchObject({ owner: 'ministry', plans: [{ name: 's', sizes: { vcpus: 2 }, quota: { vcpus: 20 } }], conditions: { levelUpTo: 3 } });
    expect(catalogue(await records(), {}, '2026-02-28').map(({ id }) => id)).toContain('past');
  });

  it('knows an organisation that is not there', async () => {
    const all = await records();
    expect(() => catalogue(all, { organisation: 'nort' }, asOf)).toThrow(ProblemError);
  });

  it('refuses an offer of no cloud and one for nobody', async () => {
    const broken = files['stacks/all/all.yaml'].replace('cloud: one, names', 'cloud: three, names').replace('below: [north]', 'below: [nort]');
    await expect(loadFederation(folderWith({ ...files, 'stacks/all/all.yaml': broken }), { asOf })).rejects.toMatchObject({
      problems: [{ code: 'FED-UNKNOWN-REFERENCE' }, { code: 'FED-UNKNOWN-REFERENCE' }],
    });
  });
});
