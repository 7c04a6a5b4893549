import * as path from 'node:path';
import { App } from 'cdktf';
import { planZones } from '../../dns/index.ts';
import { loadFederation } from '../../federation/index.ts';
import { loadAddressPlans, planAddresses } from '../../network/index.ts';
import { loadPrograms, populate } from './build.ts';
import { findPrograms } from './programs.ts';
import { World } from './world.ts';

export interface CdktfAppOptions {
  /** The date validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
}

/**
 * The whole federation as one cdktf app, for `cdktn synth` and the other tools of that world. It holds the real
 * resources of every stack, whatever the environment; `vcloud synth` writes what is planned.
 * @param folder folder of the federation
 */
export async function cdktfApp(folder: string, { asOf }: CdktfAppOptions): Promise<App> {
  const root = path.resolve(folder);
  const federation = await loadFederation(root, { asOf });
  const { addressPlan } = planAddresses(await loadAddressPlans(root, federation));
  const world = new World(federation, addressPlan, planZones(root, federation, addressPlan));
  const app = new App({ stackTraces: false });
  for (const unit of world.units) populate(app, world, unit, await loadPrograms(root, findPrograms(root, unit.folder)));
  return app;
}
