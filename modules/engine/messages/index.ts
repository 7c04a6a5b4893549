export type * from './types.ts';
export { becauseText } from './because.ts';
export { messageText } from './text.ts';
export { reporting, tell, voiceOf, type Listening, type Voice } from './voice.ts';
