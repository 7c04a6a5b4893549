import { compareCodeUnits, type Problems } from '../core/index.ts';
import type { Appliance, Federation, Rack, Server } from './model.ts';

type Mounted = { readonly what: string; readonly item: Server | Appliance };

/**
 * Checks what is stated of racks and what stands in them: dates in order, one serial once in a member, a rack of the same
 * site, units that exist and are free for the time both are there, and no more power than the rack is fed with. Problems:
 * FED-DATES, FED-SERIAL, FED-RACK-SITE, FED-RACK-UNIT, FED-RACK-OVERLAP, FED-RACK-POWER.
 */
export function checkEquipment(federation: Federation, problems: Problems): void {
  const mounted: Mounted[] = [
    ...[...federation.servers.values()].map((item) => ({ what: 'server', item })),
    ...[...federation.appliances.values()].map((item) => ({ what: 'appliance', item })),
  ];
  const all = [...[...federation.racks.values()].map((item) => ({ what: 'rack', item })), ...mounted];
  for (const { what, item } of all) checkDates(what, item, problems);
  checkSerials(all, problems);
  const inRack = new Map<string, Mounted[]>();
  for (const entry of mounted) {
    const { item, what } = entry;
    const rack = federation.racks.get(item.rack ?? '');
    if (item.rack === undefined && item.unit !== undefined)
      problems.error('FED-RACK-UNIT', `${what} "${item.id}" has a unit but no rack`, { ...item.place, hint: 'name its rack, or leave the unit out' });
    if (!rack) continue;
    if (rack.site !== item.site)
      problems.error('FED-RACK-SITE', `${what} "${item.id}" stands at site "${item.site}", its rack "${rack.id}" at "${rack.site}"`, {
        ...item.place,
        hint: 'one of the two is wrong',
      });
    const list = inRack.get(rack.id);
    if (list) list.push(entry);
    else inRack.set(rack.id, [entry]);
  }
  for (const [id, list] of inRack) {
    const rack = federation.racks.get(id);
    if (rack) checkRack(rack, list, federation.asOf, problems);
  }
}

function checkDates(what: string, item: Rack | Server | Appliance, problems: Problems): void {
  const dates = (['received', 'commissioned', 'retired'] as const).flatMap((name) => (item[name] === undefined ? [] : [{ name, date: item[name] }]));
  dates.slice(1).forEach(({ name, date }, index) => {
    const before = dates[index];
    if (before && compareCodeUnits(date, before.date) < 0)
      problems.error('FED-DATES', `${what} "${item.id}" is ${name} on ${date}, before it is ${before.name} on ${before.date}`, {
        ...item.place,
        hint: 'received, commissioned and retired follow each other',
      });
  });
}

function checkSerials(all: readonly { readonly what: string; readonly item: Rack | Server | Appliance }[], problems: Problems): void {
  const first = new Map<string, { what: string; item: Rack | Server | Appliance }>();
  for (const { what, item } of all) {
    if (item.serial === undefined) continue;
    const serial = item.serial.trim().toUpperCase();
    const known = first.get(serial);
    if (known)
      problems.error(
        'FED-SERIAL',
        `${what} "${item.id}" has serial ${item.serial}, as ${known.what} "${known.item.id}" at ${known.item.place.file}:${known.item.place.line ?? 1}`,
        { ...item.place, hint: 'a serial is one thing: read it off the label again, or remove the record of a thing listed twice' },
      );
    else first.set(serial, { what, item });
  }
}

function checkRack(rack: Rack, list: readonly Mounted[], asOf: string, problems: Problems): void {
  const placed = list.flatMap(({ what, item }) => (item.unit === undefined ? [] : [{ what, item, from: item.unit, to: item.unit + (item.height ?? 1) - 1 }]));
  placed.sort((one, other) => one.from - other.from || compareCodeUnits(one.item.id, other.item.id));
  placed.forEach(({ what, item, from, to }, index) => {
    if (rack.units !== undefined && to > rack.units)
      problems.error('FED-RACK-UNIT', `${what} "${item.id}" fills units ${from} to ${to} of rack "${rack.id}", which has ${rack.units}`, {
        ...item.place,
        hint: 'units are counted from 1 at the bottom',
      });
    for (const other of placed.slice(index + 1)) {
      if (other.from > to) break;
      if (!together(item, other.item)) continue;
      problems.error(
        'FED-RACK-OVERLAP',
        `${other.what} "${other.item.id}" (units ${other.from} to ${other.to}) and ${what} "${item.id}" (${from} to ${to}, ${item.place.file}:${item.place.line ?? 1}) overlap in rack "${rack.id}"`,
        { ...other.item.place, hint: 'correct `unit` or `height`; what is gone has a `retired` date' },
      );
    }
  });
  const drawn = list.reduce((sum, { item }) => sum + (item.retired !== undefined && item.retired <= asOf ? 0 : (item.watts ?? 0)), 0);
  if (rack.watts !== undefined && drawn > rack.watts)
    problems.error('FED-RACK-POWER', `what stands in rack "${rack.id}" draws ${drawn} W, it is fed with ${rack.watts} W`, {
      ...rack.place,
      hint: 'correct `watts`, or move something',
    });
}

/** Whether there is a day on which both are there; a date that is not stated limits nothing. */
function together(one: Server | Appliance, other: Server | Appliance): boolean {
  const from = (item: Server | Appliance): string => item.received ?? item.commissioned ?? '';
  const until = (item: Server | Appliance): string => item.retired ?? '9999-12-31';
  return from(one) < until(other) && from(other) < until(one);
}
