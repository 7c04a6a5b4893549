import { fail, isObject, type Json } from '../../core/index.ts';
import { contains, isFault, parsePrefix, readAddress, readPrefix, reverseZoneNames, type Prefix } from '../../network/index.ts';
import type { ZoneSet } from '../../dns/types.ts';
import type { OverlaySet } from '../../vpn/types.ts';
import type { InventoryRecord } from '../types.ts';
import type { BundleContent } from './attachments.ts';
import { reversePrefix } from './blocks.ts';

/** An address or a prefix inside of a text; whether it is one is for the strict parser to say. */
const addressText =
  /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?!\.?\d)|(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:\/\d{1,3})?(?![0-9A-Za-z:])/gu;
const reverseText = /[0-9A-Za-z.\-/]+\.(?:in-addr|ip6)\.arpa\.?/gu;

/** Blocks of which a bundle says how full they are and nothing that lies in them. */
export class WithheldBlocks {
  readonly #blocks: readonly { readonly prefix: Prefix; readonly text: string; readonly zones: ReadonlySet<string> }[];

  constructor(blocks: readonly string[]) {
    this.#blocks = [...new Set(blocks)].map((text) => {
      const prefix = parsePrefix(text);
      return { prefix, text, zones: new Set(reverseZoneNames(prefix)) };
    });
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** The block a prefix or address lies in, its own text excepted. */
  around(text: string): string | undefined {
    const read = text.includes('/') ? readPrefix(text) : readAddress(text);
    if (isFault(read)) return undefined;
    const prefix: Prefix = 'length' in read ? (read as Prefix) : parsePrefix(`${text}/${read.family === 'v4' ? 32 : 128}`);
    return this.#blocks.find((block) => block.text !== text && contains(block.prefix, prefix))?.text;
  }

  /** Whether a reverse zone tells of something in a block that is not needed to delegate the block itself. */
  hidesZone(name: string): boolean {
    const absolute = name.endsWith('.') ? name : `${name}.`;
    const text = reversePrefix(absolute);
    if (text === undefined) return false;
    const prefix = readPrefix(text);
    return !isFault(prefix) && this.#blocks.some((block) => contains(block.prefix, prefix) && !block.zones.has(absolute));
  }

  /** A text in which whatever lies in a block is replaced by the block. */
  blunt(text: string): string {
    return text.replace(addressText, (found) => this.around(found) ?? found);
  }

  /** The first thing in a text that lies in a block. */
  leak(text: string): string | undefined {
    for (const [found] of text.matchAll(addressText)) if (this.around(found) !== undefined) return found;
    for (const [found] of text.matchAll(reverseText)) if (this.hidesZone(found)) return found;
    return undefined;
  }
}

/**
 * What a bundle may say where its member shows no detail: prefixes and reverse zones inside the blocks are left out, and wherever
 * else an address of theirs is named, the block stands in its place.
 */
export function withoutDetail<C extends BundleContent>(content: C, blocks: WithheldBlocks): C {
  if (blocks.isEmpty) return content;
  return {
    ...content,
    records: bluntRecords(content.records, blocks),
    zones: content.zones && bluntZones(content.zones, blocks),
    overlays: content.overlays && bluntOverlays(content.overlays, blocks),
    audit: content.audit && {
      ...content.audit,
      findings: content.audit.findings.map((finding) => ({
        ...finding,
        message: { vi: blocks.blunt(finding.message.vi), en: blocks.blunt(finding.message.en) },
      })),
    },
  };
}

function bluntRecords(records: readonly InventoryRecord[], blocks: WithheldBlocks): InventoryRecord[] {
  const hidden = (record: InventoryRecord): boolean => {
    const { prefix, name } = record.attributes;
    if (record.kind === 'prefix') return typeof prefix === 'string' && blocks.around(prefix) !== undefined;
    return record.kind === 'zone' && typeof name === 'string' && blocks.hidesZone(name);
  };
  const gone = new Set(records.filter(hidden).map(({ urn }) => urn));
  return records
    .filter(({ urn }) => !gone.has(urn))
    .map((record) => ({
      ...record,
      names: { vi: blocks.blunt(record.names.vi), en: blocks.blunt(record.names.en) },
      relations: record.relations.filter(({ to }) => !gone.has(to)),
      attributes: bluntJson(record.attributes, blocks) as InventoryRecord['attributes'],
    }));
}

function bluntJson(value: Json | undefined, blocks: WithheldBlocks): Json | undefined {
  if (typeof value === 'string') return blocks.blunt(value);
  if (Array.isArray(value)) return value.map((item) => bluntJson(item as Json, blocks) as Json);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bluntJson(item, blocks)])) as Json;
}

function bluntZones(set: ZoneSet, blocks: WithheldBlocks): ZoneSet {
  return { ...set, zones: set.zones.filter(({ name }) => !blocks.hidesZone(name)) };
}

function bluntOverlays(set: OverlaySet, blocks: WithheldBlocks): OverlaySet {
  return {
    ...set,
    overlays: set.overlays.map((overlay) => ({
      ...overlay,
      nodes: overlay.nodes.map((node) => ({
        ...node,
        prefixes: [...new Set(node.prefixes.map((prefix) => blocks.blunt(prefix)))],
        // Nobody outside can call an address of a block that is not shown.
        endpoints: node.endpoints.filter((endpoint) => blocks.leak(endpoint) === undefined),
      })),
    })),
  };
}

/**
 * The last look before anything is signed, at the very lines: nothing in them may lie in a withheld block. Glue stays: a
 * parent cannot delegate a zone without it, and publishes it.
 * @throws ProblemError BUNDLE-DETAIL
 */
export function refuseDetail(lines: ReadonlyMap<string, readonly string[]>, prefixes: readonly string[], blocks: WithheldBlocks): void {
  if (blocks.isEmpty) return;
  const check = (text: string, where: string): void => {
    const found = blocks.leak(text);
    if (found === undefined) return;
    fail('BUNDLE-DETAIL', `${where} would show ${found}, but this member shows the centre no more than how full its blocks are`, {
      file: 'vcloud.yaml',
      hint: 'write `bundle: { detail: full }` if the centre may see it; nothing was written',
    });
  };
  prefixes.forEach((prefix) => check(prefix, 'the manifest'));
  for (const [name, list] of lines) {
    list.forEach((line, index) => {
      const text = name === 'zones.ndjson' ? JSON.stringify({ ...(JSON.parse(line) as object), glue: undefined }) : line;
      check(text, `${name}, line ${index + 1},`);
    });
  }
}
