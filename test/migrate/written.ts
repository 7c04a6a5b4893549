import * as fs from 'node:fs';
import * as path from 'node:path';
import { apply, plan } from '../../modules/engine/index.ts';
import { plannerPayloadType } from '../../modules/engine/approval/planner.ts';
import { approvalPayloadType, formatStatement, writeApproval } from '../../modules/engine/approval/statement.ts';
import { makeCheckpoint } from '../../modules/engine/log/checkpoint.ts';
import { writeBaseline } from '../../modules/engine/review/baseline.ts';
import { markRunning } from '../../modules/engine/running.ts';
import { cloudPreflight } from '../../modules/cloud/preflight/index.ts';
import { canonicalJson, ensureSigningKey, formatEnvelope, signEnvelope } from '../../modules/core/index.ts';
import { federate } from '../../modules/federate.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { loadAddressPlans, planAddresses } from '../../modules/network/index.ts';
import { exportPlan, reverseFiles } from '../../modules/network/export/index.ts';
import { noEngine, stackOf } from '../engine/fixtures.ts';
import { madeOn } from './kinds.ts';
import { worldFiles } from './world.ts';

/** Makes the small federation in `root` and has the toolkit write everything it writes. */
export async function writeWorld(root: string): Promise<void> {
  const put = (name: string, content: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  };
  for (const [name, content] of Object.entries(worldFiles)) put(name, content);
  await federate(root, { asOf: madeOn });
  const { addressPlan } = planAddresses(await loadAddressPlans(root, await loadFederation(root, { asOf: madeOn })));
  put('export/network.json', exportPlan(addressPlan, 'json') as string);
  for (const [name, content] of reverseFiles(addressPlan, { nameServers: ['ns1.dns.example.'] })) put(`reverse/${name}`, content);
  if (noEngine === undefined) await writeStates(root);
}

/** A stack applied, one that reads it planned, and the marker of an apply that was cut off. */
async function writeStates(root: string): Promise<void> {
  const stacks = [
    stackOf({
      path: 'health.portal.platform',
      resources: { openstack_identity_project_v3__portal: { input: { name: 'portal' } } },
      outputs: { project: '${terraform_data.openstack_identity_project_v3__portal.id}' },
    }),
    stackOf({
      path: 'health.portal.workload',
      reads: ['health.portal.platform'],
      resources: { openstack_networking_network_v2__web: { input: { project: '${data.terraform_remote_state.health_portal_platform.outputs.project}' } } },
    }),
  ];
  const { directory = '' } = await plan({ root, stacks, preflight: cloudPreflight() });
  await apply({ root, directory, stacks });
  await plan({ root, stacks });
  const running = {
    id: '0123456789abcdef',
    stack: 'health.portal.workload',
    key: 'a'.repeat(64),
    log: 'log.ndjson',
    engine: { name: 'terraform', version: '1.11.4' } as const,
  };
  markRunning(root, { ...running, digest: 'b'.repeat(64), reads: { 'health.portal.platform': 'c'.repeat(64) } });
  fs.rmSync(path.join(root, '.vcloud/journal/0123456789abcdef.ndjson'));
  writeBaseline(root, [{ effect: 'renumber', subject: 'legacy/axis', agency: 'health', value: '10.15.0.0/24' }]);
  const { envelope, head } = makeCheckpoint(root);
  fs.writeFileSync(path.join(root, '.vcloud/checkpoint.json'), formatEnvelope(envelope));
  const { privateKey, publicKey } = ensureSigningKey(root);
  const statement = formatStatement({ plan: '0123456789abcdef', manifest: 'd'.repeat(64), by: { user: 'reviewer' }, date: madeOn, log: head });
  writeApproval(path.join(root, 'approved'), 'reviewer', signEnvelope(approvalPayloadType, statement, privateKey));
  fs.writeFileSync(path.join(root, 'approved/reviewer.pub'), `${publicKey}\n`);
  const made = canonicalJson({ apiVersion: 'vcloud/v1', kind: 'PlanMade', plan: '0123456789abcdef', manifest: 'd'.repeat(64), user: 'planner' });
  fs.writeFileSync(path.join(root, 'approved/planned-by.json'), formatEnvelope(signEnvelope(plannerPayloadType, made, privateKey)));
}
