import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { loadApprovalPolicy } from '../../../modules/engine/approval/index.ts';
import { temporaryRoot } from '../fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

function problemsOf(text: string): string[] {
  fs.mkdirSync(path.join(root, 'policies'), { recursive: true });
  fs.writeFileSync(path.join(root, 'policies/approvals.yaml'), text);
  try {
    loadApprovalPolicy(root);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ code, message, line, column, hint }) => `${line ?? 0}:${column ?? 0} ${code} ${message} (${hint ?? ''})`);
  }
}

const key = 'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const head = `apiVersion: vcloud/v1
kind: ApprovalPolicy
principals:
  - { id: moh.security, organisation: moh, keys: [{ ed25519: ${key} }] }
`;

describe('policies/approvals.yaml', () => {
  it('is absent where nobody is asked', () => {
    expect(loadApprovalPolicy(root)).toBeUndefined();
  });

  it('is read with its defaults', () => {
    expect(problemsOf(`${head}rules:\n  - { id: all, when: {}, require: { of: [moh.security] } }\n`)).toEqual([]);
    expect(loadApprovalPolicy(root)?.rules[0]).toMatchObject({ when: { effects: ['any'] }, require: { count: 1 }, notBy: [] });
  });

  it('says of every fault where it stands and what to do', () => {
    const rules = `rules:
  - { id: one, when: {}, require: { of: [moh.securty] } }
  - { id: one, when: {}, require: { count: 2, of: [moh.security, moh.security] } }
`;
    expect(problemsOf(head + rules)).toEqual([
      '7:11 ENGINE-APPROVAL-POLICY "one" stands here twice (ids are unique)',
      '6:42 ENGINE-APPROVAL-POLICY there is no principal "moh.securty" (did you mean "moh.security"?)',
      '7:44 ENGINE-APPROVAL-POLICY 2 approvals of 1 principal can never be given (name more principals, or ask for fewer)',
    ]);
    expect(problemsOf(head.replace(key, 'AAAA') + 'rules: []\n')[0]).toMatch(/^4:\d+ CORE-KEY/u);
    expect(problemsOf(`${head}rules:\n  - { id: all, when: { efects: [any] }, require: { of: [moh.security] } }\n`)[0]).toMatch(/^6:\d+ CORE-/u);
  });
});
