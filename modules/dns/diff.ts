import * as path from 'node:path';
import { compareCodeUnits, listFiles, readTextIfPresent } from '../core/index.ts';
import { zoneFile } from './render.ts';
import type { ZoneSet } from './types.ts';

/** One zone whose records differ from those rendered before. Records are lines of the zone file. */
export interface ZoneChange {
  readonly zone: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What rendering would change below `out/dns/`. */
export interface ZoneDiff {
  /** Zones that are new, and zones that are gone. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly change: readonly ZoneChange[];
  readonly unchanged: number;
  /** Other files (server configuration, catalogue) that differ. */
  readonly files: readonly string[];
}

/** Compares planned zones with those lying in `folder` (usually `out/dns`). Reads only. */
export function diffZones(set: ZoneSet, folder: string): ZoneDiff {
  const add: string[] = [];
  const change: ZoneChange[] = [];
  const files: string[] = [];
  let unchanged = 0;
  const byFile = new Map(set.zones.map(({ name }) => [zoneFile(name), name]));
  const present = new Set(listFiles(folder));
  for (const [file, text] of set.files) {
    const before = present.has(file) ? readTextIfPresent(path.join(folder, file)) : undefined;
    present.delete(file);
    const zone = byFile.get(file);
    if (zone === undefined) {
      if (before !== text) files.push(file);
    } else if (before === undefined) add.push(zone);
    else if (before === text) unchanged++;
    else change.push(zoneChange(zone, before, text));
  }
  const remove: string[] = [];
  for (const file of present) {
    if (file.startsWith('zones/') && file.endsWith('.zone')) remove.push(`${file.slice('zones/'.length, -'.zone'.length)}.`);
    else files.push(file);
  }
  return {
    add: add.sort(compareCodeUnits),
    remove: remove.sort(compareCodeUnits),
    change: change.sort((a, b) => compareCodeUnits(a.zone, b.zone)),
    unchanged,
    files: files.sort(compareCodeUnits),
  };
}

function zoneChange(zone: string, before: string, after: string): ZoneChange {
  const old = lines(before);
  const now = lines(after);
  return { zone, added: [...now].filter((line) => !old.has(line)), removed: [...old].filter((line) => !now.has(line)) };
}

function lines(text: string): Set<string> {
  return new Set(text.split('\n').filter((line) => line !== ''));
}
