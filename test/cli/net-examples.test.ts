import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { verbs } from '../../cli/verbs.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const plans = fs.readdirSync(path.join(repository, 'network-plans')).filter((name) => name.endsWith('.yaml'));
const read = (name: string): string => fs.readFileSync(path.join(repository, 'network-plans', name), 'utf8');
const held = new Set(
  plans.filter((name) => name.endsWith('.lock.yaml')).flatMap((name) => [...read(name).matchAll(/^ {2}(\S+): \{/gmu)].map(([, key]) => key)),
);
const templates = plans.flatMap((name) => [...read(name).matchAll(/^ *(?:- )?key: "([^"]+)"/gmu)].map(([, key]) => key));
/** Options whose keys are to be made, not found. */
const making = new Set(['--into']);

describe('the examples of the address verbs', () => {
  it('name keys, rules and files that the reference federation has', () => {
    const unknown: string[] = [];
    let named = 0;
    for (const { name, examples } of verbs.filter((verb) => verb.name.startsWith('net '))) {
      for (const { line } of examples) {
        const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, double, single, plain]) => double ?? single ?? plain ?? '').slice(1);
        let option = '';
        // The second word of a rename and the only word of a reservation are new.
        const fresh = name === 'net rename' ? words[3] : name === 'net reserve' ? words[2] : undefined;
        for (const word of words.slice(2)) {
          if (word.startsWith('-')) option = word;
          else if (word === fresh || making.has(option) || option === '--key') continue;
          else if (/^(?:agency|site|commune|tenant|public|district)\//u.test(word)) {
            named++;
            if (word.includes('{') ? !templates.includes(word) : !held.has(word)) unknown.push(`${line}: ${word}`);
          } else if (word.startsWith('examples/') && !fs.existsSync(path.join(repository, word))) unknown.push(`${line}: ${word}`);
        }
      }
    }
    expect(unknown).toEqual([]);
    expect(named).toBeGreaterThan(15);
  });
});
