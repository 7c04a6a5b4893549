import type { Verb } from '../kit.ts';

/** `vcloud net export`: the address plan in the formats of other programs. */
export const netExportVerbs: readonly Verb[] = [];
