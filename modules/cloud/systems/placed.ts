import type { TenantStack } from '../program/stack.ts';

/** Where something of a shape answers, in canonical text; a family it does not have is left out. */
export interface PlacedAddress {
  readonly v4?: string;
  readonly v6?: string;
}

/** What a cloud's renderer made of a shape. */
export interface Placed {
  /** In the order in which they have to be applied. */
  readonly stacks: readonly TenantStack[];
  /**
   * By name of an entry; by name of a component (its first member, or what stands in front of all of them where the cloud
   * has that), and by `COMPONENT-NUMBER` where members have addresses of their own. An entry wins over a component of its name.
   */
  readonly addresses: ReadonlyMap<string, PlacedAddress>;
}
