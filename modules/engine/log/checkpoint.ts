import { z } from 'zod';
import { bringForward, canonicalJson, fail, header, openEnvelope, parseEnvelope, readSigningKey, signEnvelope, type Envelope } from '../../core/index.ts';
import type { LogHead } from './chain.ts';
import { logPath, verifyLog } from './file.ts';

const payloadType = 'application/vnd.vcloud.log-checkpoint+json';
const checkpointSchema = z.strictObject({ ...header('LogCheckpoint'), entries: z.int().min(0), head: z.string() });

/**
 * The log's head, signed with the member's key: kept by somebody else it shows later whether anything before it was
 * changed or its end cut off.
 * @throws ProblemError ENGINE-LOG-BROKEN, ENGINE-LOG-ABSENT, ENGINE-KEY
 */
export function makeCheckpoint(root: string): { readonly envelope: Envelope; readonly head: LogHead } {
  const check = verifyLog(root);
  if (!check.present) fail('ENGINE-LOG-ABSENT', 'there is no log here', { file: logPath, hint: 'plan, approve and apply write it' });
  if (check.broken !== undefined)
    fail('ENGINE-LOG-BROKEN', `entry ${check.broken.entry}: ${check.broken.why}`, { file: logPath, hint: 'see "vcloud log verify"' });
  const key = readSigningKey(root);
  if (key === undefined) fail('ENGINE-KEY', 'there is no signing key', { hint: 'make one with "vcloud bundle keygen"' });
  const head = { entries: check.entries, head: check.head };
  const payload = canonicalJson({ apiVersion: 'vcloud/v1', kind: 'LogCheckpoint', ...head });
  return { envelope: signEnvelope(payloadType, payload, key), head };
}

/**
 * The head a checkpoint signs. `publicKeys` are those it may be signed with (SPKI, base64).
 * @throws ProblemError ENGINE-LOG-CHECKPOINT when it is none, or of another key.
 */
export function readCheckpoint(text: string, shown: string, publicKeys: readonly string[]): LogHead & { readonly from: string } {
  const envelope = parseEnvelope(text);
  const opened = envelope && openEnvelope(envelope, payloadType, publicKeys);
  if (opened === undefined) {
    fail('ENGINE-LOG-CHECKPOINT', 'this is no checkpoint signed with the expected key', {
      file: shown,
      hint: 'give the key it was signed with (--key), as "vcloud bundle keygen" printed it',
    });
  }
  const parsed = checkpointSchema.safeParse(bringForward(JSON.parse(opened.payload.toString('utf8')), { file: shown }));
  if (!parsed.success) fail('ENGINE-LOG-CHECKPOINT', 'its form is not one this version reads', { file: shown });
  return { entries: parsed.data.entries, head: parsed.data.head, from: `checkpoint ${shown}` };
}
