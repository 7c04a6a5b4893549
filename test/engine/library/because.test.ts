import { describe, expect, it } from 'vitest';
import { becauseText } from '../../../modules/engine/index.ts';

describe('why a stack ended as it did', () => {
  it.each([
    ['waits for a.b.c, a.b.d: plan again once applied', 'chờ a.b.c, a.b.d'],
    ['applied by an earlier run of this plan', 'lần chạy trước'],
    ['an earlier run of this plan got part of it done (the engine was killed before it ended): plan again for the rest', 'bị ngắt trước khi kết thúc'],
    ['outputs it reads from a.b.c are no longer those it was planned with: plan again', 'đầu ra đọc từ a.b.c'],
    ['could not be planned: Error: x', 'không lập được kế hoạch: Error: x'],
    ['no longer declared, and destroyed only when allowed (--allow-remove)', '--allow-remove'],
    ['an earlier apply was cut off with 3 resources not in the state; what exists would be made twice (vcloud orphans list a.b.c)', '3 tài nguyên'],
    ['no end after 60 s (engine.timeout): it goes on alone and is never signalled; the next plan or apply waits for it (log: x.ndjson)', 'sau 60 giây'],
    ['the engine ended with 1 (log: x.ndjson)', 'mã 1 (nhật ký: x.ndjson)'],
    ['the engine was ended by SIGKILL (log: x.ndjson)', 'bị SIGKILL kết thúc (nhật ký: x.ndjson)'],
    ['interrupted before it began', 'bị ngắt trước khi bắt đầu'],
    ['a.b.c, which comes before it, is not applied and was not selected', 'a.b.c phải áp dụng trước'],
    ['a.b.c failed', 'a.b.c bị lỗi'],
    ['a.b.c was stopped', 'a.b.c đã dừng'],
    ['it was taken from this run before it began: its lock was released by somebody else', 'bị người khác mở'],
  ])('%s', (english, part) => {
    expect(becauseText(english, 'en')).toBe(english);
    const said = becauseText(english, 'vi');
    expect(said).not.toBe(english);
    expect(said).toContain(part);
  });

  it('what a cloud or an engine said stays as it was said', () => {
    expect(becauseText('Error: quota exceeded', 'vi')).toBe('Error: quota exceeded');
    expect(becauseText('Error: quota exceeded (log: a.ndjson)', 'vi')).toBe('Error: quota exceeded (nhật ký: a.ndjson)');
  });
});
