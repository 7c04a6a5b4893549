// Columns of whole numbers as short texts. Rows are sorted, so neighbours differ little or always by the same.

/** A column as text: differences from the value before in base 36, `d*n` for the same difference n times in a row. */
export function encodeColumn(values: readonly number[]): string {
  const tokens: string[] = [];
  let last = 0;
  for (let at = 0; at < values.length;) {
    const difference = (values[at] ?? 0) - last;
    let run = 0;
    while (at < values.length && (values[at] ?? 0) - last === difference) {
      last = values[at] ?? 0;
      at++;
      run++;
    }
    const digits = difference.toString(36);
    tokens.push(run === 1 ? digits : `${digits}*${run.toString(36)}`);
  }
  return tokens.join(' ');
}

/** The column {@link encodeColumn} was given. */
export function decodeColumn(text: string): number[] {
  const values: number[] = [];
  let last = 0;
  if (text === '') return values;
  for (const token of text.split(' ')) {
    const [digits = '', run] = token.split('*');
    const difference = Number.parseInt(digits, 36);
    for (let left = run === undefined ? 1 : Number.parseInt(run, 36); left > 0; left--) {
      last += difference;
      values.push(last);
    }
  }
  return values;
}

/**
 * Rows of different widths, one after another, read column by column: for each shape its first cells, then its second
 * ones ... Returns, in that order, where each cell stands when the rows are written one after another.
 */
export function columnOrder(shapes: readonly number[], widths: readonly number[]): number[] {
  const starts = widths.map((): number[] => []);
  let at = 0;
  for (const shape of shapes) {
    starts[shape]?.push(at);
    at += widths[shape] ?? 0;
  }
  return starts.flatMap((rows, shape) => Array.from({ length: widths[shape] ?? 0 }, (_, position) => rows.map((start) => start + position)).flat());
}
