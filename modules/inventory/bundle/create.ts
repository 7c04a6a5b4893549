import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import {
  API_VERSION,
  bringForward,
  canonicalJson,
  compareCodeUnits,
  digestOf,
  ensureSigningKey,
  findSecrets,
  formatEnvelope,
  header,
  privateFolder,
  problem,
  ProblemError,
  readTextIfPresent,
  sha256,
  signEnvelope,
  writeFileAtomic,
  writeTree,
  type Problem,
} from '../../core/index.ts';
import type { Layer } from '../types.ts';
import { attachmentLines, type BundleContent } from './attachments.ts';
import { addDays } from './dates.ts';
import { refuseDetail, WithheldBlocks, withoutDetail } from './detail.ts';
import { bundleFile, bundlePayloadType, type Manifest } from './manifest.ts';

export interface CreateBundleOptions extends BundleContent {
  /** Member id. */
  readonly member: string;
  /** Day it is made, YYYY-MM-DD. */
  readonly asOf: string;
  readonly expiresAfterDays: number;
  /** Prefixes of the member's own pools. */
  readonly prefixes?: readonly string[] | undefined;
  /** Folder it is written to, relative to the root. */
  readonly folder?: string | undefined;
}

export interface CreatedBundle {
  readonly manifest: Manifest;
  readonly digest: string;
  /** Relative to the root. */
  readonly folder: string;
  /** False when the last bundle says the same and still counts: then nothing was written. */
  readonly changed: boolean;
  readonly publicKey: string;
}

/** Where a member's bundle lies by default. */
export function bundleFolder(member: string): string {
  return `out/bundles/${member}`;
}

const memoryFile = '.vcloud/bundle.json';
const memorySchema = z.strictObject({
  ...header('BundleMemory'),
  sequence: z.int(),
  digest: z.string(),
  content: z.string(),
  created: z.string(),
  expires: z.string(),
});
type Memory = z.output<typeof memorySchema>;

/**
 * Makes a member's bundle: NDJSON attachments and a signed manifest over their digests.
 * The signing key is made on first use. A bundle that would say the same as the last one is not made again.
 * @throws ProblemError BUNDLE-SECRET, BUNDLE-DETAIL (nothing is written then)
 */
export function createBundle(root: string, given: CreateBundleOptions): CreatedBundle {
  const { member, asOf } = given;
  const folder = given.folder ?? bundleFolder(member);
  refuseSecrets(given);
  const withheld = new WithheldBlocks(given.delegation?.withheld ?? []);
  const options = withoutDetail(given, withheld);
  const lines = attachmentLines(options);
  const files = new Map([...lines].map(([name, list]) => [name, list.map((line) => `${line}\n`).join('')]));
  const { privateKey, publicKey } = ensureSigningKey(root);
  const says = {
    publicKey,
    scope: scopeOf(options, withheld),
    attachments: [...files].map(([name, text]) => ({ name, sha256: sha256(text), records: lines.get(name)?.length ?? 0 })),
  };
  refuseDetail(lines, says.scope.prefixes, withheld);
  const content = digestOf(says);
  const last = readMemory(root);
  const manifest = (sequence: number, created: string, expires: string, previous: string | null): Manifest => ({
    apiVersion: API_VERSION,
    kind: 'Bundle',
    member,
    sequence,
    created,
    expires,
    previous,
    ...says,
  });
  const kept = last?.content === content && asOf < last.expires ? keptBundle(root, folder, last, files) : undefined;
  if (last && kept) return { manifest: kept, digest: last.digest, folder, changed: false, publicKey };
  const made = manifest((last?.sequence ?? 0) + 1, asOf, addDays(asOf, options.expiresAfterDays), last?.digest ?? null);
  const payload = canonicalJson(made);
  const digest = sha256(payload);
  files.set(bundleFile, formatEnvelope(signEnvelope(bundlePayloadType, payload, privateKey)));
  // The number is spent before the bundle appears: two bundles with one number would look like a forgery.
  privateFolder(root);
  const memory: Memory = {
    apiVersion: API_VERSION,
    kind: 'BundleMemory',
    sequence: made.sequence,
    digest,
    content,
    created: made.created,
    expires: made.expires,
  };
  writeFileAtomic(path.join(root, memoryFile), `${canonicalJson(memory, 2)}\n`, { mode: 0o600 });
  writeTree(path.join(root, folder), files);
  return { manifest: made, digest, folder, changed: true, publicKey };
}

function refuseSecrets(content: BundleContent): void {
  const problems: Problem[] = [];
  const report = (found: { at: string; why: string }[], subject: string, declaredAt?: string): void => {
    for (const { at, why } of found) {
      const place = /^(.+):(\d+):(\d+)$/u.exec(declaredAt ?? '');
      problems.push(
        problem('BUNDLE-SECRET', `${subject}: ${at} looks like ${why}`, {
          ...(place ? { file: place[1] ?? '', line: Number(place[2]), column: Number(place[3]) } : { subject }),
          hint: 'name where the secret lies (env:NAME, file:PATH, vault:PATH) instead of the secret',
        }),
      );
    }
  };
  for (const record of content.records) report(findSecrets(record), record.urn, record.declaredAt);
  for (const overlay of content.overlays?.overlays ?? []) {
    for (const node of overlay.nodes) report(findSecrets(node), `overlay ${overlay.name}, node ${node.id}`);
  }
  for (const finding of content.audit?.findings ?? []) report(findSecrets(finding.message), `finding ${finding.fingerprint}`);
  if (problems.length > 0) throw new ProblemError(problems);
}

/** What the content speaks for: its topmost organisations and zones, and the member's pools. */
function scopeOf(options: CreateBundleOptions, withheld: WithheldBlocks): Manifest['scope'] {
  const { records } = options;
  const declared = new Set(records.filter(({ kind }) => kind === 'organisation').map(({ owner }) => owner));
  const organisations = new Set<string>();
  for (const { owners } of records) organisations.add(owners.findLast((id) => declared.has(id)) ?? owners[0] ?? '');
  const zones = (options.zones?.zones ?? []).map(({ name }) => name);
  const known = new Set(zones);
  const held = new Set<Layer>(['declared', ...records.map(({ layer }) => layer)]);
  return {
    organisations: [...organisations].sort(compareCodeUnits),
    prefixes: [...new Set((options.prefixes ?? []).map((prefix) => withheld.blunt(prefix)))].sort(compareCodeUnits),
    zones: zones.filter((name) => !parents(name).some((above) => known.has(above))).sort(compareCodeUnits),
    layers: [...held].sort(compareCodeUnits),
  };
}

function parents(zone: string): string[] {
  const labels = zone.split('.');
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join('.'));
}

/** What a member remembers of its last bundle; undefined before the first. */
export function readMemory(root: string): Memory | undefined {
  const text = readTextIfPresent(path.join(root, memoryFile));
  if (text === undefined) return undefined;
  const result = memorySchema.safeParse(bringForward(JSON.parse(text), { file: memoryFile }));
  return result.success ? result.data : undefined;
}

/** The manifest of the last bundle where it still lies there whole. */
function keptBundle(root: string, folder: string, last: Memory, files: ReadonlyMap<string, string>): Manifest | undefined {
  const text = readTextIfPresent(path.join(root, folder, bundleFile));
  if (text === undefined) return undefined;
  try {
    const payload = Buffer.from((JSON.parse(text) as { payload: string }).payload, 'base64');
    if (sha256(payload) !== last.digest) return undefined;
    for (const [name, expected] of files) if (fs.readFileSync(path.join(root, folder, name), 'utf8') !== expected) return undefined;
    return JSON.parse(payload.toString('utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
