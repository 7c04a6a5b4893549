import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../modules/core/index.ts';
import { objectChanges } from '../../modules/engine/review/index.ts';
import { mask, maskedAttributes, sensitiveShape } from '../../modules/engine/store/mask.ts';

describe('secrets that are shown', () => {
  it('are masked where a state marks them, where their type is known to hold them, and where they look like one', () => {
    const attributes: JsonObject = {
      name: 'web',
      note: 'postgres://user:word@db.example/x',
      rules: [{ token_id: 'a' }, { password: 'b' }],
      nested: { deep: { value: 'c', plain: 'd' } },
      password: '',
    };
    const shape = sensitiveShape([
      [
        { type: 'get_attr', value: 'nested' },
        { type: 'get_attr', value: 'deep' },
        { type: 'get_attr', value: 'value' },
      ],
      [
        { type: 'get_attr', value: 'rules' },
        { type: 'index', value: { value: 0, type: 'number' } },
        { type: 'get_attr', value: 'token_id' },
      ],
    ]);
    expect(maskedAttributes(attributes, shape, 'x_y')).toEqual({
      name: 'web',
      note: mask,
      rules: [{ token_id: mask }, { password: mask }],
      nested: { deep: { value: mask, plain: 'd' } },
      password: '',
    });
    expect(maskedAttributes({ input: { payload: 'x', name: 'n' } }, {}, 'openstack_keymanager_secret_v1')).toEqual({ input: { payload: mask, name: 'n' } });
    expect(maskedAttributes({ payload: 'x' }, {}, 'x_y')).toEqual({ payload: 'x' });
    expect(maskedAttributes({ a: 1 }, sensitiveShape([[]]), 'x_y')).toBe(mask);
  });

  it('stay masked where a state marks a whole value and a part of it, in either order', () => {
    const whole = [{ type: 'get_attr', value: 'settings' }];
    const part = [...whole, { type: 'index', value: { value: 'k', type: 'string' } }];
    for (const paths of [
      [whole, part],
      [part, whole],
    ])
      expect(maskedAttributes({ settings: { k: 'aaaaaaaa', dsn: 'plantedplanted' }, open: 'x' }, sensitiveShape(paths), 'x_y')).toEqual({
        settings: mask,
        open: 'x',
      });
  });

  it('are left out of a review too, also in the sandbox, where no provider marks anything', () => {
    const change = { actions: ['create'], before: null, after: { input: { payload: 'planted', name: 'n' } }, after_unknown: {}, after_sensitive: {} };
    const shown = { resource_changes: [{ address: 'terraform_data.openstack_keymanager_secret_v1__s', mode: 'managed', type: 'terraform_data', change }] };
    const changes = objectChanges(shown, new Map(), true);
    expect(JSON.stringify(changes)).not.toContain('planted');
    expect(changes[0]?.attributes?.map(({ path, after }) => [path, after])).toEqual([
      ['name', '"n"'],
      ['payload', '(sensitive)'],
    ]);
  });
});
