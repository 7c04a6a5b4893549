/** Sentences the engine says of why a stack ended as it did, and the same in Vietnamese; what engines and clouds say is not among them. */
const sentences: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^waits for (.+): plan again once applied$/su, (other = '') => `chờ ${other}: lập lại kế hoạch sau khi áp dụng xong`],
  [/^applied by an earlier run of this plan$/u, () => 'đã được áp dụng trong lần chạy trước của kế hoạch này'],
  [
    /^an earlier run of this plan got part of it done \((.+)\): plan again for the rest$/su,
    (why = '') => `lần chạy trước của kế hoạch này đã làm xong một phần (${becauseText(why, 'vi')}): lập lại kế hoạch cho phần còn lại`,
  ],
  [
    /^outputs it reads from (\S+) are no longer those it was planned with: plan again$/u,
    (other = '') => `đầu ra đọc từ ${other} không còn như lúc lập kế hoạch: hãy lập lại kế hoạch`,
  ],
  [/^made late, after it was planned: (.+)$/su, (why = '') => `được tạo muộn, sau khi lập kế hoạch: ${why}`],
  [/^could not be planned: (.*)$/su, (why = '') => `không lập được kế hoạch: ${why}`],
  [/^no longer declared, and destroyed only when allowed \(--allow-remove\)$/u, () => 'không còn được khai báo, và chỉ bị xóa khi được phép (--allow-remove)'],
  [
    /^an earlier apply was cut off with (\d+) resources not in the state; what exists would be made twice \((.+)\)$/u,
    (count = '', command = '') => `lần áp dụng trước bị ngắt, ${count} tài nguyên chưa có trong trạng thái; nếu làm tiếp sẽ tạo trùng (${command})`,
  ],
  [
    /^no end after (\d+) s \(engine\.timeout\): it goes on alone and is never signalled; the next plan or apply waits for it(.*)$/su,
    (seconds = '', rest = '') =>
      `chưa kết thúc sau ${seconds} giây (engine.timeout): tiến trình tự chạy tiếp và không bị ngắt; lần lập kế hoạch hoặc áp dụng sau sẽ chờ${logText(rest)}`,
  ],
  [/^the engine ended with (\d+)(.*)$/su, (code = '', rest = '') => `chương trình kết thúc với mã ${code}${logText(rest)}`],
  [/^the engine ended with no exit code(.*)$/su, (rest = '') => `chương trình kết thúc mà không có mã${logText(rest)}`],
  [/^the engine was ended by (\w+)(.*)$/su, (signal = '', rest = '') => `chương trình bị ${signal} kết thúc${logText(rest)}`],
  [/^the engine was killed before it ended(.*)$/su, (rest = '') => `chương trình bị ngắt trước khi kết thúc${logText(rest)}`],
  [/^the engine could not be initialised$/u, () => 'không khởi tạo được chương trình'],
  [/^interrupted before it (?:began|was planned)$/u, () => 'bị ngắt trước khi bắt đầu'],
  [
    /^(\S+), which comes before it, is not applied and was not selected$/u,
    (other = '') => `${other} phải áp dụng trước, nhưng chưa được áp dụng và không được chọn`,
  ],
  [/^(\S+) waits$/u, (other = '') => `${other} đang chờ`],
  [/^(\S+) was stopped$/u, (other = '') => `${other} đã dừng`],
  [/^(\S+) failed$/u, (other = '') => `${other} bị lỗi`],
  [/^it was taken from this run before it began: (.+)$/su, (why = '') => `đã bị lấy khỏi lần chạy này trước khi bắt đầu: ${becauseText(why, 'vi')}`],
  [/^its lock was released by somebody else$/u, () => 'khóa của nó đã bị người khác mở'],
  [/^its lock is held by (.+)$/su, (who = '') => `khóa của nó đang do ${who} giữ`],
  [/^its lock could not be looked at: (.+)$/su, (why = '') => `không xem được khóa của nó: ${why}`],
  [/^cut off$/u, () => 'bị ngắt'],
];

/**
 * Why a stack ended as it did, as people read it in their language. Machine output keeps the English sentence; what an
 * engine or a cloud said stays as it was said.
 */
export function becauseText(because: string, language: 'vi' | 'en'): string {
  if (language === 'en') return because;
  for (const [pattern, text] of sentences) {
    const found = pattern.exec(because);
    if (found !== null) return text(...found.slice(1));
  }
  return logText(because);
}

/** ` (log: FILE)`, which the engine adds to any of them. */
function logText(text: string): string {
  return text.replace(/ \(log: ([^)]+)\)$/u, ' (nhật ký: $1)');
}
