import * as fs from 'node:fs';
import * as path from 'node:path';
import { bringForward, fail, openEnvelope, parseEnvelope, problem, ProblemError, readTextIfPresent, sha256, type Problem } from '../../core/index.ts';
import type { AnswerLine, UtilisationLine } from '../../network/types.ts';
import type { InventoryRecord } from '../types.ts';
import { attachmentSchemas, bundleFile, bundlePayloadType, manifestSchema, type FindingLine, type Manifest, type NodeLine, type ZoneLine } from './manifest.ts';

/** A bundle whose signature and digests hold. Whether it may say what it says is another question. */
export interface VerifiedBundle {
  readonly manifest: Manifest;
  /** SHA-256 of the signed manifest: what the next bundle names as `previous`. */
  readonly digest: string;
  readonly publicKey: string;
  /** Attached files by name, as lines, byte for byte as signed. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
}

/** The lines of a bundle as values that fit their schemas. */
export interface BundleFacts {
  readonly records: readonly InventoryRecord[];
  readonly zones: readonly ZoneLine[];
  readonly nodes: readonly NodeLine[];
  readonly findings: readonly FindingLine[];
  readonly utilisation: readonly UtilisationLine[];
  readonly answers: readonly AnswerLine[];
}

/** What a bundle says it is, before anything is verified: only good for choosing the key to verify it with. */
export function peekBundle(folder: string, shown: string): { member: string; publicKey: string } {
  const claimed = readManifest(envelopeOf(folder, shown).payload, shown);
  return { member: claimed.member, publicKey: claimed.publicKey };
}

/**
 * Verifies signature, expiry and the digest of every attached file. Nothing of the content is looked at before its
 * digest fits.
 * @param publicKeys keys (SPKI, base64) that may have signed it
 * @throws ProblemError BUNDLE-FORMAT, BUNDLE-SIGNATURE, BUNDLE-EXPIRED, BUNDLE-TAMPERED
 */
export function verifyBundle(folder: string, shown: string, publicKeys: readonly string[], asOf: string): VerifiedBundle {
  const envelope = envelopeOf(folder, shown);
  const opened = openEnvelope(envelope, bundlePayloadType, publicKeys);
  if (opened === undefined) {
    fail('BUNDLE-SIGNATURE', `the bundle is not signed by the key of the member it names`, {
      file: `${shown}/${bundleFile}`,
      hint: 'ask the member for it again; if it changed its key, compare the new one over another channel and change the registry',
    });
  }
  const manifest = readManifest(envelope.payload, shown);
  if (manifest.publicKey !== opened.publicKey) {
    fail('BUNDLE-SIGNATURE', 'the manifest names another key than the one that signed it', {
      file: `${shown}/${bundleFile}`,
      hint: 'ask the member for it again',
    });
  }
  if (asOf >= manifest.expires) {
    fail('BUNDLE-EXPIRED', `bundle ${manifest.sequence} of member "${manifest.member}" expired on ${manifest.expires}`, {
      file: `${shown}/${bundleFile}`,
      hint: 'the member makes a new one with `vcloud bundle create`',
    });
  }
  const lines = new Map(manifest.attachments.map(({ name, sha256: expected, records }) => [name, readAttached(folder, shown, name, expected, records)]));
  return { manifest, digest: sha256(opened.payload), publicKey: opened.publicKey, lines };
}

/**
 * Parses all attached lines.
 * @throws ProblemError BUNDLE-SCHEMA with every line that does not fit, at most 20 a file
 */
export function parseFacts(bundle: VerifiedBundle, shown: string): BundleFacts {
  const problems: Problem[] = [];
  const parsed = new Map<string, unknown[]>();
  for (const [name, lines] of bundle.lines) {
    const schema = (attachmentSchemas as Record<string, (typeof attachmentSchemas)[keyof typeof attachmentSchemas] | undefined>)[name];
    if (schema === undefined) continue;
    const values: unknown[] = [];
    let faults = 0;
    lines.forEach((line, index) => {
      const fault = (text: string): void => {
        if (++faults <= 20)
          problems.push(
            problem('BUNDLE-SCHEMA', text, {
              file: `${shown}/${name}`,
              line: index + 1,
              column: 1,
              hint: 'the member made it with another version, or by hand',
            }),
          );
      };
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        fault('the line is not JSON');
        return;
      }
      const result = schema.safeParse(value);
      if (result.success) values.push(result.data);
      else fault(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
    });
    parsed.set(name, values);
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return {
    records: (parsed.get('records.ndjson') ?? []) as InventoryRecord[],
    zones: (parsed.get('zones.ndjson') ?? []) as ZoneLine[],
    nodes: (parsed.get('tunnels.ndjson') ?? []) as NodeLine[],
    findings: (parsed.get('audit.ndjson') ?? []) as FindingLine[],
    utilisation: (parsed.get('utilisation.ndjson') ?? []) as UtilisationLine[],
    answers: (parsed.get('answers.ndjson') ?? []) as AnswerLine[],
  };
}

function envelopeOf(folder: string, shown: string): NonNullable<ReturnType<typeof parseEnvelope>> {
  const text = readTextIfPresent(path.join(folder, bundleFile));
  if (text === undefined) {
    fail('BUNDLE-FORMAT', `there is no bundle in ${shown}`, { file: `${shown}/${bundleFile}`, hint: 'name the folder `vcloud bundle create` wrote' });
  }
  const envelope = parseEnvelope(text);
  if (envelope?.payloadType !== bundlePayloadType) {
    fail('BUNDLE-FORMAT', 'the file is no signed envelope of a bundle', { file: `${shown}/${bundleFile}`, hint: 'ask the member for it again' });
  }
  return envelope;
}

function readManifest(payload: string, shown: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
  } catch {
    fail('BUNDLE-FORMAT', 'the manifest is not JSON', { file: `${shown}/${bundleFile}`, hint: 'ask the member for it again' });
  }
  const result = manifestSchema.safeParse(bringForward(value, { file: `${shown}/${bundleFile}` }));
  if (!result.success) {
    fail(
      'BUNDLE-FORMAT',
      `the manifest does not fit its format: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
      {
        file: `${shown}/${bundleFile}`,
        hint: 'the member made it with another version, or by hand',
      },
    );
  }
  return result.data;
}

function readAttached(folder: string, shown: string, name: string, expected: string, records: number): string[] {
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder, name), 'utf8');
  } catch {
    fail('BUNDLE-TAMPERED', `${name} is missing`, { file: `${shown}/${name}`, hint: 'deliver the whole folder' });
  }
  if (sha256(text) !== expected) {
    fail('BUNDLE-TAMPERED', `${name} is not what the member signed`, { file: `${shown}/${name}`, hint: 'ask the member for it again' });
  }
  const lines = text === '' ? [] : text.replace(/\n$/u, '').split('\n');
  if (lines.length !== records) {
    fail('BUNDLE-TAMPERED', `${name} holds ${lines.length} lines, the manifest says ${records}`, {
      file: `${shown}/${name}`,
      hint: 'ask the member for it again',
    });
  }
  return lines;
}
