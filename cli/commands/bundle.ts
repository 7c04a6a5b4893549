import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, plural, type Problem } from '../../modules/core/basics.ts';
import type { Verb } from '../kit.ts';

export const bundleVerbs: readonly Verb[] = [
  {
    name: 'bundle keygen',
    summary: "make this member's signing key and print its public half",
    description:
      'The private half stays in .vcloud/keys/ (0600) and appears nowhere else. Run again it prints the public half of the key there is. --json: {publicKey, keyId, created}.',
    examples: [{ line: 'vcloud bundle keygen', does: 'prints the text the centre enters as `publicKey:` of this member' }],
    exits: { 0: 'done', 1: 'an error' },
    async run({ root }) {
      const [{ ensureSigningKey, keyIdOf }, { loadSettings }] = await Promise.all([
        import('../../modules/core/index.ts'),
        import('../../modules/federation/index.ts'),
      ]);
      loadSettings(root);
      const { publicKey, created } = ensureSigningKey(root);
      return { exit: 0, data: { publicKey, keyId: keyIdOf(publicKey), created }, text: publicKey };
    },
  },
  {
    name: 'bundle create',
    summary: 'sign what this member tells the centre',
    description:
      "Works out the records, zones and delegations, public halves of tunnels and audit results of this member and writes them with a signed manifest to out/bundles/MEMBER. Of blocks the centre delegated it says how full they are, and what lies in them only with `bundle: { detail: full }` in vcloud.yaml; with it go the answers to the centre's proposals. Refused when anything in it looks like a secret. A bundle that would say the same as the last one is not made again. --json: {folder, member, sequence, created, expires, digest, changed, attachments}.",
    options: [{ flags: '--output <folder>', description: "folder to write, relative to the federation's folder (default: out/bundles/MEMBER)" }],
    examples: [{ line: 'vcloud bundle create', does: 'writes out/bundles/MEMBER, to be handed to the centre' }],
    exits: { 0: 'done', 1: 'an error; nothing was written' },
    async run({ root, asOf, reporter }, _args, options) {
      const [{ makeBundle, prepare }, { withWriteLock }, { readStates }] = await Promise.all([
        import('../../modules/federate.ts'),
        import('../../modules/core/index.ts'),
        import('../../modules/inventory/index.ts'),
      ]);
      const made = await withWriteLock(root, 'bundle create', async () => {
        const prepared = await prepare(root, { asOf, reporter });
        const { audit, hasPolicies, loadPolicies } = await import('../../modules/policy/index.ts');
        const audited = hasPolicies(root) ? audit(prepared, loadPolicies(root), { asOf }) : undefined;
        const folder = typeof options['output'] === 'string' ? options['output'] : undefined;
        return makeBundle(root, { ...prepared, audit: audited, states: await readStates(root) }, asOf, folder);
      });
      const { member, sequence, created, expires, attachments } = made.manifest;
      return {
        exit: 0,
        data: { folder: made.folder, member, sequence, created, expires, digest: made.digest, changed: made.changed, attachments },
        text: [
          `${made.folder}: bundle ${sequence} of ${member}, counts until ${expires}${made.changed ? '' : ' (says the same as before, kept)'}`,
          ...attachments.map(({ name, records }) => `  ${name.padEnd(16)} ${plural(records, 'line')}`),
        ].join('\n'),
      };
    },
  },
  {
    name: 'bundle verify',
    summary: 'check signature, expiry and attached files of a bundle',
    description:
      'Verifies with --key, or with the key this federation knows of the member: its own, that of vcloud.yaml, or the one it was enrolled with. Whether the member may say what it says is checked by `bundle ingest`. --json: {member, sequence, created, expires, digest, publicKey, attachments}.',
    arguments: [{ syntax: '<folder>', description: 'folder of the bundle' }],
    options: [{ flags: '--key <publicKey>', description: 'public key (base64) it must be signed with' }],
    examples: [{ line: 'vcloud bundle verify out/bundles/moh', does: 'checks a bundle before it is handed over' }],
    exits: { 0: 'it holds', 1: 'it does not, with the reason' },
    async run({ root, asOf }, args, options) {
      const [{ loadSettings }, inventory, { readPublicKey }] = await Promise.all([
        import('../../modules/federation/index.ts'),
        import('../../modules/inventory/index.ts'),
        import('../../modules/core/index.ts'),
      ]);
      const given = args[0] ?? '.';
      const folder = located(root, given);
      const { member } = inventory.peekBundle(folder, given);
      const settings = loadSettings(root);
      const known =
        typeof options['key'] === 'string'
          ? options['key']
          : member === settings.member.id
            ? readPublicKey(root)
            : (settings.members.find(({ id }) => id === member)?.publicKey ?? inventory.readRegistry(root).members[member]?.publicKey);
      if (known === undefined) {
        fail('BUNDLE-KEY', `no public key is known of member "${member}"`, { subject: member, hint: 'name it with --key, or list the member in vcloud.yaml' });
      }
      const bundle = inventory.verifyBundle(folder, given, [known], asOf);
      const facts = inventory.parseFacts(bundle, given);
      const { sequence, created, expires, attachments } = bundle.manifest;
      return {
        exit: 0,
        data: { member, sequence, created, expires, digest: bundle.digest, publicKey: bundle.publicKey, attachments },
        text: `bundle ${sequence} of ${member}, made ${created}, counts until ${expires}: signature and ${attachments.length} files hold, ${plural(facts.records.length, 'record')}`,
      };
    },
  },
  {
    name: 'bundle ingest',
    summary: "take members' bundles into the centre's inventory",
    description:
      'Signature, sequence and chain, schema, scope (organisations, prefixes, zones of the registry), deletion guard, one transaction, signed receipt in out/receipts. Whatever fails leaves the inventory as it was. Without a folder: the bundles of all members that have one. --json: {bundles: [{member, sequence, added, changed, removed, unchanged, enrolled, receipt}]}.',
    arguments: [{ syntax: '[folders...]', description: 'folders of bundles' }],
    options: [
      { flags: '--allow-gap', description: 'take a bundle although earlier ones never arrived' },
      { flags: '--allow-deletions', description: "take it although it removes more than 30 % of the member's records" },
    ],
    examples: [
      { line: 'vcloud bundle ingest inbox/moh', does: 'takes one bundle in' },
      { line: 'vcloud bundle ingest', does: 'takes in what every member delivered since' },
    ],
    exits: { 0: 'done', 1: 'refused, with the reason; the inventory is as it was' },
    async run({ root, asOf }, args, options) {
      const [core, { loadFederation }, { loadAddressPlans, planAddresses }, inventory] = await Promise.all([
        import('../../modules/core/index.ts'),
        import('../../modules/federation/index.ts'),
        import('../../modules/network/index.ts'),
        import('../../modules/inventory/index.ts'),
      ]);
      const federation = await loadFederation(root, { asOf });
      const addresses = planAddresses(await loadAddressPlans(root, federation)).addressPlan;
      const named = args.length > 0;
      const folders = named
        ? args.map((folder) => located(root, folder))
        : federation.settings.members.map((member) => path.resolve(root, inventory.bundleOfMember(member))).filter((folder) => fs.existsSync(folder));
      const refused: Problem[] = [];
      const bundles = await core.withWriteLock(root, 'bundle ingest', async () =>
        folders.flatMap((folder) => {
          try {
            return [
              inventory.ingestBundle(root, {
                federation,
                addresses,
                asOf,
                folder,
                repeated: named ? 'refuse' : 'skip',
                allowGap: options['allowGap'] === true,
                allowDeletions: options['allowDeletions'] === true,
              }),
            ];
          } catch (error) {
            // One member's fault keeps nobody else out.
            if (!(error instanceof core.ProblemError)) throw error;
            refused.push(...error.problems);
            return [];
          }
        }),
      );
      const lines = bundles.map((row) =>
        row.taken
          ? `${row.member}: bundle ${row.sequence} taken in: ${row.added} added, ${row.changed} changed, ${row.removed} removed, ${row.unchanged} unchanged${row.enrolled ? '; its key is enrolled from now on' : ''}`
          : `${row.member}: bundle ${row.sequence} was taken in before`,
      );
      return {
        exit: refused.length > 0 ? 1 : 0,
        data: { bundles },
        text: lines.length > 0 || refused.length > 0 ? lines.join('\n') : 'no bundles',
        problems: refused,
      };
    },
  },
  {
    name: 'bundle extract',
    summary: "write a member's signed extract to one file, to be carried to it",
    description:
      'At the centre: blocks, AS numbers and parent zone of the member, conditions and proposals of `delegations:`, hubs, and the policies it is judged by, as one signed file. Refused where the locks do not hold the blocks yet. The file is the same until something in it changes or half its time is over. --json: {file, member, sequence, created, expires, blocks, proposals, policies, changed, centreKey}.',
    arguments: [{ syntax: '<member>', description: 'id of the member' }],
    options: [{ flags: '--output <file>', description: "file to write, relative to the federation's folder (default: out/extracts/MEMBER.json)" }],
    examples: [{ line: 'vcloud bundle extract moh --output moh-extract.json', does: 'writes what is handed to member moh' }],
    exits: { 0: 'written', 1: 'an error; nothing was written' },
    async run({ root, asOf }, [member = ''], options) {
      const [{ handOverExtract }, { withWriteLock }] = await Promise.all([import('../../modules/federate.ts'), import('../../modules/core/index.ts')]);
      const output = typeof options['output'] === 'string' ? options['output'] : undefined;
      const made = await withWriteLock(root, 'bundle extract', () => handOverExtract(root, member, { asOf, output }));
      return {
        exit: 0,
        data: made,
        text: [
          `${made.file}: extract ${made.sequence} for ${made.member}, counts until ${made.expires}${made.changed ? '' : ' (says the same as before)'}`,
          `  ${plural(made.blocks, 'block')}, ${plural(made.proposals, 'proposal')}, ${plural(made.policies, 'policy file')}`,
          `  at the member, the first time: vcloud bundle receive FILE --key ${made.centreKey}`,
        ].join('\n'),
      };
    },
  },
  {
    name: 'bundle receive',
    summary: "take the centre's extract from a file",
    description:
      "At a member: verifies the file with the centre's key, the addressee, the date, that its sequence does not go back and that no proposal changed under its id, then keeps it and its policies in .vcloud. Whatever fails leaves the extract held. The first one needs --key, as it came over another channel; it is kept from then on. --json: {member, sequence, created, expires, changed, enrolled, blocks, proposals, unanswered}.",
    arguments: [{ syntax: '<file>', description: 'the file `vcloud bundle extract` wrote at the centre' }],
    options: [{ flags: '--key <publicKey>', description: "the centre's public key (base64), as `vcloud bundle keygen` prints it there" }],
    examples: [{ line: 'vcloud bundle receive moh-extract.json', does: 'takes it in; `vcloud net plan` shows what it changes' }],
    exits: { 0: 'held', 1: 'refused, with the reason; the extract held before stays' },
    async run({ root, asOf }, [file = ''], options) {
      const [{ takeExtract }, { withWriteLock }] = await Promise.all([import('../../modules/federate.ts'), import('../../modules/core/index.ts')]);
      const key = typeof options['key'] === 'string' ? options['key'] : undefined;
      const held = await withWriteLock(root, 'bundle receive', () => takeExtract(root, located(root, file), { asOf, key }));
      const lines = [
        `extract ${held.sequence} for ${held.member}, counts until ${held.expires}${held.changed ? '' : ' (held already)'}: ${plural(held.blocks, 'block')}, ${plural(held.proposals, 'proposal')}`,
      ];
      if (held.enrolled) lines.push("the centre's key is kept from now on");
      if (held.unanswered.length > 0) lines.push(`not answered: ${held.unanswered.join(', ')}; \`vcloud net plan\` shows what they concern`);
      return { exit: 0, data: held, text: lines.join('\n') };
    },
  },
];

/** A folder as the user named it: relative to the federation, else to where the command was typed. */
function located(root: string, folder: string): string {
  const below = path.resolve(root, folder);
  return fs.existsSync(below) ? below : path.resolve(folder);
}
