import * as fs from 'node:fs';
import * as path from 'node:path';
import { compareCodeUnits, privateFolder, sha256, writeFileAtomic } from '../../core/index.ts';
import type { BuiltUnit } from './build.ts';
import type { RenderedStack } from './render.ts';
import type { Question, Unit, World } from './world.ts';

const format = 'vcloud-synth/1';

/** What a unit was made from besides the declared world. */
export interface Inputs {
  /** {@link toolkitStamp} */
  readonly toolkit: string;
  /** Digest of the unit's program files. */
  readonly programs: string;
}

interface Header extends Inputs {
  readonly format: string;
  /** `QUESTION ID` and the digest of its answer. */
  readonly reads: readonly (readonly [string, string])[];
  /** Stacks without their JSON, whose texts follow the header one after the other. */
  readonly stacks: readonly (Omit<RenderedStack, 'json'> & { readonly bytes: number })[];
}

/**
 * Results of earlier runs, one file a unit below `.vcloud/cache/synth`: a header line, then the stacks' texts as they are.
 * A file that is damaged, of another format or made from something else is as good as none.
 */
export class SynthesisCache {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The unit's stacks, if everything they were made from is as it was. */
  find(unit: Unit, inputs: Inputs, world: World): readonly RenderedStack[] | undefined {
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(path.join(this.#root, '.vcloud/cache/synth', fileOf(unit)));
    } catch {
      return undefined;
    }
    const end = bytes.indexOf(10);
    const header = parse(bytes.toString('utf8', 0, Math.max(0, end)));
    if (header?.format !== format || header.toolkit !== inputs.toolkit || header.programs !== inputs.programs) return undefined;
    const fresh = header.reads.every(([key, digest]) => {
      const space = key.indexOf(' ');
      return world.digest(key.slice(0, space) as Question, key.slice(space + 1)) === digest;
    });
    if (!fresh) return undefined;
    let at = end + 1;
    const stacks: RenderedStack[] = [];
    for (const { bytes: length, ...stack } of header.stacks) {
      const text = bytes.subarray(at, at + length);
      if (sha256(text) !== stack.digest) return undefined;
      stacks.push({ ...stack, json: text.toString('utf8') });
      at += length;
    }
    return stacks;
  }

  /** Keeps what was built for a unit. */
  keep(unit: Unit, inputs: Inputs, { reads, stacks }: BuiltUnit): void {
    const header: Header = {
      format,
      ...inputs,
      reads: [...reads].sort(([a], [b]) => compareCodeUnits(a, b)),
      stacks: stacks.map(({ json, ...stack }) => ({ ...stack, bytes: Buffer.byteLength(json) })),
    };
    const text = `${JSON.stringify(header)}\n${stacks.map(({ json }) => json).join('')}`;
    writeFileAtomic(path.join(privateFolder(this.#root, 'cache', 'synth'), fileOf(unit)), text, { durable: false, mode: 0o600 });
  }

  /** Forgets units that are no longer declared. */
  prune(units: readonly Unit[]): void {
    const folder = privateFolder(this.#root, 'cache', 'synth');
    const wanted = new Set(units.map(fileOf));
    for (const name of fs.readdirSync(folder)) if (!wanted.has(name)) fs.rmSync(path.join(folder, name), { force: true });
  }
}

function fileOf({ folder, agency }: Unit): string {
  return `${folder === '' ? '_' : folder}.${agency}.stacks`;
}

function parse(line: string): Header | undefined {
  try {
    return JSON.parse(line) as Header;
  } catch {
    return undefined;
  }
}
