import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, formatPrefix, isFault, readPrefix, toInteger } from '../../../modules/network/prefixes.ts';
import { texts } from './arbitraries.ts';

// Python's own parser as the second opinion: ip_network() is strict about host bits unless told otherwise.
const program = `
import ipaddress, json, sys
out = []
for text in json.load(sys.stdin):
    try:
        network = ipaddress.ip_network(text)
        out.append([str(network.version), str(int(network.network_address)), network.prefixlen, str(network)])
    except ValueError:
        out.append(None)
json.dump({"version": sys.version.split()[0], "out": out}, sys.stdout)
`;
type Verdict = readonly [version: string, address: string, length: number, text: string] | null;

const python = spawnSync('python3', ['-c', 'import sys, ipaddress; sys.exit(sys.version_info < (3, 9, 5))']);
const absent =
  python.error !== undefined ? 'no python3 on this machine' : python.status !== 0 ? 'python3 is older than 3.9.5, which read leading zeros' : undefined;

function verdicts(inputs: readonly string[]): readonly Verdict[] {
  const { stdout, status, stderr } = spawnSync('python3', ['-c', program], { input: JSON.stringify(inputs), encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(status, stderr).toBe(0);
  return (JSON.parse(stdout) as { out: Verdict[] }).out;
}

/** What ipaddress accepts and we refuse, and why. A text that it accepts and none of these explains is a fault of ours. */
const stricter: readonly { readonly name: string; readonly why: string; readonly test: RegExp; readonly example: string; readonly corrected: string }[] = [
  {
    name: 'no length',
    why: 'ip_network("10.0.0.0") is a /32: a host where a network was meant; a bare address is asked for by readAddress',
    test: /^[^/]*$/u,
    example: '10.0.0.0',
    corrected: '10.0.0.0/32',
  },
  {
    name: 'a mask as length',
    why: 'netmask and hostmask look alike; 0.0.0.0 is both',
    test: /^[\d.]+\/\d+\.\d+\.\d+\.\d+$/u,
    example: '10.0.0.0/255.0.0.0',
    corrected: '10.0.0.0/8',
  },
  {
    name: 'a length with leading zeros',
    why: 'two spellings of one prefix do not compare as text, and 010 is 8 elsewhere',
    test: /\/0+\d+$/u,
    example: '10.0.0.0/08',
    corrected: '10.0.0.0/8',
  },
  {
    name: 'a zone id',
    why: 'it is the name of an interface of one machine (RFC 4007), which no plan can hold',
    test: /%/u,
    example: 'fe80::1%eth0/128',
    corrected: 'fe80::1/128',
  },
  {
    name: 'an IPv4-mapped block',
    why: 'it is IPv4 written as IPv6 (RFC 4291 2.5.5.2) and on no wire; silently equal to neither',
    test: /^(0{0,4}:)+.*ffff:.*\/(9[6-9]|1[0-2]\d)$/iu,
    example: '::ffff:10.0.0.0/104',
    corrected: '10.0.0.0/8',
  },
];

describe.skipIf(absent !== undefined)(`reading beside Python ipaddress${absent === undefined ? '' : ` (skipped: ${absent})`}`, () => {
  it('accepts nothing that ipaddress refuses, reads the same, and what it refuses besides is explained', () => {
    const inputs = [...new Set(fc.sample(texts, 40_000))];
    let both = 0;
    verdicts(inputs).forEach((verdict, index) => {
      const text = inputs[index] ?? '';
      const read = readPrefix(text);
      if (isFault(read)) {
        if (verdict === null) return;
        const reason = stricter.find(({ test }) => test.test(text));
        if (reason === undefined) expect.fail(`${JSON.stringify(text)}: ipaddress reads ${verdict[3]}, refused for "${read.fault}", which no reason explains`);
        return;
      }
      if (verdict === null) return expect.fail(`${JSON.stringify(text)} is read as ${formatPrefix(read)}; ipaddress refuses it`);
      both++;
      expect([read.family, toInteger(read).toString(), read.length, formatPrefix(read)]).toEqual([`v${verdict[0]}`, ...verdict.slice(1)]);
    });
    expect(both).toBeGreaterThan(2500);
  });

  it.each(stricter)('is stricter about $name: $why', ({ example, corrected, test }) => {
    const [verdict] = verdicts([example]);
    expect(verdict).not.toBeNull();
    expect(test.test(example)).toBe(true);
    const read = readPrefix(example);
    expect(isFault(read) && read.corrected).toBe(corrected);
    expect(canonicalText(corrected)).toBe(corrected);
  });
});
