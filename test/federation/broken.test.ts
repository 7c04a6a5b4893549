// What users get wrong: each must be named with its place and a way out, exit 1, and leave the folder as it was.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listFiles, sha256 } from '../../modules/core/index.ts';
import { folderWith } from '../helpers/folder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const head = 'apiVersion: vcloud/v1\nkind: ';
const names = 'names: { vi: X, en: X }';
const declarations = (body: string): string => `${head}Declarations\n${body}`;
const plan = (body: string): string => `${head}NetworkPlan\nmetadata: { name: extra }\n${body}`;

/** What `vcloud init` writes, for a federation named `office`; unchanged parts of every case. */
const base = ((): Record<string, string> => {
  const template = path.join(repository, 'templates/federation');
  const files = listFiles(template).filter((file) => file.endsWith('.yaml'));
  return Object.fromEntries(
    files.map((file) => [file, fs.readFileSync(path.join(template, file), 'utf8').replaceAll('{{id}}', 'office').replaceAll('{{name}}', 'Office')]),
  );
})();

interface Case {
  readonly what: string;
  /** File -> new text, or a change of the text it has. */
  readonly files: Readonly<Record<string, string | ((text: string) => string) | Buffer>>;
  readonly code: string;
  /** `file:line:column` of the first problem with this code. */
  readonly at: string;
  readonly says: RegExp;
  readonly hint?: RegExp;
}

const office = 'stacks/office/office.yaml';
const extra = 'stacks/extra/extra.yaml';
const extraPlan = 'network-plans/extra.yaml';

