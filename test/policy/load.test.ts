import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatPlace, ProblemError } from '../../modules/core/index.ts';
import { loadLaw, loadPolicies, validityOn, type Instrument } from '../../modules/policy/index.ts';
import { folderWith } from '../helpers/folder.ts';
import { root } from './world.ts';

const instruments = 'id,number,title_vi,title_en,kind,issued,in_force,ends,disputed_ends,supersedes,amends,approve_level_by,meet_measures_by,source,note\n';
const controls = 'id,instrument,clause,levels,topic,requirement_en,requirement_vi,evidence_class,parameter,source\n';
const thresholds = 'instrument,clause,parameter,level,value,unit,operator,source\n';
const good = {
  'policies/law/instruments.csv': `${instruments}l1,1/L,Luật,Law,law,2020-01-01,2020-02-01,,,,,,2027-07-01,official,\n`,
  'policies/law/controls.csv': `${controls}l1.a,l1,Art. 1,,load,Sentence.,Câu.,static,limit,official\nl1.b,l1,Art. 2,3 4,x,Sentence.,Câu.,static,,official\n`,
  'policies/law/thresholds.csv': `${thresholds}l1,Art. 1,limit,,50,percent,max,official\n`,
  'policies/rules.yaml': `apiVersion: vcloud/v1
kind: PolicyRules
rules:
  - id: net-load
    version: 1
    check: link-load
    title: { vi: T, en: T }
    severity: high
    basis:
      - { instrument: l1, controls: [a] }
    remediation: { vi: R, en: R }
`,
  'policies/profiles.yaml': `apiVersion: vcloud/v1
kind: PolicyProfiles
waivers: { minimumJustification: 20, maximumDays: { low: 4, medium: 3, high: 30, critical: 1 }, warnDays: 5 }
profiles:
  - { id: p, names: { vi: P, en: P }, rules: { net-load: mandatory } }
`,
};
const waiver = (more: Record<string, string> = {}): string => {
  const fields = {
    id: 'w',
    rule: 'net-load',
    agency: 'a',
    finding: 'net-load@a:link/x',
    justification: '"a reason long enough to read"',
    owner: '{ unit: U, role: R }',
    approver: '{ unit: V, role: R }',
    decision: '{ number: D, date: "2026-01-01" }',
    approvedAt: '"2026-01-01"',
    expiresAt: '"2026-01-31"',
    ...more,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== '');
  return `apiVersion: vcloud/v1\nkind: PolicyWaivers\nwaivers:\n${lines.map(([name, value], index) => `${index === 0 ? '  - ' : '    '}${name}: ${value}`).join('\n')}\n`;
};

function faults(files: Record<string, string>): string[] {
  try {
    loadPolicies(folderWith({ ...good, ...files }));
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map((found) => `${formatPlace(found) ?? ''} ${found.code}`);
    throw error;
  }
  return [];
}
const law = (table: string, from: string, to: string): string[] => {
  const file = `policies/law/${table}.csv` as keyof typeof good;
  return faults({ [file]: good[file].replace(from, to) });
};
const rules = (from: string, to: string): string[] => faults({ 'policies/rules.yaml': good['policies/rules.yaml'].replace(from, to) });

