import * as fs from 'node:fs';
import * as path from 'node:path';
import { bringForward, isObject, openEnvelope, parseEnvelope, parseYaml, Problems, readText, validate } from '../../modules/core/index.ts';
import { approvalPolicySchema } from '../../modules/engine/approval/index.ts';
import type { Principal } from '../../modules/engine/approval/policy.ts';
import { readPlanner } from '../../modules/engine/approval/planner.ts';
import { readApprovals } from '../../modules/engine/approval/statement.ts';
import { readCheckpoint } from '../../modules/engine/log/checkpoint.ts';
import { readBaseline } from '../../modules/engine/review/baseline.ts';
import { checkLog } from '../../modules/engine/log/index.ts';
import { readManifest } from '../../modules/engine/read-manifest.ts';
import { readChanges, reviewOf } from '../../modules/engine/review/index.ts';
import { readRunning } from '../../modules/engine/running.ts';
import { readJournal } from '../../modules/engine/journal.ts';
import { readStackFile } from '../../modules/engine/state.ts';
import { verifyExtract } from '../../modules/federation/extract.ts';
import { settingsSchema } from '../../modules/federation/index.ts';
import { readDeclarations } from '../../modules/federation/read.ts';
import { parseFacts, readRegistry, receiptPayloadType, verifyBundle } from '../../modules/inventory/index.ts';
import { readMemory } from '../../modules/inventory/bundle/create.ts';
import { peekBundle } from '../../modules/inventory/bundle/verify.ts';
import { overlayPlanSchema } from '../../modules/vpn/index.ts';
import { zonePlanSchema } from '../../modules/dns/index.ts';
import { adoptMappingSchema } from '../../modules/network/adopt/index.ts';
import { asnPlanSchema, networkPlanSchema } from '../../modules/network/index.ts';
import { eachRow, readLock } from '../../modules/network/lock.ts';
import { profilesSchema, ruleSetSchema, waiversSchema } from '../../modules/policy/index.ts';
import type { z } from 'zod';

/** One kind of file in the golden files: where the small federation has it, and how it is read. */
export interface GoldenKind {
  /** Folder of the small federation the files are taken from. */
  readonly from: string;
  readonly files: RegExp;
  /** Maps whose keys are data. */
  readonly maps?: readonly string[];
  /** What the toolkit's own reader makes of a golden folder. */
  read(folder: string): unknown;
  /** Name of its JSON Schema, where people write it. */
  readonly schema?: string;
}

const text = (folder: string, name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
const json = (folder: string, name: string): unknown => bringForward(JSON.parse(text(folder, name)), { file: name });
const yaml = (schema: z.ZodType, name: string) => (folder: string) => validate(schema, parseYaml(name, readText(folder, name)));

function clean<T>(read: (problems: Problems) => T): T {
  const problems = new Problems();
  const value = read(problems);
  problems.throwIfErrors();
  return value;
}

const lockRows = (folder: string): unknown =>
  clean((problems) => {
    const leg = (one: { text: string; pool: string; released: boolean; until?: string | undefined } | undefined): unknown =>
      one && { text: one.text, pool: one.pool, released: one.released, until: one.until };
    return readLock('addresses.lock.yaml', text(folder, 'addresses.lock.yaml'), 0, problems).map(({ key, v4, v6 }) => ({ key, v4: leg(v4), v6: leg(v6) }));
  });

const asnRows = (folder: string): unknown =>
  clean((problems) => {
    const rows: string[] = [];
    eachRow('asns.lock.yaml', text(folder, 'asns.lock.yaml'), 'AsnLock', problems, (line) => {
      rows.push(line);
      return line.slice(2, line.indexOf(': {'));
    });
    return rows;
  });

const plans = (folder: string): string[] => fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'manifest.json')));
const stacks = (folder: string): string[] => fs.readdirSync(path.join(folder, '.vcloud/state'));

/** The day the golden files were made. */
export const madeOn = '2026-11-22';

