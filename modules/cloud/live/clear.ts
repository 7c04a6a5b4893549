import { isObject } from '../../core/index.ts';
import type { Cleared, ClearQuery } from '../../engine/index.ts';
import { loginOf, type OpenstackCloudsOptions } from './orphans.ts';
import { Refused, saidBy, Session } from './session.ts';

const project = 'openstack_identity_project_v3';
const because = 'Neutron makes the security group "default" of every project, and keeps it when the project is deleted';

/**
 * Removes what OpenStack keeps of projects that are gone: Neutron's security group `default`. It is deleted only if it is called
 * so, belongs to a project this apply destroyed, and Keystone says that there is no such project any more.
 */
export async function clearOpenstack(query: ClearQuery, { rate, timeout, tries }: OpenstackCloudsOptions = {}): Promise<Cleared[]> {
  const projects = query.removed.filter(({ type }) => type === project).map(({ id }) => id);
  if (projects.length === 0) return [];
  let session: Session | undefined;
  try {
    session = new Session({ ...loginOf(query), rate, timeout, tries });
    await session.logIn();
    if (!session.has('network')) return [];
    const gone = new Set<string>();
    for (const id of projects) if ((await session.get('identity', `/projects/${encodeURIComponent(id)}`)).status === 404) gone.add(id);
    return gone.size === 0 ? [] : await removeDefaults(session, gone);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return projects.map((id) => ({ what: `the security group "default" of project ${id}`, because, left: `the cloud could not be asked: ${error.message}` }));
  } finally {
    session?.close();
  }
}

async function removeDefaults(session: Session, gone: ReadonlySet<string>): Promise<Cleared[]> {
  // Never by project: asked for the groups of a project, Neutron makes it a default group, whether there is such a project or not.
  const answer = await session.get('network', '/v2.0/security-groups?name=default&fields=id&fields=name&fields=project_id');
  if (answer.status !== 200) throw new Refused(String(answer.status), `the list of security groups: ${answer.status}${saidBy(answer)}`);
  const groups = Array.isArray(answer.body['security_groups']) ? (answer.body['security_groups'] as unknown[]).filter(isObject) : [];
  const cleared: Cleared[] = [];
  for (const { id, name, project_id: owner } of groups) {
    if (name !== 'default' || typeof id !== 'string' || typeof owner !== 'string' || !gone.has(owner)) continue;
    const what = `the security group "default" (${id}) of project ${owner}`;
    const end = await session.change('DELETE', 'network', `/v2.0/security-groups/${encodeURIComponent(id)}`);
    const removed = end.status === 404 || (end.status >= 200 && end.status < 300);
    cleared.push(removed ? { what, because } : { what, because, left: `${end.status}${saidBy(end)}` });
  }
  return cleared;
}
