import { plural } from '../../../core/index.ts';
import type { PlannedNetwork, SiteEquipment } from '../../synth/world.ts';
import type { PlacedAddress } from '../placed.ts';
import type { SystemShape } from '../shape.ts';
import type { Devices } from './equipment.ts';
import type { Position } from './placement.ts';
import type { Rule } from './rules.ts';

export interface WorkInput {
  readonly site: string;
  readonly shape: SystemShape;
  readonly positions: readonly Position[];
  readonly equipment: SiteEquipment;
  readonly networks: readonly PlannedNetwork[];
  readonly addresses: ReadonlyMap<string, PlacedAddress>;
  readonly devices: Devices;
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
}

/**
 * What people at the site do by hand, in the order in which they do it, as sentences. Applying the stack only records that
 * this was reviewed; nothing at the site has changed until somebody has done it.
 */
export function workList({ site, shape, positions, equipment, networks, addresses, devices, rules }: WorkInput): string[] {
  const switches = equipment.appliances.filter(({ kind }) => kind === 'switch').map(({ id }) => id);
  const steps = shape.segments.map(({ name, egress }) => {
    const network = networks.find((one) => one.name === name);
    return `On ${listed(switches, 'the switches')}: network ${name}, ${listed([network?.v4, network?.v6], 'no prefix')}; ${egress === true ? 'may reach the outside through the router' : 'no route to the outside'}.`;
  });
  for (const { name, origin, use } of shape.keys)
    steps.push(`On ${listed(devices.keys)}: ${origin === 'generated' ? 'make' : 'put in'} the key ${name} (${use}); its value leaves the device for nobody.`);
  for (const { name, versioned, writeOnceDays } of shape.stores)
    steps.push(
      `On ${listed(devices.stores)}: object store ${name}, readable by this system only${versioned ? ', with versions' : ''}${writeOnceDays === undefined ? '' : `, nothing changed or deleted for ${plural(writeOnceDays, 'day')}`}.`,
    );
  for (const server of equipment.servers) {
    for (const { component: name, member, rack } of positions.filter((position) => position.server === server.id)) {
      const component = shape.components.find((one) => one.name === name);
      if (!component) continue;
      const { size, image, segment, storage, keys = [] } = component;
      const place = [`rack ${rack ?? 'not stated'}`, ...(server.unit === undefined ? [] : [`unit ${server.unit}`])].join(', ');
      const address = addresses.get(`${name}-${member}`);
      steps.push(
        [
          `On server ${server.id} (${place}): ${name} ${member} from image ${image.machine}, ${plural(size.vcpus, 'core')}, ${size.memoryGiB} GiB of memory, in network ${segment} at ${listed([address?.v4, address?.v6])}`,
          ...(storage ? [`encrypted volume of ${storage.gib} GiB`] : []),
          ...(storage?.backup ? [`copied every ${plural(storage.backup.everyHours, 'hour')}, each copy kept ${plural(storage.backup.keepDays, 'day')}`] : []),
          ...(keys.length > 0 ? [`may read ${listed(keys)}`] : []),
        ].join('; ') + '.',
      );
    }
  }
  for (const { component, server, members } of together(positions))
    steps.push(`Members ${members.join(', ')} of ${component} stand on one server, ${server}: what is lost with it is lost to all of them.`);
  for (const [component, list] of rules)
    steps.push(
      `On ${listed(devices.rules, `the packet filter of each server of ${component}`)}: the ${plural(list.length, 'rule')} of ${component} as its record lists them; everything else is refused, both ways.`,
    );
  for (const { name, component, listen, tls } of shape.entries) {
    const address = addresses.get(name);
    steps.push(
      `On ${listed(devices.entries)}: ${name} at ${listed([address?.v4, address?.v6])}, port ${listen}, to the members of ${component}; ${tls.at === 'members' ? 'TLS is passed on unopened' : `TLS ends here with certificate ${tls.certificate}`}.`,
    );
  }
  for (const { component, tenant, side } of shape.replicas)
    steps.push(`Set up the copy of ${component} with tenant ${tenant} (this side: ${side}); until somebody has seen it complete, ${site} cannot take over.`);
  return steps;
}

/** Members of one component on one server: where there are too few servers, people have to know. */
function together(positions: readonly Position[]): { component: string; server: string; members: number[] }[] {
  const found = new Map<string, { component: string; server: string; members: number[] }>();
  for (const { component, server, member } of positions) {
    const key = `${component} ${server}`;
    const known = found.get(key) ?? { component, server, members: [] };
    found.set(key, { ...known, members: [...known.members, member] });
  }
  return [...found.values()].filter(({ members }) => members.length > 1);
}

function listed(items: readonly (string | undefined)[], none = 'nothing'): string {
  const known = items.filter((item) => item !== undefined);
  return known.length === 0 ? none : known.join(', ');
}
