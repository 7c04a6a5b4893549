import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { federationFolder } from './folder.ts';

const program = fileURLToPath(new URL('../../bin/vcloud.js', import.meta.url));

async function vcloud(root: string, ...args: string[]): Promise<{ exit: number; json: { ok: boolean; problems: { code: string }[]; data: never } }> {
  const result = await promisify(execFile)(process.execPath, [program, ...args, '--json', '-C', root], { maxBuffer: 1 << 26 }).then(
    ({ stdout }) => ({ exit: 0, stdout }),
    (error: unknown) => ({ exit: (error as { code: number }).code, stdout: (error as { stdout: string }).stdout }),
  );
  return { exit: result.exit, json: JSON.parse(result.stdout) as never };
}

const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools: [{ name: p, prefix: 10.0.0.0/24, domain: d }]
needs:
  - { key: x, pool: p, length: 26 }
`;

describe('vcloud net', () => {
  it('plans, allocates, finds and checks with only network-plans/', async () => {
    const root = federationFolder({ 'network-plans/a.yaml': plan });
    const before = await vcloud(root, 'net', 'plan');
    expect(before).toMatchObject({
      exit: 2,
      json: {
        format: 'vcloud/v1',
        ok: true,
        problems: [],
        data: { add: [{ key: 'x', family: 'v4', pool: 'p', from: null, to: '10.0.0.0/26' }], release: [], move: [], change: [], unchanged: 0 },
      },
    });
    expect((await vcloud(root, 'net', 'allocate')).json.data).toMatchObject({ written: ['network-plans/a.lock.yaml'] });
    expect((await vcloud(root, 'net', 'plan')).exit).toBe(0);
    expect((await vcloud(root, 'net', 'find', '10.0.0.63')).json.data).toMatchObject([{ pool: 'p', chain: [{ key: 'x' }] }]);
    expect((await vcloud(root, 'net', 'find', '10.0.0.64')).exit).toBe(2);
    const wrong = await vcloud(root, 'net', 'find', '010.0.0.1');
    expect([wrong.exit, wrong.json.problems[0]?.code]).toEqual([1, 'NET-ADDRESS']);
    expect((await vcloud(root, 'net', 'free', 'p', '--length', '26')).json.data).toMatchObject([{ fitting: '3' }]);
    expect((await vcloud(root, 'net', 'show')).json.data).toMatchObject([{ name: 'p', delegated: 0.25 }]);
    expect((await vcloud(root, 'net', 'check')).exit).toBe(0);
    fs.writeFileSync(path.join(root, 'network-plans/a.yaml'), plan.replace('key: x', 'key: z'));
    const lock = fs.readFileSync(path.join(root, 'network-plans/a.lock.yaml'), 'utf8');
    const refused = await vcloud(root, 'net', 'allocate');
    expect([refused.exit, refused.json.problems.map(({ code }) => code)]).toEqual([1, ['NET-RELEASE']]);
    expect(fs.readFileSync(path.join(root, 'network-plans/a.lock.yaml'), 'utf8')).toBe(lock);
    expect((await vcloud(root, 'net', 'allocate', '--allow-release', 'x')).exit).toBe(0);
    expect((await vcloud(root, 'net', 'plan')).exit).toBe(0);
  });

  it('lets eight allocations at once wait for each other', async () => {
    const root = federationFolder({ 'network-plans/a.yaml': plan });
    const runs = await Promise.all(Array.from({ length: 8 }, () => vcloud(root, 'net', 'allocate')));
    expect(runs.map(({ exit }) => exit)).toEqual(runs.map(() => 0));
    const wrote = runs.filter(({ json }) => (json.data as { written: string[] }).written.length > 0);
    expect(wrote).toHaveLength(1);
    expect(fs.existsSync(path.join(root, '.vcloud/lock'))).toBe(false);
  });
});
