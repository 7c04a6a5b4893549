import { describe, expect, it } from 'vitest';
import { orphanVerbs } from '../../cli/commands/engine/orphans.ts';
import { API_VERSION, silent } from '../../modules/core/index.ts';
import type { OrphanReport } from '../../modules/engine/index.ts';
import { folderWith } from '../helpers/folder.ts';
import { noEngine } from './fixtures.ts';

const names = 'names: { vi: X, en: X }';
const name = 'a.units.net';

describe.skipIf(noEngine !== undefined)('orphans list', () => {
  it("asks the cloud of a tenant's stack with the tenant's own credentials, as plan and apply do", async () => {
    const root = folderWith({
      'vcloud.yaml': `apiVersion: vcloud/v1
kind: Federation
member: { id: a, ${names}, organisation: a }
numbering: documentation
clouds: { works: { credentials: "file:operator.env", tenants: { shop: "file:shop.env" } } }
stacks: [{ path: units/net, agency: a, cloud: works, tenant: shop }]
`,
      'stacks/a/a.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations: [{ id: a, kind: ministry, ${names} }]
sites: [{ id: hall, kind: data-centre, ${names}, owner: a }]
clouds: [{ id: works, kind: openstack, ${names}, owner: a, regions: [{ name: main, site: hall }] }]
`,
      'operator.env': 'MARK=operator\n',
      'units/net/main.tf': 'resource "terraform_data" "one" {}\n',
      [`.vcloud/state/${name}/unrecorded.json`]: JSON.stringify({
        apiVersion: API_VERSION,
        kind: 'UnrecordedResources',
        stack: name,
        plan: '0123456789abcdef',
        log: '.vcloud/logs/none',
        until: '2026-01-01T00:00:00Z',
        resources: [{ address: 'terraform_data.one', type: 'thing' }],
      }),
    });
    const verb = orphanVerbs.find((one) => one.name === 'orphans list');
    const context = { root, asOf: '2026-11-22', language: 'en', json: false, color: false, reporter: silent } as const;
    const outcome = await verb?.run(context, [name], {});
    const [report] = outcome?.data as readonly OrphanReport[];
    // The tenant's are not there to be read, and the operator's, which are, stand in for nobody's.
    expect(report?.open).toMatchObject([{ type: 'thing', state: 'failed', reason: expect.stringContaining('tenant "shop" in cloud "works"') as string }]);
    expect(outcome?.exit).toBe(2);
  });
});
