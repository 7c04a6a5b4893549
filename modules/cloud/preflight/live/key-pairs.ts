import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { ownKey } from '../static/subnets.ts';
import type { PlannedWorld } from '../world.ts';

/** Key pairs of stacks that are applied by one user of one cloud; a user is known once a log-in worked. */
export interface OfUser {
  readonly cloud: string;
  readonly user: string;
  readonly items: readonly Item[];
}

/** No user is to have two key pairs of one name, in whatever projects: Nova keeps them by user (Compute API v2.1, `os-keypairs`). */
export function checkKeyPairs(world: PlannedWorld, groups: readonly OfUser[], findings: Findings): void {
  const taken = new Map<string, Item>();
  for (const { cloud, user, items } of groups) {
    for (const item of items) {
      const name = world.text(item, 'name');
      if (item.type !== 'openstack_compute_keypair_v2' || name === undefined || world.added(item) === 0) continue;
      const key = JSON.stringify([cloud, world.text(item, 'user_id') ?? user, name]);
      const other = taken.get(key);
      if (other === undefined) taken.set(key, item);
      else if (ownKey(other) !== ownKey(item)) {
        const where = other.stack === item.stack ? other.address : `${other.address} (${other.stack})`;
        findings.fail('name', [item, other], `key pair "${name}" is also that of ${where}, and a user has one of a name`, 'give one of them another name');
      }
    }
  }
}
