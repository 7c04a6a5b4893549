import * as path from 'node:path';
import { ProblemError } from '../../../modules/core/basics.ts';
import type { Review } from '../../../modules/engine/index.ts';
import type { Verb } from '../../kit.ts';
import { prepared, textOf } from './shared.ts';

const words = {
  en: {
    none: 'No approval is asked for.',
    needed: 'Approvals this plan needs:',
    of: (count: number, names: string) => `${count} of ${names}`,
    done: 'there',
    lacks: 'missing',
    given: 'Approvals it has:',
    not: 'does not count',
    signed: (who: string) => `Approved as ${who}.`,
    unasked: 'Approved; no policy asks for it (policies/approvals.yaml).',
  },
  vi: {
    none: 'Không cần phê duyệt nào.',
    needed: 'Kế hoạch này cần:',
    of: (count: number, names: string) => `${count} trong số ${names}`,
    done: 'đã đủ',
    lacks: 'còn thiếu',
    given: 'Phê duyệt đã có:',
    not: 'không được tính',
    signed: (who: string) => `Đã phê duyệt với vai trò ${who}.`,
    unasked: 'Đã phê duyệt; không có quy định nào yêu cầu (policies/approvals.yaml).',
  },
} as const;

/** Reading a plan again, and approving it. */
export const reviewVerbs: readonly Verb[] = [
  {
    name: 'show',
    summary: 'print what a plan directory would do',
    description: `The review of a plan, as it was written beside it: what is destroyed or replaced first, then agency by agency. Secrets are never shown. Plans of older versions are shown too; one whose review was edited is not.

data of --json: the review: {plan, environment, engine, names, stacks: [{path, agency, state, add, change, destroy, waitsFor, changes: [{address, type, action, attributes: [{path, before, after, replaces}]}], detailed, removed, reason, error, level}], unchanged, effects: [{effect, agency, stack, subjects}], approvals: [{rule, count, of, because}]}`,
    arguments: [{ syntax: '<directory>', description: 'plan directory, as "vcloud plan" named it' }],
    options: [{ flags: '--format <form>', description: 'how it is printed', choices: ['text', 'markdown', 'html', 'json'], default: 'text' }],
    examples: [
      { line: 'vcloud show .vcloud/plans/0123456789abcdef', does: 'prints what would happen' },
      { line: 'vcloud show .vcloud/plans/0123456789abcdef --format markdown', does: 'prints it for a merge request' },
    ],
    exits: { 0: 'shown', 1: 'error: no plan lies there, or its review was edited', 2: 'shown; nothing in it would change anything' },
    async run({ root, language }, [directory = ''], options) {
      const { readManifest, reviewOf, staleReview } = await import('../../../modules/engine/index.ts');
      const folder = path.resolve(root, directory);
      const manifest = readManifest(folder, directory);
      const edited = staleReview({ manifest, directory: folder, shown: directory });
      if (edited.length > 0) throw new ProblemError(edited);
      const review = reviewOf(folder, manifest);
      return { exit: review.stacks.length === 0 ? 2 : 0, data: review, text: await formatted(review, String(options['format']), language) };
    },
  },
  {
    name: 'approve',
    summary: 'sign a plan directory',
    description: `Signs the digest of the plan's manifest, which holds the digests of everything that was reviewed: a plan that is changed or made again needs approving again. Who must approve what stands in policies/approvals.yaml (kind ApprovalPolicy). Nothing is signed that has become stale, nor with a key no principal has.

--key file:PATH signs with an Ed25519 key as "vcloud bundle keygen" makes them (the member's own by default), ssh:PATH and ssh-agent with "ssh-keygen -Y sign" in the namespace vcloud-plan. A key on a PKCS#11 token or a FIDO stick is used through them: load it into the agent ("ssh-add -s MODULE"), or give the .pub of an sk- key.

data of --json: {plan, manifest, principal, file, required: [{rule, count, of, because}], approvals: [{file, good, approval: {principal, by, date}, why}], missing: [{rule, count, of, counted, refused}]}`,
    arguments: [{ syntax: '<directory>', description: 'plan directory, as "vcloud plan" named it' }],
    options: [
      { flags: '--key <reference>', description: "file:PATH, ssh:PATH or ssh-agent; the member's own signing key by default" },
      { flags: '--status', description: 'only tell what is missing; sign nothing' },
    ],
    examples: [
      { line: 'vcloud approve .vcloud/plans/0123456789abcdef --key ssh-agent', does: 'approves it with the key the agent holds' },
      { line: 'vcloud approve .vcloud/plans/0123456789abcdef --status', does: 'tells which approvals are missing' },
    ],
    exits: { 0: 'no approval is missing', 1: 'error: nothing was signed', 2: 'approvals are missing still' },
    async run(context, [directory = ''], options) {
      const { approve } = await import('../../../modules/engine/index.ts');
      const { planContext } = await import('../../../modules/federate.ts');
      const made = await prepared(context);
      const { root, asOf, language } = context;
      const status = options['status'] === true;
      const { facts } = planContext(root, made);
      const result = await approve({ root, directory, asOf, status, key: textOf(options['key']), stacks: made.stacks, facts });
      const text = words[language];
      const lines = status ? [] : [result.principal === undefined ? text.unasked : text.signed(result.principal)];
      if (result.required.length === 0) lines.push(text.none);
      else lines.push(text.needed);
      for (const { rule, agency, count, of } of result.required) {
        const lacks = result.missing.some((one) => one.rule === rule && one.agency === agency);
        lines.push(`  ${lacks ? '✗' : '✓'} ${rule}: ${text.of(count, of.join(', '))}  ${lacks ? text.lacks : text.done}`);
      }
      if (result.approvals.length > 0) lines.push(text.given);
      for (const one of result.approvals) {
        lines.push(one.good ? `  ${one.approval.principal}  ${one.approval.date}  ${one.approval.by.user}` : `  ${one.file}: ${text.not}: ${one.why}`);
      }
      for (const { refused } of result.missing) for (const why of refused) lines.push(`  ${text.not}: ${why}`);
      return { exit: result.missing.length === 0 ? 0 : 2, data: result, text: lines.join('\n') };
    },
  },
];

async function formatted(review: Review, form: string, language: 'vi' | 'en'): Promise<string> {
  const { reviewMarkdown, reviewText } = await import('../../../modules/engine/index.ts');
  if (form === 'markdown') return reviewMarkdown(review, language);
  if (form === 'json') return JSON.stringify(review, null, 2);
  if (form === 'text') return reviewText(review, language);
  return (await import('../../../modules/report/index.ts')).renderPlanPage(review, language);
}
