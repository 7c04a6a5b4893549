import type { Context } from '../../kit.ts';

/** What Ctrl-C says the first, second and third time; with the last one the process ends. */
const said = {
  apply: {
    en: [
      'stopping: no further stack is started; waiting for those that run, which are never signalled',
      'a third Ctrl-C leaves those that run alone: what they come to is not seen here, and the next plan or apply waits for them and reads it from their logs',
      'left: what was running goes on alone; the next plan or apply waits for it',
    ],
    vi: [
      'đang dừng: không bắt đầu thêm ngăn xếp nào; chờ những ngăn xếp đang chạy, không gửi tín hiệu cho chúng',
      'Ctrl-C lần thứ ba sẽ bỏ mặc những gì đang chạy: không thấy kết quả ở đây, lần plan hoặc apply sau sẽ chờ và đọc nhật ký của chúng',
      'đã rời đi: những gì đang chạy vẫn tiếp tục; lần plan hoặc apply sau sẽ chờ',
    ],
  },
  plan: {
    en: ['stopping: waiting for the plans that run; no plan directory is made (Ctrl-C again leaves at once)', 'left: nothing was planned or changed'],
    vi: ['đang dừng: chờ các kế hoạch đang lập; không tạo thư mục kế hoạch (Ctrl-C lần nữa để thoát ngay)', 'đã rời đi: chưa lập kế hoạch hay thay đổi gì'],
  },
} as const;

/** First Ctrl-C: nothing more is started. The last: we go, and engines that apply stay. */
export function stopOnInterrupt({ reporter, language }: Context, work: 'plan' | 'apply'): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const words = said[work][language];
  let times = 0;
  const onInterrupt = (): void => {
    reporter.note(words[times] ?? '');
    times += 1;
    if (times >= words.length) process.exit(1);
    controller.abort();
  };
  process.on('SIGINT', onInterrupt);
  return { signal: controller.signal, dispose: () => process.off('SIGINT', onInterrupt) };
}
