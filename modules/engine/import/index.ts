export { dropImports, listImports, requestImports, type ImportOptions, type ImportRequest, type PendingImports } from './run.ts';
export { readImportFile } from './file.ts';
export { readCandidates, type Candidate, type CandidateReading, type ReadCandidatesOptions } from './read.ts';
