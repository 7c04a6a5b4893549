import { describe, expect, it } from 'vitest';
import { removedIn } from '../../modules/engine/index.ts';

const line = (type: string, action: string, address: string, id?: string): string =>
  JSON.stringify({
    type,
    hook: { resource: { addr: address, resource_type: address.split('.')[0] }, action, ...(id === undefined ? {} : { id_key: 'id', id_value: id }) },
  });

describe('what an apply destroyed', () => {
  it('is what its log says is gone, with the id it had; begun is not gone, and an earlier run counts no more', () => {
    const log = [
      JSON.stringify({ type: 'version' }),
      line('apply_start', 'delete', 'openstack_identity_project_v3.old', 'p0'),
      line('apply_complete', 'delete', 'openstack_identity_project_v3.old'),
      JSON.stringify({ type: 'version' }),
      line('apply_start', 'delete', 'openstack_identity_project_v3.one', 'p1'),
      line('apply_start', 'delete', 'openstack_identity_project_v3.two', 'p2'),
      line('apply_start', 'create', 'openstack_identity_project_v3.three'),
      line('apply_errored', 'delete', 'openstack_identity_project_v3.two'),
      line('apply_complete', 'create', 'openstack_identity_project_v3.three', 'p3'),
      line('apply_complete', 'delete', 'openstack_identity_project_v3.one'),
      'no JSON at all',
    ];
    expect(removedIn(log.join('\n'))).toEqual([{ address: 'openstack_identity_project_v3.one', type: 'openstack_identity_project_v3', id: 'p1' }]);
    expect(removedIn('')).toEqual([]);
  });
});
