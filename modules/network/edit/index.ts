export { editAddresses, writeEdit, type EditOptions, type EditOutcome, type EditRow } from './edit.ts';
export { inheritedKey, type Edit, type NewNeed } from './verbs.ts';
export { openWorkspace, type Workspace } from './workspace.ts';
export { joined, subtract } from '../subtract.ts';
export { formatEdit, lineDiff } from './show.ts';
