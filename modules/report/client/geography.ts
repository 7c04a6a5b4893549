/** A place on the drawing: x to the east, y to the south, in thousandths of a degree of latitude. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A projection and the frame of everything it was made for. */
export interface Projection {
  readonly project: (lat: number, lon: number) => Point;
  readonly width: number;
  readonly height: number;
}

const unitsPerDegree = 1000;

/**
 * Equirectangular, true to scale at the middle latitude: over fifteen degrees that is off by less than two per cent,
 * which a dot map does not show. `margin` is in degrees.
 */
export function projectionFor(places: readonly { readonly lat: number; readonly lon: number }[], margin = 0.4): Projection {
  const lats = places.map(({ lat }) => lat);
  const lons = places.map(({ lon }) => lon);
  const [south, north] = [least(lats, 0) - margin, most(lats, 1) + margin];
  const [west, east] = [least(lons, 0) - margin, most(lons, 1) + margin];
  const narrow = Math.cos(((south + north) / 2) * (Math.PI / 180));
  return {
    project: (lat, lon) => ({ x: Math.round((lon - west) * narrow * unitsPerDegree), y: Math.round((north - lat) * unitsPerDegree) }),
    width: Math.round((east - west) * narrow * unitsPerDegree),
    height: Math.round((north - south) * unitsPerDegree),
  };
}

function least(values: readonly number[], none: number): number {
  return values.length === 0 ? none : values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[], none: number): number {
  return values.length === 0 ? none : values.reduce((a, b) => Math.max(a, b));
}

/** Indexes of the points farther than `distance` from every other: islands nobody would find without a label. */
export function isolated(points: readonly Point[], distance: number): number[] {
  const cells = new Map<string, number[]>();
  const cell = ({ x, y }: Point): [number, number] => [Math.floor(x / distance), Math.floor(y / distance)];
  points.forEach((point, index) => {
    const key = cell(point).join(' ');
    const list = cells.get(key);
    if (list) list.push(index);
    else cells.set(key, [index]);
  });
  const alone = (index: number): boolean => {
    const point = points[index] as Point;
    const [column, row] = cell(point);
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const other of cells.get(`${column + dx} ${row + dy}`) ?? [])
          if (other !== index && Math.hypot((points[other] as Point).x - point.x, (points[other] as Point).y - point.y) < distance) return false;
    return true;
  };
  return points.map((_, index) => index).filter(alone);
}

/** A slightly bent line between two points, as an SVG path, so that lines into one hub can be told apart. */
export function arc(from: Point, to: Point): string {
  const bend = 0.08;
  const x = Math.round((from.x + to.x) / 2 - (to.y - from.y) * bend);
  const y = Math.round((from.y + to.y) / 2 + (to.x - from.x) * bend);
  return `M${from.x} ${from.y}Q${x} ${y} ${to.x} ${to.y}`;
}
