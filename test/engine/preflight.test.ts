import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cloudPreflight } from '../../modules/cloud/preflight/index.ts';
import { sha256 } from '../../modules/core/index.ts';
import { apply, plan, preflight, readManifest, reviewMarkdown, reviewOf, reviewText, staleReview, type SynthesisedStack } from '../../modules/engine/index.ts';
import { renderPlanPage } from '../../modules/report/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
afterAll(() => roots.forEach((root) => fs.rmSync(root, { recursive: true, force: true })));
function rootOf(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}

const subnet = (cidr: string): Readonly<Record<string, unknown>> => ({
  openstack_networking_subnet_v2__s: { input: { network_id: 'n', cidr, ip_version: 4 } },
});
const stacks = (cidr: string): readonly SynthesisedStack[] => [
  stackOf({ path: 'lab.bad.workload', resources: subnet(cidr) }),
  stackOf({ path: 'lab.good.workload', resources: subnet('10.1.0.0/24') }),
  stackOf({ path: 'lab.user.workload', resources: { x: { input: 1 } }, dependsOn: ['lab.bad.workload'] }),
];

describe.skipIf(noEngine !== undefined)(`a plan with preflight${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('refuses a stack with a fault by name, lets what depends on it wait and the rest go on; what was found is part of what is reviewed', async () => {
    const root = rootOf();
    const port = cloudPreflight();
    const run = await plan({ root, stacks: stacks('10.1.0.300/24'), preflight: port });
    expect(run.stacks.map(({ path: name, state }) => [name, state])).toEqual([
      ['lab.bad.workload', 'failed'],
      ['lab.good.workload', 'planned'],
      ['lab.user.workload', 'waits'],
    ]);
    expect(run.stacks[0]?.error).toMatch(/^refused by preflight: 1 fault \(cidr: cidr "10\.1\.0\.300\/24" is no prefix/u);
    expect(run.preflight).toMatchObject({ mode: 'full', fail: 1, unknown: 1 });
    expect(run.preflight?.findings[0]).toMatchObject({
      check: 'cidr',
      stacks: ['lab.bad.workload'],
      address: 'openstack_networking_subnet_v2.s',
      construct: 'lab.bad.workload/openstack_networking_subnet_v2__s',
    });
    const shown = run.directory ?? '';
    const directory = path.join(root, shown);
    const manifest = readManifest(directory, shown);
    const review = reviewOf(directory, manifest);
    expect(review.preflight).toEqual(run.preflight);
    expect(manifest.review?.['preflight.json']).toBe(sha256(fs.readFileSync(path.join(directory, 'preflight.json'))));
    for (const text of [reviewText(review, 'en'), reviewMarkdown(review, 'en')]) {
      expect(text).toMatch(/Preflight: \d+ checks? passed, 1 failed, 1 could not run/u);
      expect(text).toContain('10.1.0.300/24');
    }
    expect(reviewText(review, 'vi')).toContain('không thực hiện được');
    expect(renderPlanPage(review, 'en')).toContain('10.1.0.300/24');

    // An edited preflight is an edited review.
    expect(staleReview({ manifest, directory, shown })).toEqual([]);
    const file = path.join(directory, 'preflight.json');
    const before = fs.readFileSync(file);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"fail": 1', '"fail": 0'));
    expect(staleReview({ manifest, directory, shown }).map(({ code }) => code)).toEqual(['ENGINE-STALE-REVIEW']);
    fs.writeFileSync(file, before);

    const done = await apply({ root, stacks: stacks('10.1.0.300/24'), directory: shown });
    expect(done.stacks.filter(({ result }) => result === 'applied').map(({ path: name }) => name)).toEqual(['lab.good.workload']);

    // Mended, it is planned; what is applied and unchanged is not looked at again.
    const mended = await plan({ root, stacks: stacks('10.2.0.0/24'), preflight: port });
    expect(mended.stacks.map(({ state }) => state)).toEqual(['planned', 'unchanged', 'planned']);
    expect(mended.preflight?.findings.map(({ check, result }) => [check, result])).toEqual([['live', 'unknown']]);
    expect(mended.preflight?.pass).toBeGreaterThan(0);
  });

  it('without a port looks at nothing and writes nothing', async () => {
    const root = rootOf();
    const run = await plan({ root, stacks: stacks('10.1.0.300/24') });
    expect(run.preflight).toBeUndefined();
    expect(fs.existsSync(path.join(root, run.directory ?? '', 'preflight.json'))).toBe(false);
  });

  it('alone plans nothing and says the same', async () => {
    const root = rootOf();
    const found = await preflight({ root, stacks: stacks('10.1.0.300/24'), preflight: cloudPreflight(), select: { stack: 'lab.bad.workload' } });
    expect(found).toMatchObject({ fail: 1, unknown: 1 });
    expect(fs.existsSync(path.join(root, '.vcloud/plans'))).toBe(false);
  });
});
