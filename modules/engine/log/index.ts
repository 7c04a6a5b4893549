export { checkLog, formatEntry, emptyHead, type Actor, type Breach, type LogCheck, type LogEntry, type LogEvent, type LogHead } from './chain.ts';
export { appendLog, currentActor, logPath, logProblems, restartLog, verifyLog } from './file.ts';
export { makeCheckpoint, readCheckpoint } from './checkpoint.ts';
