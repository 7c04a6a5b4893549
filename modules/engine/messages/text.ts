import { plural } from '../../core/index.ts';
import { durationText } from '../schedule/progress.ts';
import { becauseText } from './because.ts';
import type { EngineMessage } from './types.ts';

/** A message outside of any step's progress as people read it; undefined: it is progress, and shown as such. */
export function messageText(message: EngineMessage, language: 'vi' | 'en' = 'en'): string | undefined {
  const vi = language === 'vi';
  switch (message.code) {
    case 'ENGINE-RETRY': {
      const { stack, step, what, attempt, pause } = message;
      const untouched = step === 'apply' ? (vi ? ', chưa bắt đầu gì' : ', nothing was begun') : '';
      return vi
        ? `${stack}: ${what}${untouched}; lần thử ${attempt} sau ${durationText(pause)}`
        : `${stack}: ${what}${untouched}; attempt ${attempt} in ${durationText(pause)}`;
    }
    case 'ENGINE-LEFT-RUNNING':
      return vi
        ? `${message.stack}: đang chờ lần áp dụng mà lần chạy trước để lại (tiến trình ${message.process})`
        : `${message.stack}: waiting for its apply, left running by an earlier run (process ${message.process})`;
    case 'ENGINE-LEFT-ENDED': {
      const { stack, applied, because = '' } = message;
      if (applied) return vi ? `${stack}: lần áp dụng của lần chạy trước đã kết thúc tốt` : `${stack}: its apply of an earlier run ended well`;
      return vi
        ? `${stack}: lần áp dụng của lần chạy trước bị ngắt: ${becauseText(because, 'vi')}`
        : `${stack}: its apply of an earlier run was cut off: ${because}`;
    }
    case 'ENGINE-IN-FLIGHT': {
      const { stack, requests, seconds } = message;
      return vi
        ? `${stack}: ${requests} yêu cầu còn dang dở khi bị ngắt; hỏi đám mây cho đến khi xong hoặc hết ${seconds} giây`
        : `${stack}: ${plural(requests, 'request')} in flight when it was cut off; asking its cloud until they are done or ${seconds} s have passed`;
    }
    case 'ENGINE-SILENCE':
    case 'ENGINE-NOTE':
      return message.text;
    default:
      return undefined;
  }
}
