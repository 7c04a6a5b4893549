export * from './types.ts';
export { audit, type AuditOptions } from './audit.ts';
export { hasPolicies, loadPolicies, type BasisGroup, type PolicySet, type Rule, type RuleBasis, type Waiver } from './load.ts';
export { loadLaw, validityOn, type Control, type Instrument, type Law, type Threshold, type Validity } from './law.ts';
export { profilesSchema, ruleSetSchema, waiversSchema } from './schema.ts';
export { evidenceDigest } from './waivers.ts';
export { explainRule, type RuleExplanation } from './explain.ts';
export { failing, failOnChoices, type FailOn } from './fail-on.ts';
export { toSarif } from './sarif.ts';
