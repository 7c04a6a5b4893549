import type { Place, Problem } from '../core/index.ts';
import type { Profile } from './schema.ts';

/** How tunnels are protected; algorithms are data of the plan, none is built in. */
export interface CryptoProfile {
  readonly name: string;
  readonly kind: 'ipsec' | 'wireguard';
  /** Under trial: usable, and reported by the audit. */
  readonly trial: boolean;
  /** The profile as stated in the plan: proposals, lifetimes, certificate names. Never key material. */
  readonly stated?: Profile | undefined;
}

export interface OverlayNode {
  readonly id: string;
  readonly role: 'hub' | 'spoke';
  /** Organisation id. */
  readonly owner: string;
  readonly site?: string | undefined;
  /** Outer addresses it is reached at. */
  readonly endpoints: readonly string[];
  /** Prefixes behind it. */
  readonly prefixes: readonly string[];
  readonly asn?: number | undefined;
  /** Group it is a hub of. */
  readonly group?: string | undefined;
  /** Groups to whose hubs it connects. */
  readonly joins?: readonly string[] | undefined;
  /** Inner addresses, without length. */
  readonly inner?: { readonly v4?: string | undefined; readonly v6?: string | undefined } | undefined;
  /** WireGuard only: the public half, as declared. */
  readonly publicKey?: string | undefined;
  /** Configured by another member; no file is made for it here. */
  readonly elsewhere?: boolean | undefined;
  readonly place?: Place | undefined;
}

export interface Tunnel {
  /** `FROM--TO`, the same at both ends and in both members. */
  readonly id: string;
  readonly overlay: string;
  /** The end that calls: the lower level, or in a mesh the lower id. */
  readonly from: string;
  readonly to: string;
  readonly profile: string;
  /** Inner addresses of the two ends, per family, from the address plan. */
  readonly addresses: readonly { readonly from: string; readonly to: string }[];
  /** `join`: a node and a hub of a group above it; `mesh`: two hubs side by side. */
  readonly kind?: 'join' | 'mesh' | undefined;
}

export interface Overlay {
  readonly name: string;
  readonly profile: CryptoProfile;
  readonly nodes: readonly OverlayNode[];
  readonly tunnels: readonly Tunnel[];
  /** What is reached through it, as prefixes. */
  readonly reach?: readonly string[] | undefined;
  /** How many hubs a group must have. */
  readonly hubsPerGroup?: number | undefined;
  /** Groups whose hubs all connect to each other. */
  readonly mesh?: readonly string[] | undefined;
  readonly place?: Place | undefined;
}

export interface OverlaySet {
  readonly overlays: readonly Overlay[];
  /** Rendered files, path below `out/vpn/` -> content. Never a private key. */
  readonly files: ReadonlyMap<string, string>;
  /** What was found wrong while the overlays were made, without keeping them from being made. */
  readonly findings?: readonly Problem[] | undefined;
}
