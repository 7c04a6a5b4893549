import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectChanges, sensitiveText, unknownText } from '../../../modules/engine/review/index.ts';

const change = (given: Record<string, unknown>, type = 'x_y'): unknown => ({
  resource_changes: [{ address: `${type}.one`, mode: 'managed', type, change: { actions: ['update'], ...given } }],
});
const attributes = (shown: unknown, sandbox = false): unknown => objectChanges(shown, new Map(), sandbox)[0]?.attributes;

describe('changes attribute by attribute', () => {
  it('tell what differs, what nobody knows yet, and what forces a replacement', () => {
    const shown = change({
      actions: ['delete', 'create'],
      before: { id: '7', name: 'a', size: 1, rules: [{ port: 80 }, { port: 443 }], tags: ['a'], same: true, gone: 'x', nothing: null },
      after: { name: 'b', size: 1, rules: [{ port: 80 }, { port: 8443 }], tags: ['a', 'b'], same: true, nothing: [] },
      after_unknown: { id: true },
      replace_paths: [['name'], ['rules', 1]],
    });
    expect(objectChanges(shown, new Map(), false)).toEqual([
      {
        address: 'x_y.one',
        type: 'x_y',
        action: 'replace',
        attributes: [
          { path: 'gone', before: '"x"', after: undefined },
          { path: 'id', before: '"7"', after: unknownText },
          { path: 'name', before: '"a"', after: '"b"', replaces: true },
          { path: 'rules[1].port', before: '443', after: '8443', replaces: true },
          { path: 'tags', before: '["a"]', after: '["a","b"]' },
        ],
      },
    ]);
  });

  it('are those of the real object in the sandbox', () => {
    const shown = change(
      {
        before: { input: { cidr: '10.0.0.0/24' }, output: { cidr: '10.0.0.0/24' } },
        after: { input: { cidr: '10.0.1.0/24' } },
        after_unknown: { output: true },
      },
      'terraform_data',
    );
    const [first] = objectChanges(
      {
        resource_changes: [{ ...(shown as { resource_changes: object[] }).resource_changes[0], address: 'terraform_data.openstack_networking_subnet_v2__web' }],
      },
      new Map(),
      true,
    );
    expect(first).toMatchObject({
      address: 'openstack_networking_subnet_v2.web',
      attributes: [{ path: 'cidr', before: '"10.0.0.0/24"', after: '"10.0.1.0/24"' }],
    });
  });

  it('never hold a secret: marked by the engine, named like one, or looking like one', () => {
    expect(
      attributes(change({ before: { a: 'one', psk: 'two' }, after: { a: 'three', psk: 'four' }, before_sensitive: { a: true }, after_sensitive: { a: true } })),
    ).toEqual([
      { path: 'a', before: sensitiveText, after: sensitiveText },
      { path: 'psk', before: sensitiveText, after: sensitiveText },
    ]);
    const secret = fc.stringMatching(/^[a-z0-9]{12,20}$/u);
    const plain = fc.jsonValue({ maxDepth: 2 });
    const wrap = fc.constantFrom<(value: unknown) => readonly [unknown, unknown]>(
      (value) => [{ password: value }, {}],
      (value) => [{ settings: { admin_pass: value } }, {}],
      (value) => [{ list: [{ token: value }, { a: 1 }] }, {}],
      (value) => [{ value }, { value: true }],
      (value) => [{ deep: [{ value }] }, { deep: [{ value: true }] }],
      (value) => [{ deep: { list: ['x', value] } }, { deep: { list: [false, true] } }],
      (value) => [{ map: { anything: value } }, { map: true }],
      (value) => [{ kubeconfig: { user: { value } } }, {}],
    );
    fc.assert(
      fc.property(secret, secret, wrap, wrap, plain, (one, other, first, second, rest) => {
        const [before, beforeMarks] = first(one);
        const [after, afterMarks] = second(other);
        const shown = change({ before: { ...(before as object), rest }, after: after, before_sensitive: beforeMarks, after_sensitive: afterMarks });
        const text = JSON.stringify(objectChanges(shown, new Map(), false));
        expect(text).not.toContain(one);
        expect(text).not.toContain(other);
      }),
      { numRuns: 200 },
    );
  });
});
