export * from './types.ts';
export { planZones } from './plan.ts';
export { openZones } from './open.ts';
export { renderZone, zoneFile } from './render.ts';
export { checkZones } from './check.ts';
export { diffZones, type ZoneChange, type ZoneDiff } from './diff.ts';
export { zonePlanSchema, dnssecPolicySchema, type DnssecPolicy, type ZonePlan } from './schema.ts';
