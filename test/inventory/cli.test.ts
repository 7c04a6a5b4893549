import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectRecords, createBundle, openInventory, submit } from '../../modules/inventory/index.ts';
import { asOf, centre, ministry, record, temporaryFolder } from './support.ts';

const program = fileURLToPath(new URL('../../bin/vcloud.js', import.meta.url));

function vcloud(root: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '-C', root, '--as-of', asOf], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}
const data = (result: { out: string }): Record<string, unknown> => (JSON.parse(result.out) as { data: Record<string, unknown> }).data;

describe('vcloud inventory', () => {
  let root: string;
  // Not the folder of one test: its files are gone after it.
  beforeAll(async () => {
    root = fs.mkdtempSync(path.join(temporaryFolder(), '..', 'vcloud-cli-'));
    const { federation, addresses } = await centre();
    const store = openInventory(root, { create: true });
    const resources = [
      record({ id: 'da-nang.x/a.b', kind: 'resource', drift: 'drifted', attributes: { differs: ['name'] }, declaredAt: 'stacks/x.ts:1:1' }),
      record({ id: 'ha-noi.x/a.b', kind: 'resource', drift: 'in-sync', owner: 'ha-noi', owners: ['ha-noi', 'viet-nam'] }),
      record({ id: 'ha-noi.x/c.d', kind: 'resource', drift: 'unknown', owner: 'ha-noi', owners: ['ha-noi', 'viet-nam'] }),
    ];
    submit(store, { member: 'centre', observed: asOf, records: [...collectRecords({ federation, addresses }), ...resources] });
    store.close();
    return () => fs.rmSync(root, { recursive: true, force: true });
  });

  it('searches: 0 found, 2 nothing found, no notice of Node on stderr', () => {
    const found = vcloud(root, 'inventory', 'search', 'đà nẵng', '--json');
    expect(found).toMatchObject({ code: 0, err: '' });
    expect((data(found)['records'] as { urn: string }[])[0]?.urn).toBe('urn:vcloud:centre:organisation:da-nang');
    expect(vcloud(root, 'inventory', 'search', 'da', 'nang').out).toContain('stacks/centre/organisations.yaml:');
    expect(vcloud(root, 'inventory', 'search', 'zzzz').code).toBe(2);
  });

  it('shows where a resource is declared', () => {
    const shown = vcloud(root, 'inventory', 'show', 'da-nang.x/a.b', '--json');
    expect(shown.code).toBe(0);
    expect(data(shown)).toMatchObject({ declaredAt: 'stacks/x.ts:1:1', drift: 'drifted', owners: [{ id: 'da-nang' }, { id: 'viet-nam' }] });
    expect(vcloud(root, 'inventory', 'show', 'da-nang').out).toMatch(/owners\s+Da Nang City \(da-nang\) < Viet Nam|owners\s+Thành phố Đà Nẵng/u);
    expect(vcloud(root, 'inventory', 'show', 'nothing').code).toBe(2);
  });

  it('tells drift: 2 with differences, 0 without, a warning for what is unknown', () => {
    expect(vcloud(root, 'inventory', 'drift')).toMatchObject({ code: 2 });
    const quiet = vcloud(root, 'inventory', 'drift', '--agency', 'ha-noi');
    expect(quiet.code).toBe(0);
    expect(quiet.err).toContain('INV-DRIFT-UNKNOWN');
  });

  it('lists, counts and exports', () => {
    expect(data(vcloud(root, 'inventory', 'list', '--json'))).toMatchObject({ kinds: { organisation: 5, resource: 3 }, members: { centre: 19 }, total: 19 });
    expect(data(vcloud(root, 'inventory', 'list', '--kind', 'site', '--json'))['total']).toBe(2);
    expect(data(vcloud(root, 'inventory', 'catalog', '--json'))['services']).toMatchObject([{ providedBy: ['urn:vcloud:centre:system:da-nang-lgsp'] }]);
    expect(vcloud(root, 'inventory', 'export', '--format', 'ndjson').out.trim().split('\n')).toHaveLength(19);
    expect(vcloud(root, 'inventory', 'export', '--format', 'csv', '--output', 'x/a.csv').code).toBe(0);
    expect(fs.readFileSync(path.join(root, 'x/a.csv'), 'utf8').split('\n')[0]).toMatch(/^urn,kind,layer,/u);
  });

  it('says what to do when there is no inventory', () => {
    const none = vcloud(temporaryFolder(), 'inventory', 'search', 'x', '--json');
    expect(none.code).toBe(1);
    expect(JSON.parse(none.out)).toMatchObject({ ok: false, problems: [{ code: 'INV-NONE', hint: expect.stringContaining('vcloud federate') as unknown }] });
  });
});

describe('vcloud bundle', () => {
  it('keygen prints the public half, the same every time', async () => {
    const { root } = await ministry();
    const first = vcloud(root, 'bundle', 'keygen');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^[A-Za-z0-9+/]{59}=\n$/u);
    expect(vcloud(root, 'bundle', 'keygen').out).toBe(first.out);
  });

  it('verify: 0 for a whole bundle, 1 for another key, a changed file, an expired one', async () => {
    const { root, federation } = await ministry();
    createBundle(root, { member: 'moh', asOf, expiresAfterDays: 30, records: collectRecords({ federation }) });
    expect(data(vcloud(root, 'bundle', 'verify', 'out/bundles/moh', '--json'))).toMatchObject({ member: 'moh', sequence: 1 });
    const other = vcloud((await ministry()).root, 'bundle', 'keygen').out.trim();
    expect(vcloud(root, 'bundle', 'verify', 'out/bundles/moh', '--key', other).err).toContain('BUNDLE-SIGNATURE');
    fs.appendFileSync(path.join(root, 'out/bundles/moh/records.ndjson'), '\n');
    expect(vcloud(root, 'bundle', 'verify', 'out/bundles/moh')).toMatchObject({ code: 1 });
    expect(vcloud(root, 'bundle', 'verify', 'out/bundles/nothing').err).toContain('BUNDLE-FORMAT');
  });
});
