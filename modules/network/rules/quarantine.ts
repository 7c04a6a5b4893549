import type { RuleContext, Violation } from './context.ts';

/** Released rows whose date has come: until they are dropped, their space lies idle (registration accuracy and conservation, RFC 7020 2). */
export function* quarantineRules({ planSet, asOf }: RuleContext): Generator<Violation> {
  if (asOf === undefined) return;
  for (const row of planSet.rows.values()) {
    const over = [row.v4, row.v6].filter((held) => held?.released === true && held.until !== undefined && held.until <= asOf && !row.need?.[held.family]);
    const until = over[0]?.until;
    if (until === undefined) continue;
    const blocks = over.map((held) => held?.text ?? '').join(' and ');
    yield {
      rule: 'quarantine-over',
      names: [row.key, ...over.map((held) => held?.pool ?? '')],
      place: row.place,
      text: `"${row.key}" was released and its quarantine ended on ${until}: ${blocks} may be used again`,
      hint: `once nothing answers there any more, drop this row of ${row.place.file} in a reviewed change; the space is then free for the next need`,
    };
  }
}
