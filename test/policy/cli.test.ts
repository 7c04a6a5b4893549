import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditVerbs } from '../../cli/commands/audit.ts';
import type { Context, Outcome } from '../../cli/kit.ts';
import { ProblemError, silent } from '../../modules/core/index.ts';
import { folderWith } from '../helpers/folder.ts';
import { names, root } from './world.ts';

function member(declarations: string): string {
  const folder = folderWith({
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M }, organisation: n }\nnumbering: documentation\n',
    'stacks/a/a.yaml': `apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: n, kind: nation, ${names} }\n  - { id: a, kind: ministry, ${names}, parent: n }\n${declarations}`,
  });
  for (const name of ['law', 'rules.yaml', 'profiles.yaml'])
    fs.cpSync(path.join(root, 'policies', name), path.join(folder, 'policies', name), { recursive: true });
  return folder;
}

async function run(folder: string, name: string, args: readonly string[] = [], options: Readonly<Record<string, unknown>> = {}): Promise<Outcome> {
  const verb = auditVerbs.find((one) => one.name === name);
  const context: Context = { root: folder, asOf: '2026-11-22', language: 'en', json: false, color: false, reporter: silent };
  if (verb === undefined) throw new Error(`no verb ${name}`);
  return verb.run(context, args, { failOn: 'mandatory', format: 'text', ...options });
}

const link = (load: number): string => `sites:
  - { id: hub, kind: hub, ${names}, owner: a }
links:
  - { id: l, kind: level-1-access, owner: a, from: hub, to: hub, carrier: c, network: tslcd, capacityMbps: 100, plannedLoadMbps: ${load}, encrypted: true }
`;

describe('audit run', () => {
  it('exits 0 when nothing mandatory fails and 2 when something does', async () => {
    const clean = await run(member(link(10)), 'audit run');
    expect(clean.exit).toBe(0);
    // Only this rule: others are added to the repository's policies as time goes by.
    const full = await run(member(link(90)), 'audit run', [], { rule: ['net-link-load'] });
    expect(full.exit).toBe(2);
    expect(full.text).toContain('net-link-load@a:link/l');
    expect(full.text).toContain('stacks/a/a.yaml:9:5');
    expect(full.data).toMatchObject({ asOf: '2026-11-22', failOn: 'mandatory', failing: 1, totals: { fail: 1, high: 1 } });
    expect((await run(member(link(90)), 'audit run', [], { failOn: 'critical' })).exit).toBe(0);
  });

  it('writes nothing', async () => {
    const folder = member(link(90));
    const before = fs
      .readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => !name.startsWith('.vcloud'))
      .sort();
    await run(folder, 'audit run');
    expect(
      fs
        .readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => !name.startsWith('.vcloud'))
        .sort(),
    ).toEqual(before);
  });

  it('fails with a problem when nothing is selected', async () => {
    await expect(run(member(link(10)), 'audit run', [], { rule: ['nothing'] })).rejects.toBeInstanceOf(ProblemError);
  });
});

describe('audit explain', () => {
  it('explains all rules, one rule and one finding', async () => {
    const folder = member(link(90));
    expect((await run(folder, 'audit explain')).text.split('\n').length).toBeGreaterThanOrEqual(15);
    expect((await run(folder, 'audit explain', ['net-link-load'])).text).toContain('tslcd_load_limit');
    const finding = await run(folder, 'audit explain', ['net-link-load@a:link/l']);
    expect(finding.text).toContain('plannedLoadMbps = 90');
    await expect(run(folder, 'audit explain', ['net-link-load@a:link/gone'])).rejects.toThrow('there is no finding');
    await expect(run(folder, 'audit explain', ['net-link-laod'])).rejects.toThrow('did you mean "net-link-load"');
  });
});
