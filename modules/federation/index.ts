export * from './schema.ts';
export * from './equipment-schema.ts';
export * from './offer-schema.ts';
export { planOf, type TakenPlan } from './plans.ts';
export * from './model.ts';
export { loadFederation, loadSettings, type LoadOptions } from './load.ts';
export { declare } from './declare.ts';
export { editSystem, type SystemEdit } from './edit-system.ts';
export { answeringTenants, pairsOf, type Pair, type Placement } from './spread.ts';
export { ancestors, agencyOf, childrenOf } from './tree.ts';
export { expandCsv, matches, resolveBelow, type Match } from './rules.ts';
export { listPolicies, ownPolicies, type PolicyFiles } from './policies.ts';
export {
  conditionsSchemaOf,
  detailSchema,
  proposalSchema,
  sameProposal,
  type Conditions,
  type Detail,
  type Proposal,
  type ReceivedDelegation,
} from './delegation.ts';
export {
  enrolledCentre,
  extractPayloadType,
  extractSchema,
  policyFolder,
  readExtract,
  receiveExtract,
  verifyExtract,
  type ExtractOptions,
  type MemberExtract,
  type ReceiveOptions,
} from './extract.ts';
export { chooseObjects, declaredObjects, fieldNames, type DeclaredObject } from './fields.ts';
export { forEachObjectSchema, selectObjects, type ForEach, type Selected } from './select.ts';
