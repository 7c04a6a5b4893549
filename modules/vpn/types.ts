/** How tunnels are protected; algorithms are data of the plan, none is built in. */
export interface CryptoProfile {
  readonly name: string;
  readonly kind: 'ipsec' | 'wireguard';
  /** Under trial: usable, and reported by the audit. */
  readonly trial: boolean;
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
}

export interface Tunnel {
  readonly id: string;
  readonly overlay: string;
  readonly from: string;
  readonly to: string;
  readonly profile: string;
  /** Inner addresses of the two ends, per family, from the address plan. */
  readonly addresses: readonly { readonly from: string; readonly to: string }[];
}

export interface Overlay {
  readonly name: string;
  readonly profile: CryptoProfile;
  readonly nodes: readonly OverlayNode[];
  readonly tunnels: readonly Tunnel[];
}

export interface OverlaySet {
  readonly overlays: readonly Overlay[];
  /** Rendered files, path below `out/vpn/` -> content. Never a private key. */
  readonly files: ReadonlyMap<string, string>;
}
