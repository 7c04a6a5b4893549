export * from './types.ts';
export { plan, type PlanOptions } from './plan.ts';
export { apply, type ApplyOptions } from './apply.ts';
export * from './select/index.ts';
export { listStates, readState } from './state.ts';
export { findEngine, isEngine, type Engine, type EngineChoice, type EngineName, type Unavailable } from './binary.ts';
export { childEnvironment } from './environment.ts';
export { ReadyQueue, runUnits, type Unit, type UnitEnd } from './queue.ts';