const cases: readonly Case[] = [
  {
    what: 'an unknown key',
    files: { [office]: (text) => text.replace('owner: office, cloud: private', 'ownr: office, cloud: private') },
    code: 'CORE-SCHEMA-UNKNOWN-KEY',
    at: `${office}:14:62`,
    says: /unknown key "ownr"/u,
    hint: /did you mean "owner"/u,
  },
  {
    what: 'a missing key',
    files: { [extra]: declarations(`organisations:\n  - { id: a, ${names} }\n`) },
    code: 'CORE-SCHEMA-MISSING',
    at: `${extra}:4:5`,
    says: /"kind" is missing/u,
    hint: /add "kind"/u,
  },
  {
    what: 'a wrong type',
    files: { [extra]: declarations(`organisations:\n  - { id: a, kind: agency, code: 01, ${names} }\n`) },
    code: 'CORE-SCHEMA-TYPE',
    at: `${extra}:4:34`,
    says: /expected string, found number 1/u,
    hint: /quotes/u,
  },
  {
    what: 'a value outside a list',
    files: { [office]: (text) => text.replace('kind: openstack', 'kind: opnstack') },
    code: 'CORE-SCHEMA-VALUE',
    at: `${office}:11:26`,
    says: /"opnstack" is not one of openstack, kubernetes, none/u,
    hint: /did you mean "openstack"/u,
  },
  {
    what: 'an id with capitals',
    files: { [extra]: declarations(`organisations:\n  - { id: Abc, kind: agency, ${names} }\n`) },
    code: 'CORE-SCHEMA-VALUE',
    at: `${extra}:4:11`,
    says: /lower-case/u,
  },
  {
    what: 'a date that does not exist',
    files: { [extra]: declarations(`organisations:\n  - { id: a, kind: agency, ${names}, parent: [{ organisation: office, from: "2025-02-30" }] }\n`) },
    code: 'CORE-SCHEMA-VALUE',
    at: `${extra}:4:92`,
    says: /a date that exists/u,
  },
  {
    what: 'coordinates off the earth',
    files: { [office]: (text) => text.replace('lat: 21.03', 'lat: 210.3') },
    code: 'CORE-SCHEMA-VALUE',
    at: `${office}:9:119`,
    says: /<=90|less than or equal|90/u,
  },
  {
    what: 'an organisation declared twice',
    files: { [extra]: declarations(`organisations:\n  - { id: office, kind: agency, ${names} }\n`) },
    code: 'FED-DUPLICATE',
    at: `${office}:7:5`,
    says: /"office" is declared twice, first at stacks\/extra\/extra\.yaml:4/u,
  },
  {
    what: 'an object declared in YAML and in TypeScript',
    files: {
      'stacks/zz/declarations.ts': `const at = { file: 'x', line: 2, column: 3 };\nexport default { declarations: { organisations: [{ id: 'office', kind: 'agency', names: { vi: 'X', en: 'X' } }] }, at };\n`,
    },
    code: 'FED-DUPLICATE',
    at: 'stacks/zz/declarations.ts:2:3',
    says: /declared twice, first at stacks\/office\/office\.yaml:7/u,
  },
  {
    what: 'a reference to nothing',
    files: { [office]: (text) => text.replace('cloud: private', 'cloud: privte') },
    code: 'FED-UNKNOWN-REFERENCE',
    at: `${office}:14:5`,
    says: /cloud "privte", which is not declared/u,
    hint: /did you mean "private"/u,
  },
  {
    what: 'organisations in a circle',
    files: { [extra]: declarations(`organisations:\n  - { id: a, kind: unit, ${names}, parent: b }\n  - { id: b, kind: unit, ${names}, parent: a }\n`) },
    code: 'FED-CYCLE',
    at: `${extra}:4:5`,
    says: /a -> b -> a/u,
  },
  { what: 'broken YAML', files: { [extra]: declarations('organisations: [{ id: a\n') }, code: 'CORE-YAML', at: `${extra}:4:1`, says: /flow/iu },
  {
    what: 'a YAML key that stands twice',
    files: { [extra]: declarations('organisations: []\norganisations: []\n') },
    code: 'CORE-YAML',
    at: `${extra}:4:1`,
    says: /unique/u,
  },
  { what: 'a file that is not UTF-8', files: { [extra]: Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]) }, code: 'CORE-ENCODING', at: extra, says: /not UTF-8/u },
  {
    what: 'a wrong apiVersion',
    files: { [extra]: 'apiVersion: vcloud/v0\nkind: Declarations\n' },
    code: 'CORE-SCHEMA-VALUE',
    at: `${extra}:1:13`,
    says: /"vcloud\/v0" is not one of vcloud\/v1/u,
  },
  {
    what: 'an apiVersion of a newer toolkit',
    files: { [extra]: 'apiVersion: vcloud/v9\nkind: Declarations\n' },
    code: 'CORE-VERSION',
    at: `${extra}:1:13`,
    says: /is of version vcloud\/v9; this toolkit reads up to vcloud\/v1/u,
  },
  {
    what: 'a list that is a map',
    files: { [extra]: declarations('sites: { a: 1 }\n') },
    code: 'CORE-SCHEMA-TYPE',
    at: `${extra}:3:8`,
    says: /expected a list/u,
  },
  {
    what: 'a missing table',
    files: { [extra]: declarations('organisations:\n  - forEach: { csv: units.csv }\n    id: "{code}"\n    kind: unit\n    names: { vi: X, en: X }\n') },
    code: 'CORE-FILE-MISSING',
    at: `${extra}:4:21`,
    says: /no such file: stacks\/extra\/units\.csv/u,
  },
  {
    what: 'a path that leads upwards',
    files: { [extra]: declarations('organisations:\n  - forEach: { csv: ../units.csv }\n    id: "{code}"\n') },
    code: 'CORE-PATH',
    at: `${extra}:4:21`,
    says: /leads out of the folder/u,
  },
  {
    what: 'a missing column',
    files: {
      [extra]: declarations(
        'organisations:\n  - forEach: { csv: units.csv, where: { typ: ward } }\n    id: "{code}"\n    kind: unit\n    names: { vi: X, en: X }\n',
      ),
      'stacks/extra/units.csv': 'code,type\n1,ward\n',
    },
    code: 'CORE-CSV-COLUMN',
    at: `${extra}:4:21`,
    says: /no column "typ"/u,
    hint: /did you mean "type"/u,
  },
  {
    what: 'an empty cell a template needs',
    files: {
      [extra]: declarations('organisations:\n  - forEach: { csv: units.csv }\n    id: "{code}"\n    kind: unit\n    names: { vi: "{name}", en: "{name}" }\n'),
      'stacks/extra/units.csv': 'code,name\n1,One\n2,\n',
    },
    code: 'CORE-TEMPLATE',
    at: 'stacks/extra/units.csv:3:1',
    says: /"name" is empty here/u,
  },
  {
    what: 'a ragged table',
    files: { [extra]: declarations('organisations:\n  - forEach: { csv: units.csv }\n    id: "{code}"\n'), 'stacks/extra/units.csv': 'code,name\n1\n' },
    code: 'CORE-CSV',
    at: 'stacks/extra/units.csv:2:1',
    says: /1 cells, the header 2/u,
  },
  {
    what: 'a program that fails',
    files: { 'stacks/zz/declarations.ts': 'throw new Error("no");\n' },
    code: 'FED-PROGRAM',
    at: 'stacks/zz/declarations.ts:1:1',
    says: /the program failed: no/u,
  },
  {
    what: 'a secret where a reference belongs',
    files: { 'vcloud.yaml': (text) => `${text}clouds: { private: { credentials: hunter2 } }\n` },
    code: 'CORE-SCHEMA-VALUE',
    at: 'vcloud.yaml:15:35',
    says: /must be a reference/u,
  },
  {
    what: 'a reference into a vault, which its own agent resolves',
    files: { 'vcloud.yaml': (text) => `${text}clouds: { private: { credentials: "vault:kv/cloud" } }\n` },
    code: 'CORE-SCHEMA-VALUE',
    at: 'vcloud.yaml:15:35',
    says: /vault: is not resolved here; have the agent of your vault write a file or set a variable/u,
  },
  {
    what: 'a member with neither folder nor bundle',
    files: { 'vcloud.yaml': (text) => `${text}members: [{ id: m, scope: { organisations: [m] } }]\n` },
    code: 'FED-MEMBER-SOURCE',
    at: 'vcloud.yaml:15:11',
    says: /a folder or a bundle/u,
  },
  {
    what: 'an unknown pool',
    files: { [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v5, length: 48 }\n') },
    code: 'NET-POOL-UNKNOWN',
    at: `${extraPlan}:5:21`,
    says: /internal-v5/u,
    hint: /internal-v6/u,
  },
  {
    what: 'a prefix with host bits',
    files: { [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v4, prefix: 10.0.0.1/24 }\n') },
    code: 'NET-PREFIX',
    at: `${extraPlan}:5:42`,
    says: /10\.0\.0\.0\/24/u,
  },
  {
    what: 'exact prefixes that overlap',
    files: { [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v4, prefix: 10.1.0.0/24 }\n  - { key: b, pool: internal-v4, prefix: 10.1.0.128/25 }\n') },
    code: 'NET-OVERLAP',
    at: `${extraPlan}:6:12`,
    says: /10\.1\.0\.128\/25/u,
  },
  {
    what: 'a prefix outside its pool',
    files: { [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v4, prefix: 192.0.2.0/24 }\n') },
    code: 'NET-OUTSIDE',
    at: `${extraPlan}:5:42`,
    says: /192\.0\.2\.0\/24/u,
  },
  {
    what: 'an exhausted pool',
    files: {
      [extraPlan]: plan(
        'pools:\n  - { name: small, prefix: 192.0.2.0/24, domain: internal, strategy: best-fit }\nneeds:\n  - { key: a, pool: small, length: 25 }\n  - { key: b, pool: small, length: 25 }\n  - { key: c, pool: small, length: 25 }\n',
      ),
    },
    code: 'NET-EXHAUSTED',
    at: `${extraPlan}:9:12`,
    says: /small/u,
  },
  {
    what: 'a need that stands twice',
    files: { [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v4, length: 24 }\n  - { key: a, pool: internal-v4, length: 25 }\n') },
    code: 'NET-KEY-DUPLICATE',
    at: `${extraPlan}:6:12`,
    says: /extra\.yaml:5/u,
  },
  {
    what: 'a holder that is no container',
    files: { [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v4, length: 24 }\n  - { key: b, in: a, length: 25 }\n') },
    code: 'NET-HOLDER-ROLE',
    at: `${extraPlan}:6:19`,
    says: /container/u,
  },
  {
    what: 'holders in a circle',
    files: { [extraPlan]: plan('needs:\n  - { key: a, in: b, length: 24, role: container }\n  - { key: b, in: a, length: 24, role: container }\n') },
    code: 'NET-HOLDER-CYCLE',
    at: `${extraPlan}:6:19`,
    says: /a/u,
  },
  {
    what: 'pools that overlap',
    files: { [extraPlan]: plan('pools:\n  - { name: other, prefix: 10.1.0.0/16, domain: internal, strategy: best-fit }\nneeds: []\n') },
    code: 'NET-POOL-OVERLAP',
    at: `${extraPlan}:5:13`,
    says: /internal-v4/u,
  },
  {
    what: 'an unknown strategy',
    files: { [extraPlan]: plan('pools:\n  - { name: other, prefix: 192.0.2.0/24, domain: internal, strategy: bestfit }\nneeds: []\n') },
    code: 'CORE-SCHEMA-VALUE',
    at: `${extraPlan}:5:70`,
    says: /"bestfit" is not one of/u,
    hint: /best-fit/u,
  },
  {
    what: 'a lock edited into an overlap',
    files: {
      [extraPlan]: plan('needs:\n  - { key: a, pool: internal-v4, length: 24 }\n  - { key: b, pool: internal-v4, length: 24 }\n'),
      'network-plans/extra.lock.yaml': `${head}NetworkLock\nallocations:\n  a: {v4: "10.9.0.0/24", pool4: internal-v4}\n  b: {v4: "10.9.0.0/24", pool4: internal-v4}\n`,
    },
    code: 'NET-OVERLAP',
    at: 'network-plans/extra.lock.yaml:5:3',
    says: /10\.9\.0\.0\/24/u,
  },
  {
    what: 'an unknown signing policy',
    files: {
      'network-plans/zones.yaml': (text) =>
        text.replace('nameServers: own, policy: standard }\n  - { forEach', 'nameServers: own, policy: standrd }\n  - { forEach'),
    },
    code: 'DNS-UNKNOWN-POLICY',
    at: 'network-plans/zones.yaml:14:44',
    says: /standrd/u,
    hint: /standard/u,
  },
];

/** Digest of every file below a folder: whatever the run would leave behind shows. */
function fingerprint(folder: string): string {
  const everything = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return everything
    .map((name) => `${name} ${fs.statSync(path.join(folder, name)).isFile() ? sha256(fs.readFileSync(path.join(folder, name))) : ''}`)
    .join('\n');
}

interface Printed {
  readonly ok: boolean;
  readonly problems: readonly { code: string; severity: string; message: string; hint?: string; file?: string; line?: number; column?: number }[];
}

describe('broken declarations', () => {
  it.each(cases)('$what: $code', ({ files, code, at, says, hint }) => {
    const folder = folderWith(base);
    for (const [name, change] of Object.entries(files)) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, typeof change === 'function' ? change(fs.readFileSync(file, 'utf8')) : change);
    }
    const before = fingerprint(folder);
    for (const verb of ['check', 'federate']) {
      const run = spawnSync(process.execPath, [path.join(repository, 'bin/vcloud.js'), verb, '-C', folder, '--json'], { encoding: 'utf8' });
      const printed = JSON.parse(run.stdout) as Printed;
      const found = printed.problems.find((problem) => problem.code === code);
      expect(found, JSON.stringify(printed.problems, null, 1)).toBeDefined();
      expect([found?.file, found?.line, found?.column].filter((part) => part !== undefined).join(':')).toBe(at);
      expect(found?.message).toMatch(says);
      if (hint) expect(found?.hint).toMatch(hint);
      expect(found?.severity).toBe('error');
      expect(printed.ok).toBe(false);
      expect(run.status).toBe(1);
    }
    fs.rmSync(path.join(folder, '.vcloud/lock'), { force: true });
    const left = fs.existsSync(path.join(folder, '.vcloud')) ? listFiles(path.join(folder, '.vcloud')) : [];
    expect(left).toEqual([]);
    fs.rmSync(path.join(folder, '.vcloud'), { recursive: true, force: true });
    expect(fingerprint(folder)).toBe(before);
  });

  it('without a vcloud.yaml the way to one is named', () => {
    const run = spawnSync(process.execPath, [path.join(repository, 'bin/vcloud.js'), 'check', '-C', folderWith()], { encoding: 'utf8' });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/FED-NO-FEDERATION.*\n.*vcloud init/u);
  });
});
