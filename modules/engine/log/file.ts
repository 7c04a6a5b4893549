import * as fs from 'node:fs';
import { hostname, userInfo } from 'node:os';
import * as path from 'node:path';
import {
  API_VERSION,
  canonicalJson,
  fail,
  isNewer,
  isObject,
  privateFolder,
  problem,
  ProblemError,
  readTextIfPresent,
  refuseNewer,
  sha256,
  writeFileAtomic,
  type Problem,
} from '../../core/index.ts';
import { checkLog, emptyHead, formatEntry, parseEntry, type Actor, type LogCheck, type LogEvent, type LogHead } from './chain.ts';

/** The log, and the file its head is kept in beside it, relative to the federation's folder. */
export const logPath = '.vcloud/log.ndjson';
const headPath = '.vcloud/log.head.json';

/** The account and machine this process runs as. */
export function currentActor(): Actor {
  let name = '';
  try {
    name = userInfo().username;
  } catch {
    // An account the machine has no name for, as in many containers.
  }
  return { user: `${name === '' ? `uid:${process.getuid?.() ?? 'unknown'}` : name}@${hostname()}` };
}

/**
 * Adds an entry that survives a crash of this process and of the machine. Half a line a crash left is cut off first and
 * noted. On a log that is not the one its head was kept of (cut off, rewritten, removed) the entry is added too, because a
 * refusal must stand somewhere; but the head stays, so that the log stays broken until somebody has it put aside.
 * To be called under the write lock. Returns the head of what lies there now.
 * @throws ProblemError ENGINE-LOG-BROKEN when the last entry cannot be read: nothing may be chained to it.
 */
