import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dice } from '../engine/kills.ts';
import { noEngine } from '../engine/fixtures.ts';
import { applyThroughKills, type Figures } from './live/kills.ts';
import { because, freshTenant, openstackLab, present, providerMirror, type Tenant } from './support/lab.ts';

// VCLOUD_KILLS sets how many; VCLOUD_SEED repeats a run that failed, as far as a machine's timing can be repeated.
const wanted = Number(process.env['VCLOUD_KILLS'] ?? 6);
const seed = Number(process.env['VCLOUD_SEED'] ?? Date.now() % 1_000_000);

const lab = await openstackLab({ services: ['neutron', 'vpnaas'] });
const mirror = providerMirror();
const why = `${because(lab, mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;

describe.skipIf(why !== '')(`${wanted} kills while 13 kinds are applied to a real OpenStack${why}`, () => {
  const configuration = process.env['TF_CLI_CONFIG_FILE'];
  const tenants: Tenant[] = [];
  beforeAll(() => {
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
  });
  afterAll(async () => {
    if (configuration === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
    else process.env['TF_CLI_CONFIG_FILE'] = configuration;
    for (const tenant of tenants) await tenant.remove();
  }, 300_000);

  it('nothing is there twice, every orphan is found and adopted or deleted, states and cloud are what is declared', async () => {
    const random = dice(seed);
    const figures: Figures = { kills: { engine: 0, everything: 0, vcloud: 0 }, found: {}, adopted: 0, deleted: 0, never: 0, applies: 0 };
    const struck = (): number => Object.values(figures.kills).reduce((all, one) => all + one, 0);
    const began = performance.now();
    for (let federation = 0; struck() < wanted; federation++) {
      const tenant = await freshTenant(present(lab), 'kills');
      tenants.push(tenant);
      const most = struck() + 5;
      const wrong = await applyThroughKills(tenant.environment, { prefix: `k${federation}`, random, most: () => struck() >= Math.min(most, wanted), figures });
      expect(wrong, `seed ${seed}, federation ${federation}`).toEqual([]);
      await tenant.remove();
      tenants.pop();
    }
    process.stderr.write(`${struck()} kills ${JSON.stringify(figures)}, seed ${seed}, ${Math.round((performance.now() - began) / 1000)} s\n`);
  }, 3_600_000);
});
