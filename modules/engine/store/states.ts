import type { DeclaredStack } from '../types.ts';
import { remoteBlock, secretSuffix } from './blocks.ts';
import { LocalStore } from './local.ts';
import { kubernetesLocks } from './locks/kubernetes.ts';
import type { LockPort } from './locks/port.ts';
import { s3Locks } from './locks/s3.ts';
import { PostgresStore } from './postgres.ts';
import { PulledStore, type Puller } from './pulled.ts';
import type { BackendSetting, StateStore } from './types.ts';

/** The store of each stack's state: the one `vcloud.yaml` names, or the one an existing folder brings along. */
export interface States {
  /** Names the store without its credentials; a plan made with another one is no plan for this one. */
  readonly identity: string;
  /** What keeps the states of stacks that bring none of their own. */
  readonly common: StateStore;
  readonly of: (stack: string) => StateStore;
}

export interface StatesOptions {
  readonly root: string;
  readonly backend?: BackendSetting | undefined;
  /** All that is declared: existing folders may name a backend of their own. */
  readonly stacks: readonly DeclaredStack[];
  /** Runs the engine for stores that only it can talk to. */
  readonly puller: Puller;
  /** What the backend's own client reads its credentials from. */
  readonly environment: () => Readonly<Record<string, string>>;
}

/** Opens the stores of all stacks. Asks nothing yet. */
export function openStates({ root, backend = { type: 'local' }, stacks, puller, environment }: StatesOptions): States {
  const common = commonStore({ root, backend, stacks, puller, environment });
  const own = new Map<string, StateStore>();
  for (const { path, folder } of stacks) {
    if (folder?.backend !== undefined) own.set(path, new PulledStore({ root, puller, block: () => folder.backend, type: folder.backend.type }));
    else if (folder?.ownState !== undefined && common.type !== 'local') own.set(path, new LocalStore(root));
  }
  return { identity: identityOf(backend), common, of: (stack) => own.get(stack) ?? common };
}

function commonStore({ root, backend, stacks, puller, environment }: StatesOptions & { readonly backend: BackendSetting }): StateStore {
  switch (backend.type) {
    case 'local':
      return new LocalStore(root);
    case 'pg':
      return new PostgresStore({
        root,
        backend,
        puller,
        environment,
        declared: stacks.flatMap(({ path, reads, dependsOn }) => [path, ...reads, ...dependsOn]),
      });
    default:
      return new PulledStore({
        root,
        puller,
        type: backend.type,
        block: (stack) => remoteBlock(backend, stack),
        index: true,
        locks: { identity: identityOf(backend), port: () => lockPort(backend, environment()) },
      });
  }
}

function lockPort(backend: Exclude<BackendSetting, { type: 'local' | 'pg' }>, environment: Readonly<Record<string, string>>): LockPort | undefined {
  if (backend.type === 's3') return s3Locks(backend, environment);
  return kubernetesLocks({ namespace: backend.namespace, suffix: (stack) => secretSuffix(backend.prefix, stack) }, environment);
}

/** `pg vcloud`, `s3 BUCKET/PREFIX`: where, without who. */
function identityOf(backend: BackendSetting): string {
  switch (backend.type) {
    case 'local':
      return 'local';
    case 'pg':
      return `pg ${backend.prefix}`;
    case 's3':
      return `s3 ${backend.bucket}/${backend.prefix}${backend.endpoint === undefined ? '' : ` at ${backend.endpoint}`}`;
    case 'kubernetes':
      return `kubernetes ${backend.namespace}/${backend.prefix}`;
  }
}
