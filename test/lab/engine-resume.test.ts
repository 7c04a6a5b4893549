import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plan } from '../../modules/engine/index.ts';
import { applyThroughKills, dice, fortyStacks, prepareTemplate } from '../engine/kills.ts';
import { noEngine } from '../engine/fixtures.ts';

// VCLOUD_KILLS sets how many; VCLOUD_SEED repeats a run that failed, as far as a machine's timing can be repeated.
const wanted = Number(process.env['VCLOUD_KILLS'] ?? 300);
const seed = Number(process.env['VCLOUD_SEED'] ?? Date.now() % 1_000_000);

describe.skipIf(noEngine !== undefined)(`${wanted} kills while 40 stacks are applied${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('after --resume the states are what is declared, no lock is left, nothing was applied twice', async () => {
    const template = await prepareTemplate();
    const random = dice(seed);
    const kills = { vcloud: 0, group: 0, engine: 0, everything: 0 };
    const struck = (): number => Object.values(kills).reduce((all, one) => all + one, 0);
    const began = performance.now();
    for (let federation = 0; struck() < wanted; federation++) {
      const { root, ...outcome } = await applyThroughKills(template, random, wanted - struck());
      for (const kind of Object.keys(kills) as (keyof typeof kills)[]) kills[kind] += outcome.kills[kind];
      const where = `seed ${seed}, federation ${federation}, kept in ${root}`;
      expect({ ...outcome, kills: {} }, where).toEqual({ kills: {}, twice: [], never: [], appliedTwice: [], differs: [], left: [] });
      // The engine's own word costs as much as an apply: for the first and the last federation.
      if (federation === 0 || struck() >= wanted) {
        const settled = await plan({ root, stacks: fortyStacks, all: true });
        expect(
          settled.stacks.filter((stack) => stack.state !== 'unchanged').map((stack) => stack.path),
          where,
        ).toEqual([]);
      }
      fs.rmSync(root, { recursive: true, force: true });
    }
    fs.rmSync(template.root, { recursive: true, force: true });
    process.stderr.write(`${struck()} kills (${JSON.stringify(kills)}), seed ${seed}, ${Math.round((performance.now() - began) / 1000)} s\n`);
  }, 3_600_000);
});
