import * as fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldDrift, isNoise, noise, readDrift } from '../../../modules/engine/index.ts';

const type = 'openstack_networking_network_v2';
const compare = (before: unknown, after: unknown): [string, string | undefined, string | undefined][] =>
  fieldDrift({ type, before, after }).map((field) => [field.path, field.before, field.after]);

describe('two readings of an object', () => {
  it('differ in fields; null, [], {} and "" are alike', () => {
    const before = { name: 'a', tags: null, servers: [], extra: {}, note: '', rules: [{ port: 1 }, { port: 2 }], hosts: ['x', 'y'] };
    expect(compare(before, { name: 'a', tags: [], servers: null, note: null, rules: [{ port: 1 }, { port: 2, more: null }], hosts: ['x', 'y'] })).toEqual([]);
    expect(compare(before, { ...before, name: 'b', rules: [{ port: 2 }, { port: 3 }, { port: 1 }], hosts: ['y', 'x'], extra: { k: 1 } })).toEqual([
      ['extra.k', undefined, '1'],
      ['hosts', '["x","y"]', '["y","x"]'],
      ['name', '"a"', '"b"'],
      ['rules[1].port', undefined, '3'],
    ]);
  });

  it('differ by chance in fields of types there are', () => {
    const folder = new URL('../../../modules/cloud/providers/', import.meta.url);
    const types = ['openstack', 'kubernetes'].flatMap((provider) =>
      fs
        .readdirSync(new URL(`${provider}/`, folder))
        .flatMap((file) => /static override readonly type = '([a-z0-9_]+)'/u.exec(fs.readFileSync(new URL(`${provider}/${file}`, folder), 'utf8'))?.[1] ?? []),
    );
    expect(types.length).toBeGreaterThan(100);
    for (const row of noise)
      expect(
        types.filter((name) => isNoise(name, row.field, [row], true, true)),
        row.type,
      ).not.toEqual([]);
  });

  it('name secrets and do not show them, also those no provider marks', () => {
    const readings = {
      type: 'openstack_vpnaas_site_connection_v2',
      before: { psk: 'one', mark: 'two', deep: [{ mark: 'a', open: 1 }] },
      after: { psk: 'three', mark: 'four', deep: [{ mark: 'b', open: 2 }] },
    };
    const fields = fieldDrift({ ...readings, beforeSensitive: { mark: true, deep: [{ mark: true }] }, afterSensitive: {} });
    expect(fields.map(({ path }) => path)).toEqual(['deep[0].mark', 'deep[0].open', 'mark', 'psk']);
    expect(JSON.stringify(fields)).not.toMatch(/one|two|three|four|"a"|"b"/u);
  });

  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, '', 'x', 'y', 0, 1, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  /** Every way to say nothing, said as null. */
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const items = value.map(plain).filter((item) => item !== null);
      return items.length === 0 ? null : items;
    }
    if (typeof value !== 'object' || value === null) return value === '' ? null : value;
    const entries = Object.entries(value)
      .map(([key, item]) => [key, plain(item)] as const)
      .filter(([, item]) => item !== null);
    return entries.length === 0 ? null : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };

  it('differ exactly where they differ (property)', () => {
    const body = fc.dictionary(fc.constantFrom('name', 'rules', 'hosts'), json);
    fc.assert(
      fc.property(body, body, (before, after) => {
        expect(compare(before, before)).toEqual([]);
        const [there, back] = [compare(before, after), compare(after, before)];
        expect(there.length > 0).toBe(back.length > 0);
        if (JSON.stringify(plain(before)) !== JSON.stringify(plain(after))) expect(there.length).toBeGreaterThan(0);
        else expect(there).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a full refresh plan', () => {
  const change = (address: string, actions: string[], before: unknown, after: unknown): unknown => ({
    address,
    mode: 'managed',
    type: address.split('.')[0],
    change: { actions, before, after },
  });
  const reading = { names: new Map(), sandbox: false, asApplied: true };

  it('tells drift, what the plan does about it, and what it changes besides', () => {
    const shown = {
      resource_drift: [
        change(`${type}.renamed`, ['update'], { name: 'a' }, { name: 'b', updated_at: 'now' }),
        change(`${type}.noise`, ['update'], { tags: null, updated_at: 'x' }, { tags: [], updated_at: 'y' }),
        change(`${type}.gone`, ['delete'], { name: 'a' }, null),
        change(`${type}.tagged`, ['update'], { all_tags: null }, { all_tags: ['t'] }),
      ],
      resource_changes: [
        change(`${type}.renamed`, ['update'], { name: 'b' }, { name: 'a' }),
        change(`${type}.gone`, ['create'], null, { name: 'a' }),
        change(`${type}.tagged`, ['no-op'], {}, {}),
        change(`${type}.wanted`, ['delete', 'create'], {}, {}),
      ],
    };
    const { drifted, ignored, pending } = readDrift(shown, reading);
    expect(drifted.map(({ address, drift, next, fields }) => [address.split('.')[1], drift, next, fields.map(({ path }) => path)])).toEqual([
      ['gone', 'deleted', 'create', []],
      ['renamed', 'changed', 'update', ['name']],
      ['tagged', 'changed', 'no-op', ['all_tags']],
    ]);
    expect([ignored, pending]).toEqual([2, 1]);
  });

  it('tells a machine switched off behind our back where the plan switches it on again, and nowhere else', () => {
    const web = 'openstack_compute_instance_v2.web';
    const off = change(web, ['update'], { power_state: 'active' }, { power_state: 'shutoff' });
    const on = change(web, ['update'], { power_state: 'shutoff' }, { power_state: 'active' });
    const { drifted, ignored, pending } = readDrift({ resource_drift: [off], resource_changes: [on] }, reading);
    expect(drifted).toMatchObject([{ address: web, next: 'update', fields: [{ path: 'power_state', before: '"active"', after: '"shutoff"' }] }]);
    expect([ignored, pending]).toEqual([0, 0]);
    const kept = change(web, ['no-op'], { power_state: 'shutoff' }, { power_state: 'shutoff' });
    for (const changes of [[kept], []])
      expect(readDrift({ resource_drift: [off], resource_changes: changes }, reading)).toEqual({ drifted: [], ignored: 1, pending: 0 });
  });

  it('knows what says nothing', () => {
    expect(isNoise('kubernetes_namespace_v1', 'metadata[0].resource_version')).toBe(true);
    expect(isNoise('openstack_networking_network_v2', 'name')).toBe(false);
    // Taken by a server it did not have before, and taken from one by another.
    expect(isNoise('openstack_networking_port_v2', 'device_id', undefined, true)).toBe(true);
    expect(isNoise('openstack_networking_port_v2', 'device_id')).toBe(false);
  });
});
