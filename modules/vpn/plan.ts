import type { Federation } from '../federation/index.ts';
import type { AddressPlan } from '../network/types.ts';
import { buildOverlays } from './build.ts';
import { loadOverlayPlans } from './load.ts';
import { renderOverlays } from './render.ts';
import type { OverlaySet } from './types.ts';

/**
 * All overlays of a member: its OverlayPlans applied to what it declares and to the addresses it holds, with the
 * devices' configurations. Nothing is written, and nothing secret is read: devices name their keys and certificates.
 * @param root folder of the member, for its plans and tables
 * @throws ProblemError with all problems of the plans (CORE-*, FED-JOIN-EMPTY, VPN-*)
 */
export function planOverlays(root: string, federation: Federation, addresses: AddressPlan): OverlaySet {
  const { documents, profiles } = loadOverlayPlans(root);
  const { overlays, findings } = buildOverlays({ root, federation, addresses, documents, profiles });
  let files: ReadonlyMap<string, string> | undefined;
  return {
    overlays,
    // Rendered when asked for: inventory, audit and checks need the tunnels only.
    get files() {
      return (files ??= renderOverlays(overlays));
    },
    findings,
  };
}
