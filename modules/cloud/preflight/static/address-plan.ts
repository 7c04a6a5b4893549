import { compareAddresses, comparePrefixes, formatPrefix, holds, isFault, overlaps, readPrefix, truncate, type Prefix } from '../../../network/index.ts';
import type { Findings } from '../report.ts';
import type { PlannedWorld } from '../world.ts';
import type { PlannedSubnet } from './subnets.ts';

/** One block of the address plan, and whose it is. */
export interface HeldBlock {
  readonly key: string;
  readonly prefix: string;
  /** Organisation that answers for it. */
  readonly owner: string;
}

interface Block {
  readonly key: string;
  readonly prefix: Prefix;
  readonly owner: string;
}

/** Blocks by address, for questions about one prefix: what holds it, what lies in it. */
export class BlockIndex {
  readonly #ordered: readonly Block[];
  readonly #byPrefix = new Map<string, Block[]>();
  readonly #lengths: ReadonlySet<number>;

  constructor(blocks: Iterable<HeldBlock>) {
    const read = [...blocks].flatMap(({ key, prefix, owner }): Block[] => {
      const parsed = readPrefix(prefix);
      return isFault(parsed) ? [] : [{ key, prefix: parsed, owner }];
    });
    this.#ordered = read.sort((one, other) => comparePrefixes(one.prefix, other.prefix));
    this.#lengths = new Set(read.map(({ prefix }) => prefix.length));
    for (const block of read) {
      const name = nameOf(block.prefix);
      this.#byPrefix.set(name, [...(this.#byPrefix.get(name) ?? []), block]);
    }
  }

  /** The smallest blocks a prefix lies in: several where two keys hold the same. */
  around(prefix: Prefix): readonly Block[] {
    for (let length = prefix.length; length >= 0; length--) {
      const found = this.#lengths.has(length) ? this.#byPrefix.get(nameOf(truncate(prefix, length))) : undefined;
      if (found !== undefined) return found;
    }
    return [];
  }

  /** Blocks that lie in a prefix and are smaller than it. */
  inside(prefix: Prefix): readonly Block[] {
    let [low, high] = [0, this.#ordered.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAddresses((this.#ordered[middle] as Block).prefix, prefix) < 0) low = middle + 1;
      else high = middle;
    }
    const found: Block[] = [];
    for (let at = low; at < this.#ordered.length; at++) {
      const block = this.#ordered[at] as Block;
      if (block.prefix.length > prefix.length && overlaps(prefix, block.prefix)) found.push(block);
      else if (!holds(prefix, block.prefix)) break;
    }
    return found;
  }
}

/** No subnet takes addresses the plan gives to another organisation. */
export function checkAddressPlan(world: PlannedWorld, subnets: readonly PlannedSubnet[], blocks: BlockIndex, findings: Findings): void {
  for (const { item, prefix } of subnets) {
    const agency = world.stack(item.stack)?.stack.agency;
    if (prefix === undefined || agency === undefined) continue;
    findings.look('address-plan', item, 'subnet');
    const around = blocks.around(prefix);
    const foreign = [...(around.some(({ owner }) => owner === agency) ? [] : around), ...blocks.inside(prefix).filter(({ owner }) => owner !== agency)];
    const [first] = foreign;
    if (first === undefined) continue;
    const more = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
    findings.fail(
      'address-plan',
      item,
      `${formatPrefix(prefix)} takes addresses the plan gives to ${first.owner} (${first.key} ${formatPrefix(first.prefix)}${more})`,
      `take addresses of ${agency}: vcloud net find ${formatPrefix(prefix)} tells who holds what`,
    );
  }
}

function nameOf({ family, a, b, c, d, length }: Prefix): string {
  return family === 'v4' ? `4 ${a}/${length}` : `6 ${a} ${b} ${c} ${d}/${length}`;
}
