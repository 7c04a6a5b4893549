export { adopt, writeAdoption, type Adoption, type AdoptOptions } from './adopt.ts';
export { adoptMappingSchema, readMapping, type AdoptMapping } from './mapping.ts';
export type { SheetSummary } from './records.ts';
export type { AdoptFormat } from './table.ts';
