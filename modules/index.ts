export * from './core/index.ts';
export * from './federation/index.ts';
export { federate, prepare, type Federated, type FederateOptions, type Prepared, type PrepareOptions } from './federate.ts';
