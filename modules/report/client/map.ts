import { atlasOf, type Atlas, type Marker } from './atlas.ts';
import { h, svg, type PageElement, type PageEvent } from './dom.ts';
import type { Point } from './geography.ts';
import { organisationName, type Model } from './model.ts';
import { heading } from './parts.ts';
import { markerName, panelFor } from './places.ts';
import { t } from './words.ts';

type Layer = 'communes' | 'agencies' | 'hubs' | 'centres' | 'sites' | 'links' | 'tunnels';

/** What is hidden and where one looks: kept when the language changes. */
const hidden = new Set<Layer>();
let view = { x: 0, y: 0, scale: 1 };
let picked = '';
let atlas: Atlas | undefined;

const layerOf: Readonly<Record<Marker['kind'], Layer>> = { agency: 'agencies', hub: 'hubs', centre: 'centres', site: 'sites' };

/** The country drawn by its own units, what stands in it and what connects it. */
export function renderMap(model: Model, section: PageElement): void {
  const drawing = (atlas ??= atlasOf(model));
  const { width, height } = drawing.projection;
  const tip = h('div', { class: 'tip', role: 'status', hidden: true });
  const panel = h('aside', { class: 'detail', id: 'map-detail', 'aria-live': 'polite' });
  const scene = svg('g', {});
  const labels = svg('g', { class: 'labels', 'aria-hidden': 'true' });
  const picture = svg('svg', { id: 'country', viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': t('mapLabel'), tabindex: 0 }, scene);
  const pick = (id: string): void => {
    picked = id;
    panel.replaceChildren(...panelFor(model, drawing, picked, pick, goTo));
    mark();
  };
  /** Chooses from the list; what lies outside an enlarged map is brought into its middle. */
  const goTo = (id: string): void => {
    pick(id);
    const found = drawing.markers.find(({ ids }) => ids.includes(id));
    if (!found || view.scale === 1) return;
    view = bounded({ ...view, x: width / 2 - found.point.x * view.scale, y: height / 2 - found.point.y * view.scale }, width, height);
    redraw();
  };
  const chosen = svg('path', { class: 'dots chosen' });
  const markers = drawing.markers.map((marker) => ({ marker, element: markerElement(model, marker, pick) }));
  const lines = { link: svg('g', { class: 'lines link' }), tunnel: svg('g', { class: 'lines tunnel' }) };
  for (const { layer, path, count } of drawing.lines) lines[layer].append(svg('path', { d: path, class: count > 5 ? 'many' : undefined }));
  const communes = svg('path', { class: 'dots', d: dotsPath(drawing.dots.map(({ point }) => point)) });
  scene.append(lines.tunnel, communes, chosen, lines.link, ...markers.map(({ element }) => element), labels);

  const mark = (): void => {
    chosen.setAttribute(
      'd',
      dotsPath(drawing.dots.filter(({ id, parent }) => picked !== '' && (parent === picked || id === picked)).map(({ point }) => point)),
    );
    for (const { marker, element } of markers) element.classList.toggle('picked', marker.ids.includes(picked));
  };
  const redraw = (): void => {
    scene.setAttribute('transform', `translate(${view.x} ${view.y}) scale(${view.scale})`);
    const box = picture.getBoundingClientRect();
    const pixel = Math.max(height / (box.height || 700), width / (box.width || 700)) / view.scale;
    // One finger scrolls the page past the whole country, and moves the map once it is enlarged.
    picture.style.setProperty('touch-action', view.scale > 1 ? 'none' : 'pan-x pan-y');
    for (const { marker, element } of markers) {
      place(marker, element, pixel);
      // Plain sites crowd the whole country; they appear when one comes nearer.
      element.classList.toggle('off', hidden.has(layerOf[marker.kind]) || (marker.kind === 'site' && view.scale < 2));
    }
    communes.classList.toggle('off', hidden.has('communes'));
    lines.link.classList.toggle('off', hidden.has('links'));
    lines.tunnel.classList.toggle('off', hidden.has('tunnels'));
    labels.replaceChildren(...labelsFor(model, drawing, pixel));
  };
  const zoom = (factor: number, at: Point = { x: width / 2, y: height / 2 }): void => {
    const scale = Math.min(60, Math.max(1, view.scale * factor));
    const real = scale / view.scale;
    view = bounded({ x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real, scale }, width, height);
    redraw();
  };
  const reset = (): void => {
    view = { x: 0, y: 0, scale: 1 };
    redraw();
  };
  listen(picture, tip, model, drawing, { zoom, redraw, pick, width, height });

  const button = (label: string, text: string, action: () => void): PageElement =>
    h('button', { type: 'button', 'aria-label': label, title: label, onclick: action }, text);
  section.replaceChildren(
    heading('map', t('map'), t('mapNote')),
    h(
      'div',
      { class: 'split map' },
      h(
        'div',
        { class: 'canvas' },
        picture,
        tip,
        h(
          'div',
          { class: 'zoom' },
          button(t('zoomIn'), '+', () => zoom(1.6)),
          button(t('zoomOut'), '−', () => zoom(1 / 1.6)),
          button(t('zoomAll'), '⤢', reset),
        ),
      ),
      h('div', { class: 'side' }, panel, legend(drawing, redraw)),
    ),
  );
  pick(picked);
  redraw();
}

function dotsPath(points: readonly Point[]): string {
  return points.map(({ x, y }) => `M${x} ${y}h0`).join('');
}

function bounded(to: typeof view, width: number, height: number): typeof view {
  const keep = (value: number, size: number): number => Math.min(size * 0.5, Math.max(size * 0.5 - size * to.scale, value));
  return { x: keep(to.x, width), y: keep(to.y, height), scale: to.scale };
}

/** Marks keep their size on the screen; circles of agencies grow with the map. */
function place({ kind, point, weight }: Marker, element: PageElement, pixel: number): void {
  const radius = kind === 'agency' ? Math.max(24 * Math.sqrt(weight), 3 * pixel) : (kind === 'hub' ? 7 : kind === 'centre' ? 4.5 : 2.5) * pixel;
  if (kind === 'centre') {
    element.setAttribute('x', String(point.x - radius));
    element.setAttribute('y', String(point.y - radius));
    element.setAttribute('width', String(2 * radius));
    element.setAttribute('height', String(2 * radius));
  } else {
    element.setAttribute('r', String(Math.round(radius)));
  }
}

function markerElement(model: Model, marker: Marker, pick: (id: string) => void): PageElement {
  const { kind, point, ids } = marker;
  const [first = ''] = ids;
  // Plain sites are many and are listed with their agency; the keyboard stops at what stands out.
  const stop = kind === 'site' ? {} : { tabindex: 0, role: 'button', 'aria-label': markerName(model, marker) };
  return svg(kind === 'centre' ? 'rect' : 'circle', {
    class: `mark ${kind}`,
    ...(kind === 'centre' ? { rx: 40 } : { cx: point.x, cy: point.y }),
    ...stop,
    onkeydown: (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      pick(first);
    },
  });
}

/** Labels that do not cover each other, the most important first. */
function labelsFor(model: Model, { markers, dots, projection: drawn }: Atlas, pixel: number): PageElement[] {
  const rank: readonly Marker['kind'][] = view.scale < 2.5 ? ['hub'] : view.scale < 8 ? ['hub', 'agency'] : ['hub', 'centre', 'agency'];
  const wanted = rank.flatMap((kind) =>
    hidden.has(layerOf[kind])
      ? []
      : markers.filter((marker) => marker.kind === kind).map((marker) => ({ point: marker.point, text: markerName(model, marker), kind })),
  );
  const islands = dots.filter((dot) => dot.alone).map((dot) => ({ point: dot.point, text: organisationName(model, dot.id), kind: 'island' }));
  const units = view.scale < 16 ? [] : dots.map((dot) => ({ point: dot.point, text: organisationName(model, dot.id), kind: 'unit' }));
  const taken: { x: number; y: number; right: number; bottom: number }[] = [];
  const shown: PageElement[] = [];
  const size = 11 * pixel;
  for (const { point, text, kind } of [...wanted, ...(hidden.has('communes') ? [] : [...islands, ...units])]) {
    const onScreen = point.x * view.scale + view.x;
    if (onScreen < 0 || onScreen > drawn.width || shown.length > 80) continue;
    const length = text.length * size * 0.58;
    // Near the right edge a label stands on the left of its place.
    const left = onScreen + (length + 9 * pixel) * view.scale > drawn.width;
    const x = left ? point.x - 9 * pixel - length : point.x + 9 * pixel;
    const box = { x, y: point.y - size * 0.7, right: x + length, bottom: point.y + size * 0.5 };
    if (taken.some((other) => box.x < other.right && other.x < box.right && box.y < other.bottom && other.y < box.bottom)) continue;
    taken.push(box);
    const end = left ? { x: Math.round(box.right), 'text-anchor': 'end' } : { x: Math.round(x) };
    shown.push(svg('text', { ...end, y: Math.round(point.y + size * 0.35), 'font-size': size.toFixed(1), class: kind }, text));
  }
  return shown;
}

/** Mouse, touch and keys: drag to move, Ctrl and wheel or two fingers to zoom, click to choose. */
function listen(
  picture: PageElement,
  tip: PageElement,
  model: Model,
  drawing: Atlas,
  act: { zoom: (factor: number, at?: Point) => void; redraw: () => void; pick: (id: string) => void; width: number; height: number },
): void {
  const fingers = new Map<number, Point>();
  let moved = 0;
  /** Position of an event in the picture's units, and how many units a pixel is. */
  const locate = (event: PageEvent): Point & { pixel: number } => {
    const box = picture.getBoundingClientRect();
    const pixel = Math.max(act.width / box.width, act.height / box.height);
    return {
      x: (event.clientX - box.left - (box.width - act.width / pixel) / 2) * pixel,
      y: (event.clientY - box.top - (box.height - act.height / pixel) / 2) * pixel,
      pixel,
    };
  };
  const under = (event: PageEvent): { id: string; name: string } | undefined => {
    const { x, y, pixel } = locate(event);
    return nearest(model, drawing, { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale }, (12 * pixel) / view.scale);
  };
  picture.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, locate(event));
    moved = 0;
  });
  picture.addEventListener('pointermove', (event) => {
    const last = fingers.get(event.pointerId);
    if (!last || event.buttons === 0) {
      const found = under(event);
      tip.hidden = !found;
      if (found) {
        const box = picture.getBoundingClientRect();
        tip.replaceChildren(found.name);
        tip.style.setProperty('transform', `translate(${Math.round(event.clientX - box.left + 14)}px, ${Math.round(event.clientY - box.top + 10)}px)`);
      }
      return;
    }
    const now = locate(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      if (before > 0) act.zoom(Math.hypot(now.x - other.x, now.y - other.y) / before, other);
    } else {
      moved += Math.hypot(now.x - last.x, now.y - last.y) / now.pixel;
      if (moved > 4) {
        picture.setPointerCapture(event.pointerId);
        view = bounded({ ...view, x: view.x + now.x - last.x, y: view.y + now.y - last.y }, act.width, act.height);
        act.redraw();
      }
    }
    fingers.set(event.pointerId, now);
  });
  const lift = (event: PageEvent): void => void fingers.delete(event.pointerId);
  picture.addEventListener('pointerup', lift);
  picture.addEventListener('pointercancel', lift);
  picture.addEventListener('pointerleave', () => (tip.hidden = true));
  picture.addEventListener('click', (event) => {
    if (moved > 4) return;
    const found = under(event);
    if (found) act.pick(found.id);
  });
  picture.addEventListener(
    'wheel',
    (event) => {
      // Without Ctrl the wheel scrolls the page: a map must not swallow it.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      act.zoom(Math.exp(-event.deltaY / 300), locate(event));
    },
    { passive: false },
  );
  picture.addEventListener('dblclick', (event) => act.zoom(2, locate(event)));
  picture.addEventListener('keydown', (event) => {
    const steps: Readonly<Record<string, Point>> = {
      ArrowLeft: { x: 1, y: 0 },
      ArrowRight: { x: -1, y: 0 },
      ArrowUp: { x: 0, y: 1 },
      ArrowDown: { x: 0, y: -1 },
    };
    const by = steps[event.key];
    if (by) {
      event.preventDefault();
      view = bounded({ ...view, x: view.x + by.x * act.width * 0.08, y: view.y + by.y * act.height * 0.08 }, act.width, act.height);
      act.redraw();
    } else if (event.key === '+' || event.key === '=') act.zoom(1.6);
    else if (event.key === '-') act.zoom(1 / 1.6);
  });
}

