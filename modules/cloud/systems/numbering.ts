import { fail } from '../../core/index.ts';
import { addressAt, addressCount, formatAddress, parsePrefix } from '../../network/index.ts';
import type { PlannedNetwork } from '../synth/world.ts';
import type { PlacedAddress } from './placed.ts';
import type { SystemShape } from './shape.ts';

/** First number an entry may have, and first number of a member: what lies between gateway and members is the entries'. */
const firstEntry = 2;
const firstMember = 10;

/**
 * Numbers of every entry and every member in the prefixes of its segment, the same on every kind of cloud, so that names
 * and rules elsewhere can be worked out without asking a cloud: entries in their order from 2, members from 10, the components
 * of a segment taking turns, so that one more member of any of them moves none.
 * @param networks the tenant's networks as the address plan numbers them
 * @returns by name of an entry, and by `COMPONENT-N` (N from 1) for a member
 * @throws ProblemError CLOUD-NOT-NUMBERED, CLOUD-ADDRESS-RANGE
 */
export function plannedAddresses(
  shape: Pick<SystemShape, 'segments' | 'components' | 'entries'>,
  networks: readonly PlannedNetwork[],
): ReadonlyMap<string, PlacedAddress> {
  const addresses = new Map<string, PlacedAddress>();
  for (const { name: segment } of shape.segments) {
    const network = networks.find(({ name }) => name === segment);
    const components = shape.components.filter((component) => component.segment === segment);
    const entries = shape.entries.filter(({ component }) => components.some(({ name }) => name === component));
    if (!network)
      fail('CLOUD-NOT-NUMBERED', `the address plan has no network "${segment}" for the tenant`, {
        hint: 'add the need to a network plan and run `vcloud net allocate`',
      });
    if (entries.length > firstMember - firstEntry)
      fail('CLOUD-ADDRESS-RANGE', `segment "${segment}" has ${entries.length} entries; there are numbers for ${firstMember - firstEntry}`, {
        hint: 'move some to another segment',
      });
    entries.forEach(({ name }, index) => addresses.set(name, addressOf(network, firstEntry + index)));
    components.forEach(({ name, replicas }, turn) => {
      for (let member = 0; member < replicas; member++)
        addresses.set(`${name}-${member + 1}`, addressOf(network, firstMember + member * components.length + turn));
    });
  }
  return addresses;
}

/** PlacedAddress number `index` of both families of a network; in IPv4 only the lower half, because clouds hand out the upper one. */
function addressOf({ name, v4, v6 }: PlannedNetwork, index: number): PlacedAddress {
  return {
    ...(v4 === undefined ? {} : { v4: numbered(name, v4, index) }),
    ...(v6 === undefined ? {} : { v6: numbered(name, v6, index) }),
  };
}

function numbered(network: string, text: string, index: number): string {
  const prefix = parsePrefix(text);
  const address = index < Number(addressCount(prefix)) / 2 ? addressAt(prefix, index) : undefined;
  return address
    ? formatAddress(address)
    : fail('CLOUD-ADDRESS-RANGE', `network "${network}": ${text} has no address number ${index} to give`, {
        hint: 'give the network a shorter prefix, or use fewer members',
      });
}
