export * from './types.ts';
export type { PlanSet, Pool, Need, Leg, Domain, LockRow, HeldLeg } from './model.ts';
export * from './prefix.ts';
export { formatAddress, formatPrefix } from './format.ts';
export { canonicalText, isFault, parseAddress, parsePrefix, readAddress, readPrefix, type AddressFault } from './parse.ts';
export { hostAddress, nthAddress, prefixContains, reversePointer, reverseZoneNames, subnet, usableHosts } from './names.ts';
export { addStated, readPlanDocuments, type PlanDocument, type Stated } from './documents.ts';
export { FreeSpace } from './free.ts';
export { subtract } from './subtract.ts';
export { finishWrites, writeTogether } from './commit.ts';
export { plansNeed } from './load.ts';
export { planAddresses, type AddressOutcome } from './plan.ts';
export { AddressSession, type AddedLeg, type AddedNeed } from './session.ts';
export { allocateAddresses, loadAddressPlans, loadAndAllocate, type AllocateOptions } from './allocate.ts';
export { asnPlanSchema, networkPlanSchema } from './schema.ts';
export { checkAddresses, reviewAddressPlans, type AddressCheck, type CheckOptions } from './check.ts';
export { ipv6Progress, type Ipv6Counts, type Ipv6Progress, type RuleReport, type SwitchReport } from './rules/index.ts';
export { findAddress, freeSpace, showAddresses, type Found, type FoundKey, type FreeReport, type ShownBlock, type ShowOptions } from './view.ts';
export { addressTree, chainTo, freeIn, utilisation, type Block, type Utilisation } from './tree.ts';
export {
  asnKind,
  registrySources,
  specialInside,
  specialPurpose,
  specialPurposes,
  type RegistrySource,
  type SpecialKind,
  type SpecialPurpose,
} from './special.ts';
export { formatRange, prefixesToRanges, rangeOf, rangeSize, rangeToPrefixes, readRange, type AddressRange } from './ranges.ts';
// Types only: what reviews, exports and draws is loaded by those who need it.
export type { Edit, EditOptions, EditOutcome, EditRow, NewNeed, Workspace } from './edit/index.ts';
export type { Review, ReviewData, ReviewEffects, ReviewedBlock } from './review/index.ts';
export { adoptFile, type AdoptFileOptions } from './adopt/door.ts';
export type { Adoption } from './adopt/adopt.ts';
export type { ExportFormat, ExportSelection, NeutronPlan, ReverseZone, SubnetPool } from './export/index.ts';
export type { AnswerLine, ConcernedByProposal, DelegationFacts, MemberReport, ProposalStatus, ProposalView, UtilisationLine } from './delegation/index.ts';
export { answerLines, utilisationLines } from './delegation/utilisation.ts';
export { withheldBlocks } from './delegation/blocks.ts';
export { readAnswers } from './delegation/answers.ts';
export { refuseDelegated } from './delegation/guard.ts';
