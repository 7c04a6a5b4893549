import * as fs from 'node:fs';
import { isFault, readPrefix } from '../read.ts';
import { grownColumn, PrefixBuffer, type PrefixColumns } from './columns.ts';
import { ByteNames } from './names.ts';
import { PrefixScanner } from './scan.ts';

const LF = 10;
const CR = 13;
const COMMA = 44;
const chunkBytes = 1 << 20;
/** A longer line is refused unread. */
const longestLine = 1 << 16;
/** No more rows than these are made room for before they are seen. */
const mostReserved = 1 << 24;

/** The prefixes of one family of a file, with the line each stands in and the numbers of its domain and owner. */
export interface FileColumns extends PrefixColumns {
  /** 1-based. */
  readonly line: Uint32Array;
  readonly domain: Uint32Array;
  readonly owner: Uint32Array;
}

/** A line that was refused. */
export interface InvalidLine {
  /** 1-based. */
  readonly line: number;
  readonly reason: string;
  /** What to write instead, where it can be told. */
  readonly corrected?: string | undefined;
}

/** What a file of prefixes holds. */
export interface PrefixFile {
  readonly lines: number;
  readonly v4: FileColumns;
  readonly v6: FileColumns;
  readonly invalid: readonly InvalidLine[];
  /** Names by number; 0 is the empty one, for lines that name none. */
  readonly domains: ByteNames;
  readonly owners: ByteNames;
}

class FileBuffer extends PrefixBuffer implements FileColumns {
  line = new Uint32Array(0);
  domain = new Uint32Array(0);
  owner = new Uint32Array(0);

  add(scanner: PrefixScanner, line: number, domain: number, owner: number): void {
    const at = this.size;
    this.push(scanner.a, scanner.b, scanner.c, scanner.d, scanner.length);
    if (at >= this.line.length) this.#widen();
    this.line[at] = line;
    this.domain[at] = domain;
    this.owner[at] = owner;
  }

  #widen(): void {
    this.line = grownColumn(this.line, this.length.length);
    this.domain = grownColumn(this.domain, this.length.length);
    this.owner = grownColumn(this.owner, this.length.length);
  }
}

/** Takes bytes of a file of prefixes in pieces. */
class PrefixReader implements PrefixFile {
  lines = 0;
  readonly v4 = new FileBuffer('v4', 1024);
  readonly v6 = new FileBuffer('v6', 1024);
  readonly invalid: InvalidLine[] = [];
  readonly domains = new ByteNames();
  readonly owners = new ByteNames();
  readonly #scanner = new PrefixScanner();

  /** Makes room for as many rows as there will be if all the bytes are like the first `taken`: growing later costs a copy each time. */
  expect(taken: number, bytes: number): void {
    for (const buffer of [this.v4, this.v6]) buffer.reserve(Math.min(mostReserved, Math.ceil((buffer.size / taken) * bytes * 1.02)));
  }

  /** Reads the whole lines of `bytes[from, end)`, where `bytes[end - 1]` is a line feed. */
  take(bytes: Uint8Array, from: number, end: number): void {
    const scanner = this.#scanner;
    let at = from;
    while (at < end) {
      const start = at;
      this.lines++;
      let domain = 0;
      let owner = 0;
      at = scanner.scan(bytes, start);
      if (at >= 0 && bytes[at] === COMMA) {
        const from = at + 1;
        at = endOfName(bytes, from);
        if (at >= 0) {
          domain = this.domains.number(bytes, from, at);
          if (bytes[at] === COMMA) {
            const from = at + 1;
            at = endOfName(bytes, from);
            if (at >= 0) owner = this.owners.number(bytes, from, at);
          }
        }
      }
      if (at >= 0 && bytes[at] === CR) at++;
      if (at >= 0 && bytes[at] === LF) (scanner.wide ? this.v6 : this.v4).add(scanner, this.lines, domain, owner);
      else {
        at = bytes.indexOf(LF, start);
        this.#refuse(bytes, start, at);
      }
      at++;
    }
  }

  /** Counts a line too long to be one. */
  refuseLong(): void {
    this.lines++;
    this.invalid.push({ line: this.lines, reason: `the line is longer than ${longestLine} bytes` });
  }

  #refuse(bytes: Uint8Array, start: number, lineFeed: number): void {
    const end = lineFeed > start && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
    const { reason, corrected } = faultOf(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
    this.invalid.push({ line: this.lines, reason, corrected });
  }
}