describe('the tables of the law', () => {
  it('load as they ship, with every reference and grade', () => {
    const { instruments: texts, controls: rows, thresholds: numbers } = loadLaw(root);
    expect(texts.size).toBeGreaterThan(90);
    expect(rows.size).toBeGreaterThan(600);
    expect(numbers.size).toBeGreaterThan(100);
    expect(rows.get('tcvn-14423-2026.log-retention')).toMatchObject({ levels: [2, 3, 4, 5], grade: 'secondary' });
  });

  it('name file, line and column of what is wrong', () => {
    expect(faults({})).toEqual([]);
    expect(law('instruments', '2020-02-01', '2020-02-30')).toContain('policies/law/instruments.csv:2:7 POL-LAW-CELL');
    expect(law('instruments', 'official', 'officail')).toContain('policies/law/instruments.csv:2:14 POL-LAW-CELL');
    expect(law('instruments', '2020-01-01,2020-02-01', '2020-03-01,2020-02-01')).toEqual(['policies/law/instruments.csv:2:7 POL-LAW-DATES']);
    expect(law('instruments', ',,,,,,2027', ',,,l9,,,2027')).toEqual(['policies/law/instruments.csv:2:1 POL-LAW-INSTRUMENT']);
    expect(law('instruments', 'title_en', 'title')).toContain('policies/law/instruments.csv:1:1 POL-LAW-COLUMN');
    // One table that cannot be read hides nothing of the others, and is not blamed on them.
    expect(
      faults({
        'policies/law/instruments.csv': good['policies/law/instruments.csv'].replace('official', 'officail'),
        'policies/law/controls.csv': 'id,"',
      }),
    ).toEqual(['policies/law/instruments.csv:2:14 POL-LAW-CELL', 'policies/law/controls.csv:1:1 CORE-CSV']);
    expect(law('controls', 'l1.a,l1,', 'l1.a,l2,')).toEqual(expect.arrayContaining(['policies/law/controls.csv:2:2 POL-LAW-INSTRUMENT']));
    expect(law('controls', 'l1.b,l1', 'l1.a,l1')).toEqual(['policies/law/controls.csv:3:1 POL-LAW-DUPLICATE']);
    expect(law('controls', '3 4', '3 6')).toEqual(['policies/law/controls.csv:3:4 POL-LAW-CELL']);
    expect(law('controls', 'static,limit', 'static,limits')).toEqual(expect.arrayContaining(['policies/law/controls.csv:2:9 POL-LAW-PARAMETER']));
    expect(law('thresholds', ',50,', ',fifty,')).toEqual(['policies/law/thresholds.csv:2:5 POL-LAW-VALUE']);
    expect(law('thresholds', 'l1,Art. 1,limit,,50,percent,max,official', 'l1,Art. 1,limit,,50,percent,max')).toEqual([
      'policies/law/thresholds.csv:2:1 CORE-CSV',
    ]);
    expect(law('thresholds', thresholds, `${thresholds}l1,Art. 9,lost,,1,x,max,official\n`)).toEqual(['policies/law/thresholds.csv:2:1 POL-LAW-UNUSED']);
  });

  it('hold from in_force up to, not including, ends; disputed from disputed_ends on', () => {
    const text = (more: Partial<Instrument>): Instrument => ({
      id: 'x',
      number: 'x',
      title: { vi: 'x', en: 'x' },
      kind: 'law',
      supersedes: [],
      amends: [],
      grade: 'official',
      note: '',
      place: { file: 'x' },
      ...more,
    });
    const dated = text({ inForce: '2020-01-01', ends: '2022-01-01', disputedEnds: '2021-01-01' });
    expect(['2019-12-31', '2020-01-01', '2020-12-31', '2021-01-01', '2021-12-31', '2022-01-01'].map((date) => validityOn(dated, date))).toEqual([
      'not-yet',
      'in-force',
      'in-force',
      'disputed',
      'disputed',
      'ended',
    ]);
    expect(validityOn(text({ issued: '2020-01-01' }), '2019-12-31')).toBe('not-yet');
    expect(validityOn(text({ issued: '2020-01-01' }), '2020-01-01')).toBe('undated');
    expect(validityOn(text({}), '1900-01-01')).toBe('undated');
  });
});

