export * from './types.ts';
export { plan, type PlanOptions } from './plan.ts';
export { apply, type ApplyOptions } from './apply.ts';
export { applyVerdict, resume, unfinishedPlan, type FollowUp, type ResumeOptions, type ResumeRun } from './resume/index.ts';
export * from './select/index.ts';
export * from './run-report/index.ts';
export * from './graph/index.ts';
export * from './messages/index.ts';
export { Orchestrator, type OrchestratorSettings } from './orchestrator.ts';
export * from './drift/index.ts';
export * from './import/index.ts';
export * from './moves/index.ts';
export { heldStacks } from './held.ts';
export * from './destroy/index.ts';
export * from './orphans/index.ts';
export * from './preflight/index.ts';
export { durationText, processMebibytes, transients } from './schedule/index.ts';
export { listStates, readState } from './state.ts';
export { findEngine, isEngine, type Engine, type EngineChoice, type EngineName, type Unavailable } from './binary.ts';
export { childEnvironment } from './environment.ts';
export { ReadyQueue, runUnits, type Unit, type UnitEnd } from './queue.ts';
export { discoverFolders, type Discovered, type FolderSetting } from './source/index.ts';
export {
  clusterLogin,
  isReference,
  requireLogin,
  resolveCredentials,
  type CloudCredentials,
  type ClusterLogin,
  type ServiceSettings,
} from './credentials/index.ts';
export type { BackendSetting } from './store/types.ts';
export {
  objectChanges,
  readChanges,
  reviewMarkdown,
  reviewOf,
  reviewText,
  type DeclaredValue,
  type InputFile,
  type PlanFacts,
  type Review,
  type ReviewPage,
} from './review/index.ts';
export { readManifest } from './read-manifest.ts';
export { staleReview } from './approval/gate.ts';
export { approvalPolicySchema, approve, type ApproveOptions, type ApproveResult } from './approval/index.ts';
export { appendLog, currentActor, logProblems, makeCheckpoint, readCheckpoint, restartLog, verifyLog, type LogCheck, type LogEntry } from './log/index.ts';
export { heldLocks, listStacks, showState, unlockStates, type ShownResource, type StateListing, type Unlocked } from './store/listing.ts';
export type { StateOptions } from './store/open.ts';
export { backupStates, restoreStates, type Restored, type StateBackup } from './store/backup.ts';
export { moveResource, type Moved } from './store/move.ts';
export { engineNames, promiseNames, promises, renderProgram, requirePromise, type EnginePromises, type PromiseName, type SchemaOf } from './adapters/index.ts';
export type { PulumiSettings } from './adapters/pulumi/setting.ts';
