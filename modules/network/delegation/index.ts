export type * from './types.ts';
export { answerLines, heldIn, utilisationLines, type HeldBlock } from './utilisation.ts';
export { delegatedKeys, refuseDelegated, type ChangedBlock } from './guard.ts';
export { proposalStatuses, reportedBlock, type ProposalState, type ProposalStatus, type ReportedBlock } from './proposals.ts';
export { proposalViews, type ProposalView, type ToDo } from './received.ts';
export { delegationFindings } from './findings.ts';
export { statusesText, viewsText, type ConcernedByProposal } from './text.ts';