export function appendLog(root: string, event: LogEvent, now: () => string = () => new Date().toISOString()): LogHead {
  privateFolder(root);
  const descriptor = fs.openSync(path.join(root, logPath), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  try {
    const bytes = fs.readFileSync(descriptor);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const rest = bytes.subarray(end);
    let head = headOf(bytes.subarray(0, end));
    let text = '';
    let position = end;
    const add = (what: LogEvent): void => {
      const line = formatEntry(head, now(), what);
      text += `${line}\n`;
      head = { entries: head.entries + 1, head: sha256(line) };
    };
    if (rest.length > 0) {
      const whole = parseEntry(rest.toString('utf8'));
      if (whole?.sequence === head.entries + 1 && whole.previous === (head.entries === 0 ? null : head.head)) {
        // Only its line break is missing.
        position = bytes.length;
        text = '\n';
        head = { entries: head.entries + 1, head: sha256(rest) };
      } else {
        fs.ftruncateSync(descriptor, end);
        add({ event: 'mended', by: event.by, details: { bytes: rest.length, sha256: sha256(rest) } });
      }
    }
    const known = readHead(root).every((anchor) => isIn(anchor, position === end ? bytes.subarray(0, end) : Buffer.concat([bytes, Buffer.from('\n')])));
    add(event);
    fs.writeSync(descriptor, text, position);
    fs.fsyncSync(descriptor);
    if (known) writeHead(root, head);
    return head;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether a log of these whole lines goes through a head. A crash between an entry and its head leaves the head one behind. */
function isIn(anchor: LogHead, bytes: Buffer): boolean {
  if (anchor.entries === 0) return true;
  const line = bytes.toString('utf8').split('\n').slice(0, -1)[anchor.entries - 1];
  return line !== undefined && sha256(line) === anchor.head;
}

function headOf(bytes: Buffer): LogHead {
  if (bytes.length === 0) return emptyHead;
  const start = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  const line = bytes.subarray(start, bytes.length - 1).toString('utf8');
  const entry = parseEntry(line);
  if (entry === undefined) {
    fail('ENGINE-LOG-BROKEN', 'the last entry of the log is not as the toolkit wrote it', { file: logPath, hint: brokenHint });
  }
  return { entries: entry.sequence, head: sha256(line) };
}

function writeHead(root: string, head: LogHead): void {
  writeFileAtomic(path.join(root, headPath), `${canonicalJson({ apiVersion: API_VERSION, kind: 'LogHead', ...head }, 2)}\n`, { mode: 0o600 });
}

const brokenHint =
  'find out who changed it ("vcloud log verify" names the first entry); when that is settled, "vcloud log restart --reason TEXT" puts it aside and begins a new one';

/** Checks the log as it lies there, also against the head kept beside it and heads kept elsewhere. */
export function verifyLog(root: string, anchors: readonly (LogHead & { readonly from: string })[] = []): LogCheck & { readonly present: boolean } {
  const text = readTextIfPresent(path.join(root, logPath));
  for (const [, version] of (text ?? '').matchAll(/"apiVersion":"(vcloud\/v(?!1")\d+)"/gu)) refuseNewer(version, 'LogEntry', { file: logPath });
  const own = readHead(root);
  return { present: text !== undefined || own.length > 0, ...checkLog(text ?? '', [...own, ...anchors]) };
}

function readHead(root: string): (LogHead & { from: string })[] {
  const text = readTextIfPresent(path.join(root, headPath));
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isNewer(value['apiVersion'], value['kind'])) refuseNewer(value['apiVersion'], value['kind'], { file: headPath });
    if (isObject(value) && typeof value['entries'] === 'number' && typeof value['head'] === 'string') {
      return [{ entries: value['entries'], head: value['head'], from: headPath }];
    }
  } catch (error) {
    // Anything else is told below.
    if (error instanceof ProblemError) throw error;
  }
  return [{ entries: Number.MAX_SAFE_INTEGER, head: '', from: `${headPath} (unreadable)` }];
}

/** What is to be said of a log's check: an error where it is broken, a warning where a crash cut a line off. */
export function logProblems(check: LogCheck): Problem[] {
  const { broken, torn } = check;
  if (broken !== undefined) {
    return [
      problem('ENGINE-LOG-BROKEN', `the log is not what was written: entry ${broken.entry} ${words[broken.what]} (${broken.why})`, {
        file: logPath,
        line: broken.entry,
        hint: brokenHint,
      }),
    ];
  }
  if (torn === undefined) return [];
  const message = `a crash cut the last line off (${torn.bytes} bytes); nothing before it is missing`;
  return [problem('ENGINE-LOG-TORN', message, { severity: 'warning', file: logPath, hint: 'the next entry mends it and says so' })];
}

const words = {
  edited: 'was edited',
  removed: 'was removed',
  inserted: 'was inserted',
  reordered: 'was moved',
  truncated: 'was cut off',
  rewritten: 'was rewritten',
} as const;

/**
 * Puts a log aside under a name that says what it is, and begins a new one whose first entry holds its digest. Where only
 * the head is left of it, because somebody removed the rest, that is put aside.
 * Returns the path it was put to, relative to the federation's folder. To be called under the write lock.
 * @throws ProblemError ENGINE-LOG-ABSENT
 */
export function restartLog(root: string, reason: string, by: Actor, now?: () => string): { readonly aside: string; readonly head: LogHead } {
  const [text, kept] = [readTextIfPresent(path.join(root, logPath)), readTextIfPresent(path.join(root, headPath))];
  const left = text ?? kept;
  if (left === undefined) fail('ENGINE-LOG-ABSENT', 'there is no log here', { file: logPath });
  const digest = sha256(left);
  const name = `.vcloud/log.${digest.slice(0, 16)}`;
  const [log, head] = [`${name}.ndjson`, `${name}.head.json`];
  // The head goes last: should this be cut off, what is left is still no whole log.
  if (text !== undefined) fs.renameSync(path.join(root, logPath), path.join(root, log));
  if (kept !== undefined) fs.renameSync(path.join(root, headPath), path.join(root, head));
  const aside = text === undefined ? head : log;
  const details = { reason, aside, sha256: digest, ...(kept === undefined ? {} : { head: sha256(kept) }) };
  return { aside, head: appendLog(root, { event: 'restart', by, details }, now) };
}
