import type { LiveKind } from './types.ts';

/** Keystone gives whole lists, and no times. Names of projects and users are unique in a domain. */
export const identityKinds: readonly LiveKind[] = [
  {
    type: 'openstack_identity_application_credential_v3',
    service: 'identity',
    path: '/users/{user}/application_credentials',
    key: 'application_credentials',
    name: 'name',
    description: 'description',
    marks: ['description', 'name'],
    match: { name: 'name' },
    // Its secret was shown once, to the request that was cut off.
    advice: 'delete',
    remove: { method: 'DELETE', path: '/users/{user}/application_credentials/{id}' },
    look: 'an application credential of that name of the deploying user: its secret is lost, delete it',
  },
  {
    type: 'openstack_identity_user_v3',
    service: 'identity',
    path: '/users',
    key: 'users',
    name: 'name',
    description: 'description',
    marks: ['description', 'name'],
    match: { name: 'name' },
  },
  {
    type: 'openstack_identity_project_v3',
    service: 'identity',
    path: '/projects',
    key: 'projects',
    name: 'name',
    tags: 'tags',
    description: 'description',
    marks: ['tag', 'description', 'name'],
    match: { name: 'name' },
  },
  {
    type: 'openstack_identity_role_assignment_v3',
    service: 'identity',
    path: '/role_assignments',
    key: 'role_assignments',
    query: 'include_subtree=false',
    id: 'links.assignment',
    marks: [],
    match: {},
    look: 'nothing: a role assigned twice is assigned once',
  },
];
