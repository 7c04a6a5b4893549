export * from './core/index.ts';
export * from './federation/index.ts';
export {
  federate,
  orchestrate,
  prepare,
  type Federated,
  type FederateOptions,
  type OrchestrateOptions,
  type Prepared,
  type PrepareOptions,
} from './federate.ts';
