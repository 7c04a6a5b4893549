export type { OwnerRule } from './types.ts';
export { compareSpecificity, keyPattern, type KeyPattern } from './patterns.ts';
export { KeyOwners, ownerFindings, type KeyOwner } from './owners.ts';
export { keyChanges, type KeyChange, type PlanState } from './changes.ts';
export { changesSince, type ChangesSince, type SinceOptions } from './since.ts';
export { codeownersBlock, codeownersLines, codeownersPattern, ownedFiles, writeCodeowners, type OwnedFile } from './codeowners.ts';
export { gitFolder } from './git.ts';
