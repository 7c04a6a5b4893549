import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allocateAddresses, loadAddressPlans, planAddresses } from '../../modules/network/index.ts';
import { federationFolder } from './folder.ts';

const golden = fileURLToPath(new URL('../golden/network/', import.meta.url));
const read = (name: string): string => fs.readFileSync(path.join(golden, name), 'utf8');
const plans = fs.readdirSync(golden).filter((name) => /^\d-[a-z-]+\.yaml$/u.test(name));

describe('golden plans', () => {
  it('are all there', () => expect(plans).toHaveLength(5));

  for (const plan of plans) {
    const name = plan.replace('.yaml', '');
    it(`${name} gives its lock, and then nothing more`, async () => {
      const root = federationFolder({ [`network-plans/${plan}`]: read(plan) });
      const before = path.join(golden, `${name}.before.lock.yaml`);
      const lock = path.join(root, `network-plans/${name}.lock.yaml`);
      if (fs.existsSync(before)) fs.copyFileSync(before, lock);
      const { written, diff } = await allocateAddresses(root, await loadAddressPlans(root));
      expect(written).toEqual([`network-plans/${name}.lock.yaml`]);
      expect(fs.readFileSync(lock, 'utf8')).toBe(read(`${name}.lock.yaml`));
      expect(diff.release).toEqual([]);
      const again = planAddresses(await loadAddressPlans(root)).diff;
      expect([again.add, again.release, again.move, again.change]).toEqual([[], [], [], []]);
      expect(again.unchanged).toBe(diff.unchanged + diff.add.length);
    });
  }
});
