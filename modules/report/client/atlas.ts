import { arc, isolated, projectionFor, type Point, type Projection } from './geography.ts';
import { amount, cell, type Model } from './model.ts';
import type { Row } from './packed.ts';

/** Something with a name that stands on the map. */
export interface Marker {
  readonly kind: 'agency' | 'hub' | 'centre' | 'site';
  /** Organisation id of an agency, ids of the sites of the others: several may share a building. */
  readonly ids: readonly string[];
  readonly point: Point;
  /** Units below an agency. */
  readonly weight: number;
}

/** A line between two places; several connections may run along it. */
export interface Line {
  readonly layer: 'link' | 'tunnel';
  readonly path: string;
  readonly count: number;
}

/** What the map draws, in the map's own units. */
export interface Atlas {
  readonly projection: Projection;
  /** Lowest located units: id, place, and whether it is far from all others. */
  readonly dots: readonly { readonly id: string; readonly parent: string; readonly point: Point; readonly alone: boolean }[];
  readonly markers: readonly Marker[];
  readonly lines: readonly Line[];
}

/** Farther than this from the next unit, an island gets its name on the map. Thousandths of a degree. */
const alone = 700;

/**
 * Places everything that has coordinates. An organisation with located units below it is a circle, one without is a
 * dot, whatever the levels are called: the map knows no country.
 */
export function atlasOf(model: Model): Atlas {
  const located = [...model.organisations.values()].filter((row) => amount(row, 'lat') !== undefined);
  const ids = new Set(located.map((row) => cell(row, 'id')));
  const units = new Map<string, number>();
  for (const row of located) {
    const parent = cell(row, 'parent');
    if (ids.has(parent)) units.set(parent, (units.get(parent) ?? 0) + 1);
  }
  const sites = [...model.sites.values()].filter((row) => placeOf(model, row) !== undefined);
  const places = [...located, ...sites].map((row) => placeOf(model, row)).filter((place) => place !== undefined);
  const projection = projectionFor(places);
  const at = (row: Row): Point => {
    const place = placeOf(model, row);
    return place ? projection.project(place.lat, place.lon) : { x: 0, y: 0 };
  };
  const small = located.filter((row) => !units.has(cell(row, 'id')) && ids.has(cell(row, 'parent')));
  const points = small.map(at);
  const lonely = new Set(isolated(points, alone));
  const agencies = located
    .filter((row) => units.has(cell(row, 'id')) || !ids.has(cell(row, 'parent')))
    .map((row): Marker => ({ kind: 'agency', ids: [cell(row, 'id')], point: at(row), weight: units.get(cell(row, 'id')) ?? 0 }));
  return {
    projection,
    dots: small.map((row, index) => ({ id: cell(row, 'id'), parent: cell(row, 'parent'), point: points[index] ?? { x: 0, y: 0 }, alone: lonely.has(index) })),
    markers: [...agencies, ...siteMarkers(model, sites, at)],
    lines: linesOf(model, at),
  };
}

/** Where a site or organisation stands; a site without coordinates stands where its owner does. */
function placeOf(model: Model, row: Row | undefined): { lat: number; lon: number } | undefined {
  if (!row) return undefined;
  const lat = amount(row, 'lat');
  const lon = amount(row, 'lon');
  if (lat !== undefined && lon !== undefined) return { lat, lon };
  const owner = cell(row, 'owner');
  return owner === '' ? undefined : placeOf(model, model.organisations.get(owner));
}

function siteMarkers(model: Model, sites: readonly Row[], at: (row: Row) => Point): Marker[] {
  const buildings = new Map<string, { point: Point; rows: Row[] }>();
  for (const row of sites) {
    const point = at(row);
    const key = `${point.x} ${point.y}`;
    const building = buildings.get(key);
    if (building) building.rows.push(row);
    else buildings.set(key, { point, rows: [row] });
  }
  return [...buildings.values()].map(({ point, rows }) => ({
    kind: rows.some((row) => ['hub', 'regional'].includes(cell(row, 'role'))) ? 'hub' : rows.some((row) => cell(row, 'clouds') !== '') ? 'centre' : 'site',
    ids: rows.map((row) => cell(row, 'id')),
    point,
    weight: rows.length,
  }));
}

/** One line per pair of places and layer; connections inside one building are not drawn. */
function linesOf(model: Model, at: (row: Row) => Point): Line[] {
  const lines = new Map<string, { layer: 'link' | 'tunnel'; path: string; count: number }>();
  for (const row of model.connections) {
    const [from, to] = ['from', 'to'].map((end) => {
      const place = model.sites.get(cell(row, end)) ?? model.organisations.get(cell(row, end));
      return place && placeOf(model, place) ? at(place) : undefined;
    });
    if (!from || !to || (from.x === to.x && from.y === to.y)) continue;
    const layer = cell(row, 'layer') === 'tunnel' ? 'tunnel' : 'link';
    const path = arc(from, to);
    const key = `${layer} ${path}`;
    const line = lines.get(key);
    if (line) line.count++;
    else lines.set(key, { layer, path, count: 1 });
  }
  return [...lines.values()];
}
