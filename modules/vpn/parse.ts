/** A section of a swanctl.conf: its own settings and sections. */
export interface Section {
  readonly values: ReadonlyMap<string, string>;
  readonly sections: ReadonlyMap<string, Section>;
}

interface Open {
  readonly values: Map<string, string>;
  readonly sections: Map<string, Open>;
  readonly bases: readonly string[];
}

/**
 * Reads the part of strongSwan's settings syntax that swanctl.conf files of ours use: `name : base { ... }`, one
 * setting a line, comments. References to other sections are resolved, nearest setting first.
 * @returns undefined where the text is something else: unbalanced or unknown lines
 */
export function parseSwanctl(text: string): Section | undefined {
  const root: Open = { values: new Map(), sections: new Map(), bases: [] };
  const stack: Open[] = [root];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const top = stack.at(-1);
    if (!top) return undefined;
    if (line === '' || line.startsWith('#')) continue;
    if (line === '}') {
      stack.pop();
      if (stack.length === 0) return undefined;
    } else if (line.endsWith('{')) {
      const [name = '', bases = ''] = line.slice(0, -1).split(' : ');
      const opened: Open = { values: new Map(), sections: new Map(), bases: bases.split(',').flatMap((base) => (base.trim() === '' ? [] : [base.trim()])) };
      top.sections.set(name.trim(), opened);
      stack.push(opened);
    } else {
      const equals = line.indexOf('=');
      if (equals < 0) return undefined;
      top.values.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
    }
  }
  return stack.length === 1 ? resolve([root], root, 0) : undefined;
}

/** Merges the same section of several layers, the first winning, with the bases each layer names. */
function resolve(layers: readonly Open[], root: Open, depth: number): Section {
  const all: Open[] = [];
  const collect = (layer: Open, level: number): void => {
    all.push(layer);
    if (level > 8) return;
    for (const base of layer.bases) {
      const found = root.sections.get(base);
      if (found) collect(found, level + 1);
    }
  };
  for (const layer of layers) collect(layer, depth);
  const values = new Map<string, string>();
  const names = new Set<string>();
  for (const layer of all) {
    for (const [name, value] of layer.values) if (!values.has(name)) values.set(name, value);
    for (const name of layer.sections.keys()) names.add(name);
  }
  const sections = new Map<string, Section>();
  for (const name of names) {
    sections.set(
      name,
      resolve(
        all.flatMap((layer) => layer.sections.get(name) ?? []),
        root,
        depth,
      ),
    );
  }
  return { values, sections };
}

/** One interface of a wg-quick file. */
export interface WireguardConfiguration {
  readonly interface: ReadonlyMap<string, string>;
  readonly peers: readonly ReadonlyMap<string, string>[];
}

/** Reads a wg-quick file; undefined where a line is neither section nor setting. */
export function parseWireguard(text: string): WireguardConfiguration | undefined {
  const own = new Map<string, string>();
  const peers: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line === '[Interface]') current = own;
    else if (line === '[Peer]') {
      current = new Map<string, string>();
      peers.push(current);
    } else {
      const equals = line.indexOf('=');
      if (equals < 0 || !current) return undefined;
      current.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
    }
  }
  return { interface: own, peers };
}