/** The marker or unit nearest to a point, within `reach`; what stands out wins over a plain unit. */
function nearest(model: Model, { markers, dots }: Atlas, at: Point, reach: number): { id: string; name: string } | undefined {
  let best: { id: string; name: () => string; distance: number } | undefined;
  const consider = (id: string, point: Point, handicap: number, name: () => string): void => {
    const distance = Math.hypot(point.x - at.x, point.y - at.y) * handicap;
    if (distance < reach && (!best || distance < best.distance)) best = { id, name, distance };
  };
  for (const marker of markers) {
    if (hidden.has(layerOf[marker.kind])) continue;
    const handicap = marker.kind === 'hub' ? 0.5 : marker.kind === 'centre' ? 0.7 : 1;
    consider(marker.ids[0] ?? '', marker.point, handicap, () => markerName(model, marker));
  }
  if (!hidden.has('communes')) {
    for (const dot of dots) consider(dot.id, dot.point, 1.2, () => `${organisationName(model, dot.id)}, ${organisationName(model, dot.parent)}`);
  }
  return best && { id: best.id, name: best.name() };
}

function legend(drawing: Atlas, redraw: () => void): PageElement {
  const count = (layer: string): number => drawing.lines.filter((line) => line.layer === layer).reduce((sum, line) => sum + line.count, 0);
  const entry = (layer: Layer, sample: string, text: string): PageElement =>
    h(
      'label',
      { class: 'layer' },
      h('input', {
        type: 'checkbox',
        checked: !hidden.has(layer),
        onchange: (event) => {
          if (event.target.checked) hidden.delete(layer);
          else hidden.add(layer);
          redraw();
        },
      }),
      h('span', { class: `sample ${sample}`, 'aria-hidden': 'true' }),
      h('span', {}, text),
    );
  return h(
    'fieldset',
    { class: 'legend' },
    h('legend', {}, t('legend')),
    entry('communes', 'dot', t('communesLayer', drawing.dots.length)),
    entry('agencies', 'agency', t('agenciesLayer')),
    entry('hubs', 'hub', t('hubsLayer')),
    entry('centres', 'centre', t('centresLayer')),
    entry('sites', 'site', t('sitesLayer')),
    entry('links', 'link', t('linksLayer', count('link'))),
    entry('tunnels', 'tunnel', t('tunnelsLayer', count('tunnel'))),
  );
}