describe('rules and profiles', () => {
  it('name the place of what does not exist', () => {
    expect(rules('check: link-load', 'check: link-lod')).toContain('policies/rules.yaml:6:12 POL-RULE-CHECK');
    expect(rules('instrument: l1', 'instrument: l7')).toContain('policies/rules.yaml:10:23 POL-RULE-INSTRUMENT');
    expect(rules('controls: [a]', 'controls: [a, z]')).toEqual(['policies/rules.yaml:10:41 POL-RULE-CONTROL']);
    expect(rules('controls: [a] }', 'controls: [a], due: l1.never }')).toEqual(['policies/rules.yaml:10:47 POL-RULE-DUE']);
    expect(rules('controls: [a] }', 'controls: [a], due: l1.meet_measures_by }')).toEqual([]);
    expect(rules('    severity: high\n', '    severity: grave\n')).toContain('policies/rules.yaml:8:15 CORE-SCHEMA-VALUE');
    expect(rules('    severity: high\n', '')).toContain('policies/rules.yaml:4:5 CORE-SCHEMA-VALUE');
    expect(rules('    severity: high\n', '    severity: high\n    options: { limit: 50 }\n')).toContain('policies/rules.yaml:9:16 CORE-SCHEMA-UNKNOWN-KEY');
    expect(faults({ 'policies/profiles.yaml': good['policies/profiles.yaml'].replace('net-load:', 'net-laod:') })).toEqual([
      'policies/profiles.yaml:5:48 POL-PROFILE-RULE',
    ]);
    expect(faults({ 'policies/profiles.yaml': good['policies/profiles.yaml'].replace('net-load: mandatory', 'net-load: strict') })).toEqual([
      'policies/profiles.yaml:5:58 CORE-SCHEMA-VALUE',
    ]);
  });

  it('report everything at once, over all files', () => {
    const found = faults({
      'policies/law/thresholds.csv': good['policies/law/thresholds.csv'].replace(',50,', ',fifty,'),
      'policies/profiles.yaml': good['policies/profiles.yaml'].replace('warnDays: 5', 'warnDays: soon'),
      'policies/waivers/w.yaml': waiver({ id: 'Bad Id' }),
    });
    expect(found.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['policies/law/thresholds.csv', 'policies/profiles.yaml', 'policies/waivers/w.yaml']),
    );
  });

  it('say which file is missing', () => {
    const folder = folderWith(good);
    fs.rmSync(path.join(folder, 'policies/rules.yaml'));
    expect(() => loadPolicies(folder)).toThrow('policies/rules.yaml');
  });
});

describe('waiver files', () => {
  const of = (more: Record<string, string>): string[] => faults({ 'policies/waivers/w.yaml': waiver(more) });

  it('are refused where they do not hold by themselves', () => {
    expect(of({})).toEqual([]);
    expect(of({ rule: 'net-laod' })).toEqual(['policies/waivers/w.yaml:5:11 POL-WAIVER-RULE']);
    expect(of({ approver: '{ unit: U, role: R }' })).toEqual(['policies/waivers/w.yaml:10:15 POL-WAIVER-APPROVER']);
    expect(of({ expiresAt: '"2026-01-01"' })).toEqual(['policies/waivers/w.yaml:13:16 POL-WAIVER-DATES']);
    expect(of({ expiresAt: '"2026-02-01"' })).toEqual(['policies/waivers/w.yaml:13:16 POL-WAIVER-TOO-LONG']);
    expect(of({ justification: short })).toEqual(['policies/waivers/w.yaml:8:20 POL-WAIVER-JUSTIFICATION']);
    expect(of({ requestedAt: '"2026-01-02"' })).toEqual(['policies/waivers/w.yaml:12:17 POL-WAIVER-DATES']);
    expect(of({ finding: '' })).toEqual(['policies/waivers/w.yaml:4:5 CORE-SCHEMA-VALUE']);
    expect(of({ subject: 'link/x' })).toEqual(['policies/waivers/w.yaml:4:5 CORE-SCHEMA-VALUE']);
    expect(of({ owner: '{ name: Somebody, unit: U, role: R }' })).toEqual(['policies/waivers/w.yaml:9:14 CORE-SCHEMA-UNKNOWN-KEY']);
    expect(of({ expiresAt: '' })).toEqual(['policies/waivers/w.yaml:4:5 CORE-SCHEMA-MISSING']);
    expect(faults({ 'policies/waivers/a.yaml': waiver(), 'policies/waivers/b.yaml': waiver() })).toEqual(['policies/waivers/b.yaml:4:5 POL-WAIVER-DUPLICATE']);
  });
});

const short = 'because';
