import * as path from 'node:path';
import { fail, parseCsv, ProblemError, Problems, readText, readYaml, validate } from '../../core/index.ts';
import { z } from 'zod';
import type { ImportRequest } from './run.ts';

const fileSchema = z.strictObject({ imports: z.array(z.strictObject({ stack: z.string(), address: z.string(), id: z.string() })) });
const columns = ['stack', 'address', 'id'] as const;

/**
 * Requests of a file: CSV with the columns `stack`, `address`, `id` in any order (RFC 4180), or YAML `imports: [{stack, address, id}]`.
 * @param root absolute path the file is relative to
 * @throws ProblemError CORE-*, ENGINE-IMPORT-FILE
 */
export function readImportFile(root: string, file: string): ImportRequest[] {
  if (/\.ya?ml$/u.test(file)) {
    const source = readYaml(root, file);
    return validate(fileSchema, source).imports.map((one, index) => ({ ...one, place: source.locate(['imports', index]) }));
  }
  if (!file.endsWith('.csv')) fail('ENGINE-IMPORT-FILE', `${path.basename(file)} is neither CSV nor YAML`, { file, hint: 'name it .csv, .yaml or .yml' });
  const table = parseCsv(file, readText(root, file));
  const problems = new Problems();
  for (const column of columns)
    if (!table.columns.includes(column))
      problems.error('ENGINE-IMPORT-FILE', `there is no column "${column}"`, {
        file,
        line: 1,
        column: 1,
        hint: `the first line names the columns: ${columns.join(',')}`,
      });
  if (problems.list.length > 0) throw new ProblemError(problems.list);
  return table.rows.map(({ cells, line }) => ({
    stack: cells['stack'] ?? '',
    address: cells['address'] ?? '',
    id: cells['id'] ?? '',
    place: { file, line, column: 1 },
  }));
}
