import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressCount, formatPrefix, overlaps, parsePrefix, type Prefix } from '../../../modules/network/index.ts';
import { aggregate, mergeByTable, successorsOf } from '../../../modules/network/merger/index.ts';
import { openWorkspace } from '../../../modules/network/edit/index.ts';
import { federationFolder } from '../folder.ts';

describe('successors', () => {
  it('inherit all of those they are first heir of, each address once', () => {
    const unit = fc.integer({ min: 0, max: 30 }).map((number) => `u/${number}`);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(unit, fc.uniqueArray(unit, { minLength: 1, maxLength: 4 })), { selector: ([name]) => name }), (list) => {
        const { names, predecessors, divided } = successorsOf(new Map(list));
        const after = list.map(([name]) => names.get(name) ?? name);
        expect(new Set(after).size).toBe(list.length);
        for (const [name, [first = '']] of list) {
          const now = names.get(name) ?? name;
          expect(now === first || now.startsWith(`${first}/from/`)).toBe(true);
          expect(predecessors.get(first)).toContain(name);
        }
        // Every successor that inherits has a key of its own name.
        for (const successor of predecessors.keys()) expect(after).toContain(successor);
        expect(divided).toEqual(list.filter(([, heirs]) => heirs.length > 1).map(([name]) => name));
      }),
    );
  });

  it('names of tables that are not there, and keys no plan has, are refused with what would do', () => {
    const root = federationFolder({
      'network-plans/a.yaml':
        'apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\ndomains: [{ name: d }]\npools: [{ name: p, prefix: 10.0.0.0/24, domain: d }]\nneeds:\n  - { key: u/1, pool: p, length: 26 }\n',
      'network-plans/t.csv': 'code,into\n1,2\n',
    });
    const workspace = openWorkspace(root);
    const merge = (key: string, successors: string) => () => mergeByTable(workspace, { table: 'network-plans/t.csv', key, successors });
    expect(merge('x/{code}', 'into')).toThrow('the first would be "x/1"');
    expect(merge('u/{code}', 'to')).toThrow('its columns: code, into');
    expect(merge('u', 'into')).toThrow('NET-MERGER');
    expect([...merge('u/{code}', 'into')().edit.names]).toEqual([['u/1', 'u/2']]);
  });
});

describe('aggregation', () => {
  it('covers the same addresses with prefixes that neither overlap nor join', () => {
    const prefix = fc
      .tuple(fc.nat(255), fc.integer({ min: 25, max: 32 }))
      .map(([low, length]): Prefix => parsePrefix(`10.0.0.${(low >>> (32 - length)) << (32 - length)}/${length}`));
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 20 }), (list) => {
        const joined = aggregate(list);
        for (let address = 0; address < 256; address++) {
          const host = parsePrefix(`10.0.0.${address}/32`);
          expect(joined.filter((one) => overlaps(one, host)).length).toBe(list.some((one) => overlaps(one, host)) ? 1 : 0);
        }
        expect(aggregate([...list].reverse())).toEqual(joined);
        const count = joined.reduce((sum, one) => sum + addressCount(one), 0n);
        for (const one of joined) {
          for (const other of joined) if (one !== other) expect(aggregate([one, other])).toHaveLength(2);
        }
        expect(count <= 256n).toBe(true);
      }),
    );
    expect(aggregate(['10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24', '10.0.2.0/25'].map((text) => parsePrefix(text))).map(formatPrefix)).toEqual([
      '10.0.1.0/24',
      '10.0.2.0/23',
    ]);
  });
});
