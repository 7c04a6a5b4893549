import { isObject } from '../../../core/index.ts';
import { clusterLogin } from '../../credentials/cluster.ts';
import { ask, type Answered } from './http.ts';
import { parseLockInfo, type LockInfo, type LockPort } from './port.ts';

/** Annotation Terraform's backend keeps the lock's JSON in. */
const annotation = 'app.terraform.io/lock-info';

type Lease = Record<string, unknown> & { readonly metadata: Record<string, unknown>; readonly spec?: Record<string, unknown> | undefined };

/**
 * Leases as Terraform's kubernetes backend makes them: `lock-tfstate-default-SUFFIX`, held by the id of the lock, whose JSON
 * is an annotation. Each change names the version it is of, so that of two at the same moment the server refuses one.
 * Undefined where the cluster is reached in a way only the engine knows (a login by another program).
 */
export function kubernetesLocks(
  setting: { readonly namespace: string; readonly suffix: (stack: string) => string },
  environment: Readonly<Record<string, string>>,
): LockPort | undefined {
  const cluster = clusterLogin(environment);
  if ('because' in cluster) return undefined;
  const base = `${cluster.server}/apis/coordination.k8s.io/v1/namespaces/${setting.namespace}/leases`;
  const nameOf = (stack: string): string => `lock-tfstate-default-${setting.suffix(stack)}`;
  const send = async (method: 'GET' | 'PUT' | 'POST', url: string, content?: object): Promise<Answered> => {
    const answer = await ask({
      url,
      method,
      body: content === undefined ? undefined : JSON.stringify(content),
      headers: { accept: 'application/json', ...(content === undefined ? {} : { 'content-type': 'application/json' }), ...cluster.headers },
      tls: cluster.tls,
    });
    if ((answer.status >= 200 && answer.status < 300) || (method === 'GET' && answer.status === 404) || answer.status === 409) return answer;
    throw new Error(`${method} lease: HTTP ${answer.status}${reasonOf(answer.body)}`);
  };
  const leaseOf = async (stack: string): Promise<Lease | undefined> => {
    const { status, body } = await send('GET', `${base}/${nameOf(stack)}`);
    return status === 404 ? undefined : (JSON.parse(body) as Lease);
  };
  const read = async (stack: string): Promise<LockInfo | undefined> => lockIn(await leaseOf(stack));
  return {
    path: nameOf,
    read,
    put: async (stack, info) => {
      for (let attempt = 0; ; attempt++) {
        const lease = await leaseOf(stack);
        const there = lockIn(lease);
        if (there !== undefined) return there;
        const { status } =
          lease === undefined
            ? await send('POST', base, newLease(nameOf(stack), setting.suffix(stack), info))
            : await send('PUT', `${base}/${nameOf(stack)}`, held(lease, info));
        if (status !== 409) return undefined;
        // Somebody else changed it in between: who, says the next look.
        if (attempt === 3) return parseLockInfo('');
      }
    },
    remove: async (stack, id) => {
      for (let attempt = 0; ; attempt++) {
        const lease = await leaseOf(stack);
        if (lease === undefined || lease.spec?.['holderIdentity'] !== id) return;
        const { status } = await send('PUT', `${base}/${nameOf(stack)}`, held(lease, undefined));
        if (status !== 409) return;
        // Somebody else changed the lease in between, and the lock is in it still.
        if (attempt === 3) throw new Error('PUT lease: HTTP 409');
      }
    },
  };
}

/** The lock in a lease; the backend takes one without a holder for free. */
function lockIn(lease: Lease | undefined): LockInfo | undefined {
  const holder = lease?.spec?.['holderIdentity'];
  if (lease === undefined || typeof holder !== 'string') return undefined;
  const annotations = lease.metadata['annotations'];
  const text = isObject(annotations) ? annotations[annotation] : undefined;
  return { ...parseLockInfo(typeof text === 'string' ? text : ''), ID: holder };
}

function newLease(name: string, suffix: string, info: LockInfo): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      // What the backend finds its own objects by.
      labels: { tfstate: 'true', tfstateSecretSuffix: suffix, tfstateWorkspace: 'default', 'app.kubernetes.io/managed-by': 'terraform' },
      annotations: { [annotation]: JSON.stringify(info) },
    },
    spec: { holderIdentity: info.ID },
  };
}

function held(lease: Lease, info: LockInfo | undefined): object {
  const before = isObject(lease.metadata['annotations']) ? lease.metadata['annotations'] : {};
  const others = Object.fromEntries(Object.entries(before).filter(([name]) => name !== annotation));
  const annotations = info === undefined ? others : { ...others, [annotation]: JSON.stringify(info) };
  const spec = Object.fromEntries(Object.entries(lease.spec ?? {}).filter(([name]) => name !== 'holderIdentity'));
  return { ...lease, metadata: { ...lease.metadata, annotations }, spec: info === undefined ? spec : { ...spec, holderIdentity: info.ID } };
}

function reasonOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    return isObject(status) && typeof status['message'] === 'string' ? ` ${status['message']}` : '';
  } catch {
    return '';
  }
}
