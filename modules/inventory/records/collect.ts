import { compareCodeUnits } from '../../core/index.ts';
import type { ZoneSet } from '../../dns/types.ts';
import type { HeldStack, Synthesis } from '../../engine/types.ts';
import type { Federation } from '../../federation/index.ts';
import type { AddressPlan } from '../../network/types.ts';
import type { OverlaySet } from '../../vpn/types.ts';
import { kindRank, type InventoryRecord } from '../types.ts';
import { recordContext } from './context.ts';
import { declaredRecords } from './declared.ts';
import { prefixRecords, tunnelRecords, zoneRecords } from './network.ts';
import { stackRecords, type States } from './resources.ts';

export interface CollectInput {
  readonly federation: Federation;
  /** Member id; the federation's own by default. */
  readonly member?: string | undefined;
  /** Date of observation; the federation's by default. */
  readonly asOf?: string | undefined;
  readonly addresses?: AddressPlan | undefined;
  readonly zones?: ZoneSet | undefined;
  readonly overlays?: OverlaySet | undefined;
  readonly synthesis?: Synthesis | undefined;
  /** Stacks that are existing folders: what their states say. */
  readonly folders?: readonly HeldStack[] | undefined;
  /** By stack path; a stack that is absent has no known state. Absent altogether: no state is known. */
  readonly states?: States | undefined;
}

/**
 * Everything one member knows, as records: by layer, then kind in the order of {@link kindRank}, then URN.
 * Pure: the same input gives the same records.
 */
export function collectRecords(input: CollectInput): InventoryRecord[] {
  const { federation } = input;
  const context = recordContext(federation, input.member ?? federation.settings.member.id, input.asOf ?? federation.asOf);
  const records = [
    ...declaredRecords(context),
    ...(input.addresses ? prefixRecords(context, input.addresses) : []),
    ...(input.zones ? zoneRecords(context, input.zones) : []),
    ...(input.overlays ? tunnelRecords(context, input.overlays) : []),
    ...(input.synthesis ? stackRecords(context, input.synthesis, input.states, input.folders) : []),
  ];
  return sortRecords(records);
}

/** Records in the order they are stored and written: layer, kind, URN. Sorts in place. */
export function sortRecords(records: InventoryRecord[]): InventoryRecord[] {
  return records.sort((a, b) => compareCodeUnits(a.layer, b.layer) || kindRank(a.kind) - kindRank(b.kind) || compareCodeUnits(a.urn, b.urn));
}
