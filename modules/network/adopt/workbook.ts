import { readWorkbook as readAnyWorkbook, type Sheet } from '../../core/index.ts';

/**
 * Reads a workbook (XLSX, and the older XLS).
 * @throws ProblemError NET-ADOPT-WORKBOOK where it is damaged, encrypted or none
 */
export function readWorkbook(file: string, bytes: Uint8Array): Promise<Sheet[]> {
  return readAnyWorkbook(file, bytes, 'NET-ADOPT-WORKBOOK');
}
