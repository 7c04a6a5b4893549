import { fail } from '../problem.ts';
import { readSeparated } from './separated.ts';
import type { Sheet } from './table.ts';
import { readWorkbook } from './workbook.ts';

/** Whether the bytes begin as a workbook does: XLSX is a ZIP archive, XLS a compound file. */
export function looksLikeWorkbook(bytes: Uint8Array): boolean {
  const begins = (...magic: readonly number[]): boolean => magic.every((byte, index) => bytes[index] === byte);
  return begins(0x50, 0x4b) || begins(0xd0, 0xcf, 0x11, 0xe0);
}

/**
 * The text of a table: UTF-8, or UTF-16 with its mark.
 * @throws ProblemError with `code` for anything else
 */
export function decodeTable(file: string, bytes: Uint8Array, code: string): string {
  const label = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return fail(code, 'the file is neither UTF-8 nor UTF-16 nor a workbook', { file, hint: 'save it as "CSV UTF-8", or take the workbook itself' });
  }
}

/**
 * Reads the sheets of a workbook, or the one table of a text file.
 * @throws ProblemError with the codes given, for a damaged workbook and for an unknown encoding
 */
export async function readTables(file: string, bytes: Uint8Array, codes: { readonly workbook: string; readonly encoding: string }): Promise<Sheet[]> {
  return looksLikeWorkbook(bytes) ? await readWorkbook(file, bytes, codes.workbook) : [readSeparated(decodeTable(file, bytes, codes.encoding))];
}
