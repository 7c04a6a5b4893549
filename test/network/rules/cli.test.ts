import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { federationFolder } from '../folder.ts';

const program = fileURLToPath(new URL('../../../bin/vcloud.js', import.meta.url));

async function vcloud(root: string, ...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return await promisify(execFile)(process.execPath, [program, ...args, '-C', root, '--as-of', '2026-06-01', '--lang', 'en']).then(
    ({ stdout, stderr }) => ({ exit: 0, stdout, stderr }),
    (error: unknown) => ({ exit: (error as { code: number }).code, ...(error as { stdout: string; stderr: string }) }),
  );
}

const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools: [{ name: p, prefix: 10.0.0.0/24, domain: d }]
needs:
  - { key: old/1, pool: p, prefix: 10.0.0.0/30, role: link }
rules:
  - { rule: link-31, off: true, reason: old routers know no /31, for: ["old/*"], until: "2027-01-01" }
`;
const lock = `apiVersion: vcloud/v1
kind: NetworkLock
allocations:
  gone: {v4: "10.0.0.64/26", pool4: p, state: released, until: "2026-05-01"}
  old/1: {v4: "10.0.0.0/30", pool4: p}
`;

describe('vcloud net rules and net check', () => {
  const root = (): string => federationFolder({ 'network-plans/a.yaml': plan, 'network-plans/a.lock.yaml': lock });

  it('show what is switched off, never silently, and notes that are no findings', async () => {
    const folder = root();
    const [quiet, verbose, json] = await Promise.all([
      vcloud(folder, 'net', 'check'),
      vcloud(folder, 'net', 'check', '--verbose'),
      vcloud(folder, 'net', 'check', '--json'),
    ]);
    expect(quiet).toMatchObject({ exit: 0, stdout: '1 key in 1 pool: clean, 1 note\n' });
    expect(quiet.stderr).toContain('network-plans/a.lock.yaml:4:3: note NET-QUARANTINE: "gone" was released and its quarantine ended on 2026-05-01');
    expect(verbose.stdout).toContain('off old/*, until 2027-01-01: old routers know no /31 (1 left out; network-plans/a.yaml:9)');
    const { data } = JSON.parse(json.stdout) as { data: { findings: number; notes: number; rules: { id: string; state: string; switches: unknown[] }[] } };
    expect([data.findings, data.notes]).toEqual([0, 1]);
    expect(data.rules.find(({ id }) => id === 'link-31')).toMatchObject({
      state: 'partly',
      switches: [
        {
          reason: 'old routers know no /31',
          for: ['old/*'],
          until: '2027-01-01',
          cases: 1,
          names: ['old/1'],
          place: { file: 'network-plans/a.yaml', line: 9 },
        },
      ],
    });
  });

  it('list one rule or all, and know what was meant', async () => {
    const folder = root();
    const [one, unknown, none] = await Promise.all([
      vcloud(folder, 'net', 'rules', 'link-31'),
      vcloud(folder, 'net', 'rules', 'link-32'),
      vcloud(folder, 'net', 'ipv6'),
    ]);
    expect(one.stdout).toMatch(/^link-31 +RFC 3021 +finding +partly off +-\n {2}A point-to-point link/u);
    expect(unknown).toMatchObject({ exit: 1, stderr: expect.stringContaining('did you mean "link-31"?') as string });
    expect(none).toMatchObject({ exit: 1, stderr: expect.stringContaining('NET-NO-FEDERATION') as string });
  });
});
