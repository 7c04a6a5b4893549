// The page's scripts are checked without TypeScript's DOM library, which would put the browser's globals into
// every room. This is the small part of it they use.

/** An element of the page. */
export interface PageElement {
  id: string;
  textContent: string | null;
  value: string;
  checked: boolean;
  open: boolean;
  hidden: boolean;
  disabled: boolean;
  readonly dataset: Record<string, string | undefined>;
  readonly style: { setProperty(name: string, value: string): void };
  readonly classList: { toggle(name: string, force?: boolean): boolean };
  readonly parentElement: PageElement | null;
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: (PageElement | string)[]): void;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  addEventListener(type: string, listener: (event: PageEvent) => void, options?: { passive?: boolean }): void;
  getBoundingClientRect(): { left: number; top: number; width: number; height: number };
  setPointerCapture(pointer: number): void;
  scrollIntoView(options?: { block?: string; behavior?: string }): void;
  closest(selector: string): PageElement | null;
  focus(options?: { preventScroll?: boolean }): void;
}

/** An event of the page; fields of events of other kinds are undefined. */
export interface PageEvent {
  readonly target: PageElement;
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly clientX: number;
  readonly clientY: number;
  readonly deltaY: number;
  readonly pointerId: number;
  readonly buttons: number;
  preventDefault(): void;
}

interface Page {
  readonly documentElement: PageElement;
  title: string;
  createElement(name: string): PageElement;
  createElementNS(namespace: string, name: string): PageElement;
  getElementById(id: string): PageElement | null;
}

declare const document: Page;

export const page: Page = document;

type Attribute = string | number | boolean | undefined | ((event: PageEvent) => void);
export type Attributes = Readonly<Record<string, Attribute>>;
export type Child = PageElement | string | number | undefined | readonly Child[];

/**
 * An HTML element. Attributes beginning with `on` are listeners, `true` is an attribute without value,
 * `undefined` and `false` are left out. Text is always set as text, never as markup.
 */
export function h(name: string, attributes: Attributes = {}, ...children: Child[]): PageElement {
  return dress(page.createElement(name), attributes, children);
}

/** An SVG element; as {@link h}. */
export function svg(name: string, attributes: Attributes = {}, ...children: Child[]): PageElement {
  return dress(page.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function dress(element: PageElement, attributes: Attributes, children: readonly Child[]): PageElement {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
}

function add(element: PageElement, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined) continue;
    if (typeof child === 'string' || typeof child === 'number') element.append(String(child));
    else if (isElement(child)) element.append(child);
    else add(element, child);
  }
}

function isElement(child: PageElement | readonly Child[]): child is PageElement {
  return !Array.isArray(child);
}

/** The element with this id, which the page's shell always holds. */
export function byId(id: string): PageElement {
  const element = page.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element;
}
