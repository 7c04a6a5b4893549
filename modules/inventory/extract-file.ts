import * as path from 'node:path';
import { z } from 'zod';
import { canonicalJson, fail, parseEnvelope, readTextIfPresent, writeFileAtomic, type Envelope } from '../core/index.ts';
import type { PolicyFiles } from '../federation/index.ts';

/**
 * Writes an extract as one file: the DSSE envelope, with the texts of the policies beside its own fields. Whoever verifies the
 * envelope passes over them, as DSSE asks; what they must be is signed, by their digests.
 */
export function writeExtractFile(file: string, envelope: Envelope, policies: PolicyFiles): void {
  const content = policies.size === 0 ? envelope : { ...envelope, policies: Object.fromEntries(policies) };
  writeFileAtomic(file, `${canonicalJson(content, 2)}\n`);
}

const policiesSchema = z.object({ policies: z.record(z.string(), z.string()).optional() });

/**
 * Reads such a file. Nothing in it may be believed before `receiveExtract` verified it.
 * @throws ProblemError FED-EXTRACT-FORMAT
 */
export function readExtractFile(file: string): { envelope: Envelope; policies: PolicyFiles } {
  const shown = path.basename(file);
  const text = readTextIfPresent(file);
  if (text === undefined)
    fail('FED-EXTRACT-FORMAT', 'there is no such file', { file: shown, hint: 'name the file `vcloud bundle extract` wrote at the centre' });
  const envelope = parseEnvelope(text);
  const beside = envelope && policiesSchema.safeParse(JSON.parse(text));
  if (!envelope || beside?.success !== true) {
    fail('FED-EXTRACT-FORMAT', 'the file is no signed extract', { file: shown, hint: 'ask the centre for it again: `vcloud bundle extract` writes it' });
  }
  return { envelope, policies: new Map(Object.entries(beside.data.policies ?? {})) };
}
