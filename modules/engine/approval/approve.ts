import * as path from 'node:path';
import { fail, ProblemError, withWriteLock } from '../../core/index.ts';
import { appendLog, currentActor, verifyLog } from '../log/index.ts';
import { readManifest } from '../read-manifest.ts';
import type { PlanFacts } from '../review/facts.ts';
import type { DeclaredStack } from '../types.ts';
import { approvalState, findForbidden, manifestDigest, type ApprovalState } from './gate.ts';
import { loadApprovalPolicy } from './policy.ts';
import { approvalKey, formatStatement, keyIdIn, writeApproval } from './statement.ts';

export interface ApproveOptions {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** Plan directory, relative to `root` or absolute. */
  readonly directory: string;
  /** `file:PATH`, `ssh:PATH`, `ssh-agent`; absent: the member's own signing key. */
  readonly key?: string | undefined;
  readonly asOf: string;
  readonly stacks: readonly DeclaredStack[];
  readonly facts?: PlanFacts | undefined;
  /** Only tells what is missing; signs nothing. */
  readonly status?: boolean | undefined;
}

/** What an approval came to. */
export interface ApproveResult extends ApprovalState {
  readonly plan: string;
  /** Principal the key belongs to, and the file written; absent where nothing was signed. */
  readonly principal?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * Signs the manifest of a plan directory, which holds the digest of everything that was reviewed. What is no longer true
 * is not signed, and neither with a key no principal has: such an approval would never count.
 * @throws ProblemError ENGINE-STALE-*, ENGINE-LOG-BROKEN, ENGINE-KEY, ENGINE-APPROVAL-KEY, ENGINE-APPROVAL-POLICY, ENGINE-NO-PLAN
 */
export async function approve(options: ApproveOptions): Promise<ApproveResult> {
  const { root, asOf, stacks, facts } = options;
  const directory = path.resolve(root, options.directory);
  const shown = (path.relative(root, directory) || '.').split(path.sep).join('/');
  const manifest = readManifest(directory, shown);
  const gate = { root, directory, shown, manifest, stacks, facts, asOf };
  const digest = manifestDigest(directory);
  const state = (): Promise<ApprovalState> => approvalState(gate, verifyLog(root), digest);
  if (options.status === true) return { plan: manifest.id, ...(await state()) };
  return await withWriteLock(root, 'approve', async () => {
    const forbidden = (await findForbidden(gate)).filter(({ code }) => code !== 'ENGINE-APPROVAL-MISSING');
    if (forbidden.length > 0) throw new ProblemError(forbidden);
    const policy = loadApprovalPolicy(root);
    const key = await approvalKey(root, options.key, policy);
    const principal = policy?.principals.find(({ keys }) => keys.some((one) => keyIdIn(one) === key.id))?.id;
    if (policy !== undefined && principal === undefined) {
      fail('ENGINE-APPROVAL-KEY', `the key ${key.id} belongs to no principal: what it signs would not count`, {
        file: 'policies/approvals.yaml',
        hint: "add its public half to the principal's keys, or sign with another (--key)",
      });
    }
    const by = { ...currentActor(), key: key.id };
    const { entries, head } = verifyLog(root);
    const envelope = await key.sign(formatStatement({ plan: manifest.id, manifest: digest, by, date: asOf, log: { entries, head } }));
    const file = writeApproval(directory, key.id, envelope);
    appendLog(root, { event: 'approve', by, plan: manifest.id, manifest: digest, details: { principal: principal ?? null, file } });
    return { plan: manifest.id, principal, file: `${shown}/${file}`, ...(await state()) };
  });
}
