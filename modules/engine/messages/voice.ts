import { silent, type Reporter } from '../../core/index.ts';
import { messageText } from './text.ts';
import type { EngineMessage, EngineStep, MessageListener } from './types.ts';

/** Who is told of a run: a program by typed messages, a step of a larger job by its reporter, or both. */
export interface Listening {
  readonly onMessage?: MessageListener | undefined;
  readonly reporter?: Reporter | undefined;
}

/** A reporter that also takes typed messages. */
export interface Voice extends Reporter {
  tell(message: EngineMessage): void;
}

/** Joins both ways of listening: every message reaches both. */
export function voiceOf({ onMessage = () => {}, reporter = silent }: Listening): Voice {
  if (isVoice(reporter)) return reporter;
  let step: EngineStep = 'plan';
  return {
    start(name, total = 0) {
      step = isStep(name) ? name : step;
      onMessage({ code: 'ENGINE-STEP-START', level: 'info', step, total });
      reporter.start(name, total);
    },
    progress(done, note = '') {
      onMessage({ code: 'ENGINE-STEP-PROGRESS', level: 'debug', step, done, note });
      reporter.progress(done, note);
    },
    unit(ended) {
      const { id: stack, done, failed, line } = ended;
      onMessage({ code: 'ENGINE-STACK-END', level: failed ? 'error' : 'info', step, stack, done, failed, line });
      reporter.unit?.(ended);
    },
    end(summary = '') {
      onMessage({ code: 'ENGINE-STEP-END', level: 'info', step, summary });
      reporter.end(summary);
    },
    note(text) {
      onMessage({ code: 'ENGINE-NOTE', level: 'info', text });
      reporter.note(text);
    },
    tell(message) {
      onMessage(message);
      const text = messageText(message);
      if (text !== undefined) reporter.note(text);
    },
  };
}

/** Tells a message to whoever listens, in words to those who know no messages. */
export function tell(reporter: Reporter, message: EngineMessage): void {
  if (isVoice(reporter)) reporter.tell(message);
  else reporter.note(messageText(message) ?? message.code);
}

/** A listener that shows messages with a reporter, in one language. */
export function reporting(reporter: Reporter, language: 'vi' | 'en'): MessageListener {
  return (message) => {
    switch (message.code) {
      case 'ENGINE-STEP-START':
        reporter.start(message.step, message.total);
        break;
      case 'ENGINE-STEP-PROGRESS':
        reporter.progress(message.done, message.note);
        break;
      case 'ENGINE-STACK-END':
        reporter.unit?.({ id: message.stack, done: message.done, failed: message.failed, line: message.line });
        break;
      case 'ENGINE-STEP-END':
        reporter.end(message.summary);
        break;
      default:
        reporter.note(messageText(message, language) ?? message.code);
    }
  };
}

function isVoice(reporter: Reporter): reporter is Voice {
  return 'tell' in reporter;
}

function isStep(name: string): name is EngineStep {
  return name === 'plan' || name === 'apply' || name === 'drift';
}