/** Every kind of file with golden files. EngineCache has none: whatever is not understood in it is found out again. */
export const goldenKinds: Readonly<Record<string, GoldenKind>> = {
  Federation: { from: '', files: /^vcloud\.yaml$/u, read: yaml(settingsSchema, 'vcloud.yaml'), schema: 'federation' },
  Declarations: {
    from: 'stacks/office',
    files: /^office\.yaml$/u,
    read: (folder) =>
      readDeclarations(folder, 'office.yaml', text(folder, 'office.yaml'), new Map()).entries.map(({ collection, value }) => ({ collection, value })),
    schema: 'declarations',
  },
  NetworkPlan: { from: 'network-plans', files: /^addresses\.yaml$/u, read: yaml(networkPlanSchema, 'addresses.yaml'), schema: 'network-plan' },
  AsnPlan: { from: 'network-plans', files: /^asns\.yaml$/u, read: yaml(asnPlanSchema, 'asns.yaml'), schema: 'asn-plan' },
  ZonePlan: { from: 'network-plans', files: /^zones\.yaml$/u, read: yaml(zonePlanSchema, 'zones.yaml'), schema: 'zone-plan' },
  OverlayPlan: { from: 'network-plans', files: /^overlays\.yaml$/u, read: yaml(overlayPlanSchema, 'overlays.yaml'), schema: 'overlay-plan' },
  PolicyRules: { from: 'policies', files: /^rules\.yaml$/u, read: yaml(ruleSetSchema, 'rules.yaml'), schema: 'policy-rules' },
  PolicyProfiles: { from: 'policies', files: /^profiles\.yaml$/u, read: yaml(profilesSchema, 'profiles.yaml'), schema: 'policy-profiles' },
  PolicyWaivers: { from: 'policies/waivers', files: /^links\.yaml$/u, read: yaml(waiversSchema, 'links.yaml'), schema: 'waivers' },
  ApprovalPolicy: { from: 'policies', files: /^approvals\.yaml$/u, read: yaml(approvalPolicySchema, 'approvals.yaml'), schema: 'approval-policy' },
  AdoptMapping: { from: '', files: /^mapping\.yaml$/u, read: yaml(adoptMappingSchema, 'mapping.yaml'), schema: 'adopt-mapping' },
  NetworkLock: { from: 'network-plans', files: /^addresses\.lock\.yaml$/u, maps: ['allocations'], read: lockRows },
  AsnLock: { from: 'network-plans', files: /^asns\.lock\.yaml$/u, maps: ['allocations'], read: asnRows },
  PlanManifest: {
    from: '.vcloud/plans',
    files: /^[0-9a-f]+\/manifest\.json$/u,
    maps: ['stacks[].reads'],
    read: (folder) => Object.fromEntries(plans(folder).map((name) => [name, readManifest(path.join(folder, name), name)])),
  },
  PlannedChanges: {
    from: '.vcloud/plans',
    files: /^[0-9a-f]+\/(?:manifest\.json|stacks\/[^/]+\.changes\.json)$/u,
    maps: ['stacks[].reads'],
    read: (folder) =>
      Object.fromEntries(plans(folder).map((name) => [name, [...readChanges(path.join(folder, name), readManifest(path.join(folder, name), name).stacks)]])),
  },
  PreflightResults: {
    from: '.vcloud/plans',
    files: /^[0-9a-f]+\/(?:manifest|preflight)\.json$/u,
    maps: ['stacks[].reads'],
    read: (folder) =>
      Object.fromEntries(plans(folder).map((name) => [name, reviewOf(path.join(folder, name), readManifest(path.join(folder, name), name)).preflight ?? null])),
  },
  LogEntry: {
    from: '',
    files: /^\.vcloud\/log\.ndjson$/u,
    maps: ['details'],
    read: (folder) => checkLog(text(folder, '.vcloud/log.ndjson')),
  },
  LogHead: { from: '', files: /^\.vcloud\/log\.head\.json$/u, read: (folder) => json(folder, '.vcloud/log.head.json') },
  LogCheckpoint: {
    from: '.vcloud',
    files: /^(?:checkpoint\.json|keys\/signing\.pub)$/u,
    read: (folder) => readCheckpoint(text(folder, 'checkpoint.json'), 'checkpoint.json', [text(folder, 'keys/signing.pub').trim()]),
  },
  PlanMade: {
    from: 'approved',
    files: /^(?:planned-by\.json|reviewer\.pub)$/u,
    read: async (folder) =>
      await readPlanner(folder, 'd'.repeat(64), [{ id: 'reviewer', keys: [{ ed25519: text(folder, 'reviewer.pub').trim() }] } as unknown as Principal]),
  },
  PlanApproval: {
    from: 'approved',
    files: /^(?:approvals\/reviewer\.json|reviewer\.pub)$/u,
    read: async (folder) =>
      await readApprovals(folder, 'd'.repeat(64), [{ id: 'reviewer', keys: [{ ed25519: text(folder, 'reviewer.pub').trim() }] } as unknown as Principal]),
  },
  AppliedDeclarations: { from: '', files: /^\.vcloud\/applied\.json$/u, read: (folder) => readBaseline(folder) },
  AppliedStack: {
    from: '',
    files: /^\.vcloud\/state\/[^/]+\/stack\.json$/u,
    maps: ['applied.reads'],
    read: (folder) => Object.fromEntries(stacks(folder).map((name) => [name, readStackFile(folder, name)])),
  },
  RunningApply: {
    from: '',
    files: /^\.vcloud\/state\/[^/]+\/running\.json$/u,
    maps: ['reads'],
    read: (folder) => Object.fromEntries(stacks(folder).map((name) => [name, readRunning(folder, name)])),
  },
  Journal: {
    from: '',
    files: /^\.vcloud\/journal\/[^/]+\.ndjson$/u,
    read: (folder) => fs.readdirSync(path.join(folder, '.vcloud/journal')).map((name) => [...readJournal(folder, name.replace('.ndjson', ''))]),
  },
  Registry: { from: '', files: /^\.vcloud\/registry\.json$/u, maps: ['members'], read: (folder) => readRegistry(folder) },
  BundleMemory: { from: 'members/clinic', files: /^\.vcloud\/bundle\.json$/u, read: (folder) => readMemory(folder) },
  Bundle: {
    from: 'members/clinic/out/bundles/clinic',
    files: /^[^/]+$/u,
    maps: ['attributes'],
    read(folder) {
      const bundle = verifyBundle(folder, 'golden', [peekBundle(folder, 'golden').publicKey], madeOn);
      return { manifest: bundle.manifest, facts: parseFacts(bundle, 'golden') };
    },
  },
  MemberExtract: {
    from: 'members/clinic/.vcloud',
    files: /^(?:extract\.json|keys\/centre\.pub)$/u,
    read: (folder) => verifyExtract(text(folder, 'extract.json'), text(folder, 'keys/centre.pub').trim()).extract,
  },
  Receipt: {
    from: '',
    files: /^(?:out\/receipts\/clinic\.json|\.vcloud\/keys\/signing\.pub)$/u,
    read(folder) {
      const envelope = parseEnvelope(text(folder, 'out/receipts/clinic.json'));
      const opened = envelope && openEnvelope(envelope, receiptPayloadType, [text(folder, '.vcloud/keys/signing.pub').trim()]);
      return opened && bringForward(JSON.parse(opened.payload.toString('utf8')), { file: 'clinic.json' });
    },
  },
  ZoneCatalogue: { from: 'out/dns', files: /^zones\.json$/u, read: (folder) => json(folder, 'zones.json') },
  Delegations: { from: 'out/dns', files: /^delegations\.json$/u, read: (folder) => json(folder, 'delegations.json') },
  Tunnels: { from: 'out/vpn/wide', files: /^tunnels\.json$/u, read: (folder) => json(folder, 'tunnels.json') },
  ReverseParents: { from: 'reverse', files: /^parents\.json$/u, read: (folder) => json(folder, 'parents.json') },
  NetworkExport: { from: 'export', files: /^network\.json$/u, read: (folder) => json(folder, 'network.json') },
};

/** Values as JSON has them, without the places of a text. */
export function plainModel(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Map) return plainModel([...value]);
  if (Array.isArray(value)) return value.map(plainModel);
  if (!isObject(value)) return value ?? null;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, plainModel(item)]])));
}
