import { describe, expect, it } from 'vitest';
import { crashAndResume, expectedAfter, killKinds } from '../engine/crash.ts';
import { noEngine } from '../engine/fixtures.ts';

describe.skipIf(noEngine !== undefined)(`ten kills of each kind${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it.each(killKinds)('%s', async (kind) => {
    let struck = 0;
    for (let round = 0; round < 10; round++) {
      const outcome = await crashAndResume(kind, 5 + round * 37);
      if (outcome.struck) struck++;
      expect(outcome, `round ${round}`).toMatchObject(expectedAfter(kind, outcome));
    }
    expect(struck).toBeGreaterThanOrEqual(8);
  });
});
