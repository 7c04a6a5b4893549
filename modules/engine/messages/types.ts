/** What a run is at. */
export type EngineStep = 'plan' | 'apply' | 'drift';

/**
 * What the engine tells while it works. Programs decide by `code`; nothing is printed here, and no text has to be read.
 * Codes are never given another meaning; new ones may come, so a program passes over those it does not know.
 */
export type EngineMessage =
  /** A step begins; `total` stacks take time. */
  | { readonly code: 'ENGINE-STEP-START'; readonly level: 'info'; readonly step: EngineStep; readonly total: number }
  /** How far it is: `done` stacks of the step have ended; `note` is the last of them and the time that is left, in words. */
  | { readonly code: 'ENGINE-STEP-PROGRESS'; readonly level: 'debug'; readonly step: EngineStep; readonly done: number; readonly note: string }
  /** A stack of the step ended; `line` is what people read of it. */
  | {
      readonly code: 'ENGINE-STACK-END';
      readonly level: 'info' | 'error';
      readonly step: EngineStep;
      readonly stack: string;
      readonly done: number;
      readonly failed: boolean;
      readonly line: string;
    }
  /** The step ended; `summary` is one line of what it came to. */
  | { readonly code: 'ENGINE-STEP-END'; readonly level: 'info'; readonly step: EngineStep; readonly summary: string }
  /** It failed for a transient reason and is tried again after a pause, in milliseconds. */
  | {
      readonly code: 'ENGINE-RETRY';
      readonly level: 'warning';
      readonly step: EngineStep;
      readonly stack: string;
      readonly what: string;
      readonly attempt: number;
      readonly pause: number;
    }
  /** An apply an earlier run left running is waited for. */
  | { readonly code: 'ENGINE-LEFT-RUNNING'; readonly level: 'info'; readonly stack: string; readonly process: number }
  /** How an apply of an earlier run ended. */
  | {
      readonly code: 'ENGINE-LEFT-ENDED';
      readonly level: 'info' | 'warning';
      readonly stack: string;
      readonly applied: boolean;
      readonly because?: string | undefined;
    }
  /** Applies in which nothing has happened for a while; they are left alone. */
  | { readonly code: 'ENGINE-SILENCE'; readonly level: 'warning'; readonly text: string }
  /** Requests in flight when an apply was cut off are waited for, seconds at most. */
  | { readonly code: 'ENGINE-IN-FLIGHT'; readonly level: 'info'; readonly stack: string; readonly requests: number; readonly seconds: number }
  /** What an engine other than Terraform and OpenTofu says. */
  | { readonly code: 'ENGINE-NOTE'; readonly level: 'info'; readonly text: string };

export type MessageListener = (message: EngineMessage) => void;
