/** One step of a reference after its first word. */
export type Step =
  | { readonly kind: 'attribute'; readonly name: string }
  /** `[...]` or the old `.0`; `literal` is the number or the text where it is one. */
  | { readonly kind: 'index'; readonly text: string; readonly literal?: number | string | undefined }
  | { readonly kind: 'splat'; readonly text: string };

/** A reference such as `openstack_networking_port_v2.web[0].id`: its first word and what follows. */
export interface Traversal {
  readonly root: string;
  readonly steps: readonly Step[];
}

/** What a reference is to become; undefined leaves it as it is. */
export type Rewrite = (reference: Traversal) => string | undefined;

const identifierStart = /[A-Za-z_]/u;
const identifierPart = /[\w-]/u;

/** A template as it stands in Terraform JSON (`"a-${b.c}"`), with every reference in it rewritten. */
export function rewriteTemplate(text: string, rewrite: Rewrite): string {
  return text.includes('${') || text.includes('%{') ? new Scanner(text, rewrite).template() : text;
}

/** A bare expression (`b.c[0].d`), as in `depends_on`. */
export function rewriteExpression(text: string, rewrite: Rewrite): string {
  return new Scanner(text, rewrite).expression('');
}

/** The steps as Terraform writes them. */
export function formatSteps(steps: readonly Step[]): string {
  return steps.map((step) => (step.kind === 'attribute' ? `.${step.name}` : step.text)).join('');
}

/** Reads just enough of HCL to tell references from strings, keys and calls (HCL native syntax specification, "Templates", "Expressions"). */
class Scanner {
  readonly #text: string;
  readonly #rewrite: Rewrite;
  #at = 0;

  constructor(text: string, rewrite: Rewrite) {
    this.#text = text;
    this.#rewrite = rewrite;
  }

  /** Reads to the end, or to the quote that closes a string inside an expression. */
  template(quoted = false): string {
    let out = '';
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at, this.#at + 3);
      if (rest === '$${' || rest === '%%{') out += this.#take(3);
      else if (rest.startsWith('${') || rest.startsWith('%{')) out += this.#take(2) + this.expression('}') + this.#take(1);
      else if (quoted && rest.startsWith('\\')) out += this.#take(2);
      else if (quoted && rest.startsWith('"')) return out;
      else out += this.#take(1);
    }
    return out;
  }

  /** Reads to `end` (not taken), or to the end of the text. */
  expression(end: string): string {
    let out = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (character === end) return out;
      if (character === '"') out += this.#take(1) + this.template(true) + this.#take(1);
      else if (character === '{') out += this.#take(1) + this.expression('}') + this.#take(1);
      else if (character === '[') out += this.#take(1) + this.expression(']') + this.#take(1);
      else if (character === '(') out += this.#take(1) + this.expression(')') + this.#take(1);
      else if (identifierStart.test(character)) out += this.#reference();
      else if (/\d/u.test(character)) out += this.#number();
      // What follows a closing bracket (`f(x).a`) is no reference of its own.
      else if (character === '.') out += this.#take(1) + this.#word();
      else out += this.#take(1);
    }
    return out;
  }

  #reference(): string {
    const root = this.#word();
    const steps: Step[] = [];
    if (this.#text[this.#at] === '(' || this.#text.startsWith('::', this.#at)) return root;
    for (;;) {
      const step = this.#step();
      if (!step) break;
      steps.push(step);
    }
    return this.#rewrite({ root, steps }) ?? root + formatSteps(steps);
  }

  #step(): Step | undefined {
    const character = this.#text[this.#at];
    const next = this.#text[this.#at + 1] ?? '';
    if (character === '.') {
      if (next === '*') return { kind: 'splat', text: this.#take(2) };
      if (identifierStart.test(next)) {
        this.#at++;
        return { kind: 'attribute', name: this.#word() };
      }
      if (/\d/u.test(next)) {
        this.#at++;
        const digits = this.#digits();
        return { kind: 'index', text: `[${digits}]`, literal: Number(digits) };
      }
      return undefined;
    }
    if (character !== '[') return undefined;
    if (this.#text.startsWith('[*]', this.#at)) return { kind: 'splat', text: this.#take(3) };
    this.#at++;
    const inner = this.expression(']');
    const end = this.#take(1);
    const literal = /^\d+$/u.test(inner) ? Number(inner) : /^"[^"\\$%]*"$/u.test(inner) ? inner.slice(1, -1) : undefined;
    return { kind: 'index', text: `[${inner}${end}`, literal };
  }

  #word(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && identifierPart.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #digits(): string {
    const start = this.#at;
    while (/\d/u.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #number(): string {
    const start = this.#at;
    while (/[\w.]/u.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #take(count: number): string {
    const taken = this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}
