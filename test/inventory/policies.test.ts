import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExtract, receiveExtract, type Member } from '../../modules/federation/index.ts';
import { createExtract, deliverExtract } from '../../modules/inventory/index.ts';
import { hasPolicies, loadPolicies } from '../../modules/policy/index.ts';
import { asOf, centre, codesOf, temporaryFolder, writeFiles } from './support.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const delivered = ['law/controls.csv', 'law/instruments.csv', 'law/thresholds.csv', 'profiles.yaml', 'rules.yaml'];

/** The centre with the reference federation's policies, and the folder of one member. */
async function setting(): Promise<{ root: string; member: Member; memberRoot: string; options: Parameters<typeof createExtract>[2] }> {
  const { root, federation, addresses } = await centre();
  fs.cpSync(path.join(repository, 'policies'), path.join(root, 'policies'), { recursive: true });
  const member = federation.settings.members.find(({ id }) => id === 'moh');
  if (!member) throw new Error('no member');
  return { root, member, memberRoot: temporaryFolder(), options: { settings: federation.settings, addresses, asOf } };
}

const waivers = `apiVersion: vcloud/v1
kind: PolicyWaivers
waivers:
  - id: moh-load
    rule: net-link-load
    agency: moh
    subject: link/moh-main
    justification: ${'The line is being widened; video is limited until then. '.repeat(3)}
    owner: { unit: Health information centre, role: operations }
    approver: { unit: Ministry of Health, role: information security }
    decision: { number: REF-1/QD, date: "2026-02-01" }
    approvedAt: "2026-02-01"
    expiresAt: "2026-03-15"
`;

describe('policies the centre delivers', () => {
  it('are its law tables, rules and profiles, without its waivers, under the signed digests', async () => {
    const { root, member, memberRoot, options } = await setting();
    expect(hasPolicies(memberRoot)).toBe(false);
    expect(deliverExtract(root, memberRoot, member, options)).toBe(true);
    expect(readExtract(memberRoot)?.policies?.map(({ file }) => file)).toEqual(delivered);
    expect(fs.existsSync(path.join(memberRoot, '.vcloud/policies/waivers'))).toBe(false);
    expect(hasPolicies(memberRoot)).toBe(true);
    const { rules, waivers: none } = loadPolicies(memberRoot);
    expect([...rules.keys()]).toEqual([...loadPolicies(root).rules.keys()]);
    expect(rules.get('net-link-load')?.place.file).toBe('.vcloud/policies/rules.yaml');
    expect(none).toEqual([]);
    // Nothing new to say: the same extract.
    expect(deliverExtract(root, memberRoot, member, options)).toBe(false);
  });

  it("leave the member its waivers and give way to a member's own set", async () => {
    const { root, member, memberRoot, options } = await setting();
    deliverExtract(root, memberRoot, member, options);
    writeFiles(memberRoot, { 'policies/waivers/moh.yaml': waivers });
    expect(loadPolicies(memberRoot).waivers.map(({ id, place }) => [id, place.file])).toEqual([['moh-load', 'policies/waivers/moh.yaml']]);
    fs.cpSync(path.join(repository, 'policies/law'), path.join(memberRoot, 'policies/law'), { recursive: true });
    // An own set that is not whole is an error, not a mixture of two.
    expect(codesOf(() => loadPolicies(memberRoot))).toContain('CORE-FILE-MISSING');
    for (const name of ['rules.yaml', 'profiles.yaml']) fs.copyFileSync(path.join(repository, 'policies', name), path.join(memberRoot, 'policies', name));
    expect(loadPolicies(memberRoot).rules.get('net-link-load')?.place.file).toBe('policies/rules.yaml');
  });

  it.each<[string, (folder: string) => void, string]>([
    ['changed', (folder) => fs.appendFileSync(path.join(folder, 'rules.yaml'), '# milder\n'), 'rules.yaml'],
    ['removed', (folder) => fs.rmSync(path.join(folder, 'law/controls.csv')), 'law/controls.csv'],
    ['added', (folder) => fs.writeFileSync(path.join(folder, 'more.yaml'), ''), 'more.yaml'],
  ])('are refused when a file was %s, until they are delivered again', async (_how, tamper, file) => {
    const { root, member, memberRoot, options } = await setting();
    deliverExtract(root, memberRoot, member, options);
    tamper(path.join(memberRoot, '.vcloud/policies'));
    for (const read of [hasPolicies, loadPolicies]) {
      expect(codesOf(() => read(memberRoot))).toEqual(['FED-EXTRACT-POLICIES']);
      expect(() => read(memberRoot)).toThrow(`.vcloud/policies/${file}`);
    }
    deliverExtract(root, memberRoot, member, options);
    expect(hasPolicies(memberRoot)).toBe(true);
  });

  it('are not taken in with an extract they do not belong to, and go when the centre keeps none', async () => {
    const { root, member, memberRoot, options } = await setting();
    deliverExtract(root, memberRoot, member, options);
    fs.appendFileSync(path.join(root, 'policies/rules.yaml'), '# newer\n');
    const { envelope, policies } = createExtract(root, member, options);
    const milder = new Map([...policies, ['profiles.yaml', '']]);
    expect(codesOf(() => receiveExtract(memberRoot, envelope, { policies: milder }))).toEqual(['FED-EXTRACT-POLICIES']);
    expect(codesOf(() => receiveExtract(memberRoot, envelope))).toEqual(['FED-EXTRACT-POLICIES']);
    // The member still has what it had.
    expect(readExtract(memberRoot)?.sequence).toBe(1);
    expect(hasPolicies(memberRoot)).toBe(true);
    expect(receiveExtract(memberRoot, envelope, { policies })).toBe(true);
    expect(readExtract(memberRoot)?.sequence).toBe(2);
    fs.rmSync(path.join(root, 'policies'), { recursive: true });
    deliverExtract(root, memberRoot, member, options);
    expect(readExtract(memberRoot)?.policies).toBeUndefined();
    expect(hasPolicies(memberRoot)).toBe(false);
  });
});
