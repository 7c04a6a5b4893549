export type * from './types.ts';
export { drift, driftVerdict, type DriftOptions } from './run.ts';
export { readDrift, type PlanReading, type Reading } from './read.ts';
export { fieldDrift } from './compare.ts';
export { isNoise, noise, type Noise } from './noise.ts';
export { driftText } from './text.ts';
export { findUnmanaged, stackLogins, type ProjectReading, type StackLogin, type StackLogins, type UnmanagedObject, type UnmanagedQuery } from './unmanaged.ts';
