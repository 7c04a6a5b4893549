import { describe, expect, it } from 'vitest';
import { crashAndResume, expectedAfter, killKinds } from '../engine/crash.ts';
import { noEngine } from '../engine/fixtures.ts';

// Ten with the 300 of engine-resume.test.ts; spread over what an apply takes.
const rounds = Math.max(2, Math.round(Number(process.env['VCLOUD_KILLS'] ?? 300) / 30));

describe.skipIf(noEngine !== undefined)(`${rounds} kills of each kind${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it.each(killKinds)('%s', async (kind) => {
    let struck = 0;
    for (let round = 0; round < rounds; round++) {
      const outcome = await crashAndResume(kind, Math.round(5 + (round * 370) / rounds));
      if (outcome.struck) struck++;
      expect(outcome, `round ${round}`).toMatchObject(expectedAfter(kind, outcome));
    }
    expect(struck).toBeGreaterThanOrEqual(Math.floor(rounds * 0.8));
  });
});
