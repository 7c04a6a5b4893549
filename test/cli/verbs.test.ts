import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { completionScript, shells } from '../../cli/completion.ts';
import { buildProgram } from '../../cli/kit.ts';
import { commandReference } from '../../cli/reference.ts';
import { verbs } from '../../cli/verbs.ts';
import { schemaFiles } from '../../modules/schemas.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const vcloud = (args: readonly string[], options: { cwd?: string } = {}): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, [`${repository}/bin/vcloud.js`, ...args], { encoding: 'utf8', cwd: repository, ...options });

describe('the verbs', () => {
  it('have names of their own', () => {
    expect(new Set(verbs.map(({ name }) => name)).size).toBe(verbs.length);
  });

  // The exit codes users' scripts rely on; see ARCHITECTURE.md.
  it.each([
    ['check', true],
    ['net check', true],
    ['dns check', true],
    ['vpn verify', true],
    ['net plan', true],
    ['migrate', true],
    ['dns plan', true],
    ['plan', true],
    ['preflight', true],
    ['net allocate', false],
    ['dns render', false],
    ['vpn render', false],
    ['synth', false],
    ['blueprints', false],
    ['federate', true],
    ['bundle create', false],
    ['bundle verify', false],
    ['bundle ingest', false],
    ['bundle keygen', false],
    ['bundle extract', false],
    ['bundle receive', false],
    ['net owners', true],
    // Only with --live: something could not be read and is kept as it was.
    ['inventory sync', true],
    ['import project', true],
    ['apply', true],
    ['drift', true],
    ['destroy', true],
    ['import', false],
    ['move', true],
    ['approve', true],
    ['show', true],
    ['log verify', true],
    ['orphans list', true],
    ['orphans dismiss', false],
    ['log checkpoint', false],
    ['audit run', true],
    ['net find', true],
    ['inventory search', true],
    ['inventory show', true],
    ['inventory survey', true],
  ])('%s: exit 2 has a meaning: %s', (name, hasTwo) => {
    const verb = verbs.find((candidate) => candidate.name === name);
    expect(verb).toBeDefined();
    expect(verb?.exits[2] !== undefined).toBe(hasTwo);
  });

  it.each(verbs.map((verb) => [verb.name, verb] as const))('%s: its examples are command lines it takes', (_name, verb) => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const { line } of verb.examples) {
      const command = /(?:npx )?vcloud ([^|>)]*)/u.exec(line)?.[1]?.trim() ?? '';
      const args = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');
      expect(args.slice(0, verb.name.split(' ').length).join(' ')).toBe(verb.name);
      const program = buildProgram(
        verbs.map((candidate) => ({ ...candidate, run: async () => ({ exit: 0 as const, data: null, text: '' }) })),
        '0',
      ).configureOutput({ writeErr: () => {} });
      expect(() => program.parse(args, { from: 'user' }), line).not.toThrow();
    }
  });

  it('are all in docs/commands.md, as `npm run docs` writes it', () => {
    expect(fs.readFileSync(`${repository}/docs/commands.md`, 'utf8')).toBe(commandReference(verbs));
  });
});

describe('the command line', () => {
  it('prints one JSON value on stdout and nothing else, also for its own errors', () => {
    for (const args of [
      ['check', '--json', '-C', '/nowhere'],
      ['check', '--json', '--nonsense'],
      ['net', 'find', '--json'],
      ['no-such-verb', '--json'],
    ]) {
      const { stdout, status } = vcloud(args);
      const printed = JSON.parse(String(stdout)) as { ok: boolean; format: string; problems: { code: string }[] };
      expect(printed).toMatchObject({ ok: false, format: 'vcloud/v1', data: null });
      expect(printed.problems[0]?.code).toMatch(/^[A-Z]+(-[A-Z0-9]+)+$/u);
      expect(status).toBe(1);
    }
  });

  it('suggests what was probably meant and refuses dates that do not exist', () => {
    expect(String(vcloud(['federte']).stderr)).toMatch(/Did you mean federate/u);
    expect(String(vcloud(['check', '--as-of', '2026-02-30']).stderr)).toMatch(/a date that exists/u);
  });

  it('stops quietly, with the code of the verb, when nobody reads its output', () => {
    const piped = spawnSync('bash', ['-c', `"${process.execPath}" bin/vcloud.js schema --json | head -c 1; exit "\${PIPESTATUS[0]}"`], {
      encoding: 'utf8',
      cwd: repository,
    });
    expect([piped.stdout, piped.stderr, piped.status]).toEqual(['{', '', 0]);
  });

  it('names who holds an address, with the organisations above', () => {
    const { stdout } = vcloud(['net', 'find', '10.0.0.10', '--lang', 'en']);
    expect(String(stdout)).toMatch(/^held by .+ \([a-z-]+\) < Viet Nam \(viet-nam\)$/mu);
    expect(String(vcloud(['net', 'find', '10.0.0.10', '--lang', 'vi']).stdout)).toMatch(/ < Việt Nam \(viet-nam\)$/mu);
  });

  it('completes in bash what bash is asked', () => {
    const script = completionScript('bash', verbs);
    const complete = (line: readonly string[]): string[] => {
      const words = line.map((word) => `'${word}'`).join(' ');
      const run = spawnSync('bash', ['-c', `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _vcloud; printf '%s\\n' "\${COMPREPLY[@]}"`], {
        encoding: 'utf8',
      });
      return run.stdout.trim().split('\n');
    };
    expect(complete(['vcloud', 'fed'])).toEqual(['federate']);
    expect(complete(['vcloud', 'net', 'al'])).toEqual(['allocate']);
    expect(complete(['vcloud', 'net', 'allocate', '--allow-m'])).toEqual(['--allow-move']);
    for (const shell of shells) expect(completionScript(shell, verbs)).toContain('federate');
  });
});

describe('JSON Schemas', () => {
  it('in schemas/ are those of the code, as `npm run docs` writes them', async () => {
    for (const [name, text] of await schemaFiles()) expect(fs.readFileSync(`${repository}/schemas/${name}`, 'utf8')).toBe(text);
  });
});
