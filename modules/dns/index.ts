export * from './types.ts';
export { planZones } from './plan.ts';
export { renderZone, zoneFile } from './render.ts';
export { zonePlanSchema, dnssecPolicySchema, type DnssecPolicy, type ZonePlan } from './schema.ts';
