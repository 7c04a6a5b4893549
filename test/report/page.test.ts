import * as vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { clientProgram } from '../../modules/report/assets.ts';
import type { Payload } from '../../modules/report/client/packed.ts';
import { renderReport } from '../../modules/report/index.ts';
import { large, small } from './fixture.ts';

const html = renderReport(small);

describe('the page', () => {
  it('is the same bytes for the same data', () => {
    expect(renderReport(structuredClone(small))).toBe(html);
  });

  it('asks for nothing outside itself', () => {
    expect(html).not.toMatch(/<(?:script|img|iframe|source)[^>]*\ssrc=/iu);
    expect(html.match(/<link [^>]*>/giu)).toEqual(['<link rel="icon" href="data:,">']);
    expect(html).not.toMatch(/@import|url\(/u);
    expect(html).toContain("default-src 'none'");
  });

  it('allows exactly its own script and style', async () => {
    const { createHash } = await import('node:crypto');
    const script = /<script>([\s\S]*?)<\/script>/u.exec(html)?.[1] ?? '';
    const style = /<style>([\s\S]*?)<\/style>/u.exec(html)?.[1] ?? '';
    for (const text of [script, style]) expect(html).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  });

  it('lets no text of the data end the script or become markup', () => {
    const data = /<script type="application\/json" id="data">(.*)<\/script>/u.exec(html)?.[1] ?? '';
    expect(data).not.toContain('<');
    expect(JSON.stringify((JSON.parse(data) as Payload).strings)).toContain('</script><b>');
    expect(html.match(/<\/script>/gu)).toHaveLength(2);
  });

  it('escapes names outside the data too', () => {
    const hostile = renderReport({ ...small, federation: { id: 'x', names: { vi: '<img src=x>', en: '"&' } } });
    expect(hostile).not.toContain('<img src=x>');
    expect(hostile).toContain('&#60;img src=x&#62;');
  });

  it('holds both languages', () => {
    for (const text of ['Địa chỉ này của ai?', 'Who owns this address?', 'Bản đồ', 'Inventory', 'Việt Nam', 'Tiếng Việt']) expect(html).toContain(text);
  });

  it('shows its figures without scripts', () => {
    expect(html).toMatch(/<noscript>.*Bản ghi kiểm kê · Inventory records: 6.*<\/noscript>/u);
  });

  it('stays below 5 MB for a nation of 20,000 records', () => {
    expect(Buffer.byteLength(renderReport(large(20_000)))).toBeLessThan(5_000_000);
  });
});

describe('the program of the page', () => {
  const program = clientProgram();

  it('is one script without module words left', () => {
    // Names of all files share one scope: a name used twice is a syntax error here.
    expect(() => new vm.Script(program)).not.toThrow();
    expect(program).not.toMatch(/^\s*(?:import|export)\b/mu);
  });

  it('writes text only as text', () => {
    expect(program).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/u);
  });
});