/** Why a line is not `prefix[,domain[,owner]]`. */
function faultOf(line: string): Omit<InvalidLine, 'line'> {
  if (line === '') return { reason: 'the line is empty' };
  const [prefix = '', ...names] = line.split(',');
  const read = readPrefix(prefix);
  if (isFault(read)) {
    const shown = prefix.length > 80 ? `${prefix.slice(0, 80)}...` : prefix;
    return { reason: `${JSON.stringify(shown)}: ${read.fault}`, corrected: read.corrected };
  }
  if (names.length > 2) return { reason: `it has ${names.length + 1} fields; a line is prefix, domain, owner` };
  const wrong = names.find((name) => /^[ "]| $|[\0-\x1f\x7f]/u.test(name));
  if (wrong !== undefined) return { reason: `${JSON.stringify(wrong)} has a blank at an end, a quote at its beginning or a control character` };
  throw new Error(`line ${JSON.stringify(line)} is refused by one parser and accepted by the other`);
}

/** The end of a name that begins at `from`: at a comma or the end of the line; -1 for one that is refused. */
function endOfName(bytes: Uint8Array, from: number): number {
  let at = from;
  let byte = bytes[at] ?? 0;
  if (byte === 32 || byte === 34) return -1;
  while (byte >= 32 && byte !== COMMA && byte !== 127) byte = bytes[++at] ?? 0;
  if (byte !== COMMA && byte !== LF && !(byte === CR && bytes[at + 1] === LF)) return -1;
  return at > from && bytes[at - 1] === 32 ? -1 : at;
}

/** Reads a file of prefixes that lies in memory; see {@link readPrefixFile}. */
export function readPrefixBytes(bytes: Uint8Array): PrefixFile {
  let at = 0;
  return readPieces(bytes.length, (buffer, from) => {
    const piece = bytes.subarray(at, at + buffer.length - from);
    buffer.set(piece, from);
    at += piece.length;
    return piece.length;
  });
}

/**
 * Reads a file of prefixes: one a line as `prefix[,domain[,owner]]`, UTF-8, LF or CRLF, read in pieces of 1 MiB. Names are taken as
 * they stand, no quotes. A byte order mark at the beginning is passed over.
 * @param file a path, or an open file descriptor (0 is standard input)
 */
export function readPrefixFile(file: string | number): PrefixFile {
  const descriptor = typeof file === 'number' ? file : fs.openSync(file, 'r');
  try {
    return readPieces(fs.fstatSync(descriptor).size, (buffer, from) => fs.readSync(descriptor, buffer, from, buffer.length - from, null));
  } finally {
    if (typeof file !== 'number') fs.closeSync(descriptor);
  }
}

/**
 * `fill` writes bytes into the buffer from a position on and says how many; 0 at the end.
 * @param size bytes in all, as far as known; 0 for a stream
 */
function readPieces(size: number, fill: (buffer: Uint8Array, from: number) => number): PrefixFile {
  const reader = new PrefixReader();
  // One byte more, for the line feed the last line may lack.
  const whole = new Uint8Array(chunkBytes + 1);
  const buffer = whole.subarray(0, chunkBytes);
  let held = 0;
  let begun = false;
  /** Whether the line that is read was too long and is passed over. */
  let long = false;
  for (;;) {
    const got = fill(buffer, held);
    let end = held + got;
    let from = 0;
    if (!begun && (end >= 3 || got === 0)) {
      begun = true;
      if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) from = 3;
    }
    if (got === 0) {
      if (long) reader.refuseLong();
      else if (end > from) {
        // Fewer bytes than a byte order mark are still held back here, line feed and all.
        if (whole[end - 1] !== LF) whole[end++] = LF;
        reader.take(whole, from, end);
      }
      return reader;
    }
    if (!begun) {
      held = end;
      continue;
    }
    if (long) {
      const feed = buffer.subarray(0, end).indexOf(LF);
      if (feed < 0) {
        held = 0;
        continue;
      }
      reader.refuseLong();
      long = false;
      from = feed + 1;
    }
    const last = buffer.subarray(0, end).lastIndexOf(LF) + 1;
    if (last > from) {
      const first = reader.lines === 0;
      reader.take(buffer, from, last);
      if (first && size > last) reader.expect(last, size);
      from = last;
    }
    held = end - from;
    if (held > longestLine) {
      long = true;
      held = 0;
    } else buffer.copyWithin(0, from, end);
  }
}
