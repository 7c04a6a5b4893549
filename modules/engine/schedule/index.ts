export { claimAll, claimant, claimFile, type Claimant, type Claims } from './claims.ts';
export { criticalPaths, Durations, remainingTime, type TimedUnit } from './durations.ts';
export { atMost, defaultParallelism, limitsOf, processMebibytes, sharesPluginCache, type Limits } from './limits.ts';
export { durationText, RunProgress } from './progress.ts';
export { longestPause, pauseBefore, withRetry, type RetryOptions } from './retry.ts';
export { firstNotice, readPulse, SilenceWatch, type Pulse } from './silence.ts';
export { transientOf, transients, type Transient } from './transient.ts';
