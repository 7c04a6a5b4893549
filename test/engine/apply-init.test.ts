import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../modules/core/index.ts';
import { apply, childEnvironment, findEngine, isEngine, plan, type ApplyRun, type SynthesisedStack } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

/** A stack that has to be initialised, though what it needs comes with the engine. */
function needing(name: string): SynthesisedStack {
  const made = stackOf({ path: name, resources: { n: { input: name } } });
  const terraform = { required_providers: { terraform: { source: 'terraform.io/builtin/terraform' } } };
  const json = canonicalJson({ ...(JSON.parse(made.json) as Record<string, unknown>), terraform }, 2);
  return { ...made, json, digest: sha256(json) };
}

/** Plans three stacks, forgets that they were initialised, and applies them with a program before the engine that sees every `init`. */
async function applied(duringInit: string, options: { readonly timeout?: number } = {}): Promise<{ readonly marks: string; readonly run: ApplyRun }> {
  const root = temporaryRoot();
  roots.push(root);
  const engine = await findEngine('auto', childEnvironment(process.env));
  if (!isEngine(engine)) throw new Error(noEngine);
  const [programs, marks] = [path.join(root, 'programs'), path.join(root, 'marks')];
  for (const folder of [programs, marks]) fs.mkdirSync(folder);
  const environment = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, MARKS: marks, TF_PLUGIN_CACHE_DIR: marks };
  const before = `#!/bin/sh\nif [ "$1" = init ] && [ -e "$MARKS/watched" ]; then\n${duringInit}\nfi\nexec ${engine.binary} "$@"\n`;
  fs.writeFileSync(path.join(programs, engine.name), before, { mode: 0o755 });
  const stacks = ['a.one', 'a.three', 'a.two'].map(needing);
  const { directory = '' } = await plan({ root, stacks, environment, binary: engine.name });
  for (const { path: name } of stacks) fs.rmSync(path.join(root, '.vcloud/state', name, '.terraform'), { recursive: true, force: true });
  fs.writeFileSync(path.join(marks, 'watched'), '');
  return { marks, run: await apply({ root, stacks, directory, environment, binary: engine.name, parallelism: 3, ...options }) };
}

describe.skipIf(noEngine !== undefined)('init inside of an apply', () => {
  it('is one at a time where a cache of providers is shared', async () => {
    const { marks, run } = await applied('echo >>"$MARKS/begun"; mkdir "$MARKS/one" || touch "$MARKS/two"; sleep 0.4; rmdir "$MARKS/one"');
    expect(run.stacks.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    expect(fs.readFileSync(path.join(marks, 'begun'), 'utf8')).toBe('\n\n\n');
    expect(fs.existsSync(path.join(marks, 'two'))).toBe(false);
  });

  it('is ended where a registry never answers, and nothing of the stack is begun', async () => {
    const { run } = await applied('exec sleep 30', { timeout: 1 });
    expect(run.stacks.map(({ result, because = '' }) => `${result}: ${because}`)).toEqual(
      Array(3).fill('failed: did not end within 1 s and was ended (engine.timeout); it changes nothing, so nothing is lost'),
    );
  });
});
