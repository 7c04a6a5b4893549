import * as fs from 'node:fs';
import * as module from 'node:module';

/** The page's scripts in the order they are put together; each may use what stands before it. */
export const scripts = [
  'fold',
  'columns',
  'packed',
  'addresses',
  'search',
  'geography',
  'dom',
  'language',
  'words',
  'model',
  'atlas',
  'parts',
  'inventory',
  'overview',
  'places',
  'map',
  'addressing',
  'stacks',
  'findings',
  'offers',
  'catalogue',
  'main',
] as const;

/** Scripts of the page a plan is reviewed on. */
export const planScripts = ['fold', 'columns', 'packed', 'dom', 'language', 'plan-words', 'plan-model', 'plan-stacks', 'plan-page'] as const;

/**
 * The page's scripts as one program. In the repository they are TypeScript and lose their types here; in the
 * package the compiler has done it. They import only each other, by name, so that without their import and export
 * words they are one program.
 */
export function clientProgram(names: readonly string[] = scripts): string {
  const parts = names.map((name) => {
    const source = new URL(`./client/${name}.ts`, import.meta.url);
    return fs.existsSync(source) ? withoutTypes(fs.readFileSync(source, 'utf8')) : fs.readFileSync(new URL(`./client/${name}.js`, import.meta.url), 'utf8');
  });
  return `'use strict';\n(() => {\n${parts.map(joinable).join('\n')}\n})();\n`;
}

/** The page's style sheet: what all pages share, and files of its own after it. */
export function styleSheet(...more: readonly string[]): string {
  return ['page.css', ...more].map((name) => fs.readFileSync(new URL(`./client/${name}`, import.meta.url), 'utf8')).join('\n');
}

/** Type stripping leaves blanks where types stood; the API is marked experimental, which is no news to a reader of the report. */
function withoutTypes(source: string): string {
  const original: unknown = Reflect.get(process, 'emitWarning');
  Reflect.set(process, 'emitWarning', () => undefined);
  try {
    return module.stripTypeScriptTypes(source);
  } finally {
    Reflect.set(process, 'emitWarning', original);
  }
}

function joinable(source: string): string {
  return source
    .replace(/^import [^;]*;$/gmu, '')
    .replace(/^export \{[^}]*\};?$/gmu, '')
    .replace(/^export (?=(?:async )?(?:function|const|class|let)\b)/gmu, '')
    .replace(/[ \t]+$/gmu, '')
    .replace(/\n{3,}/gu, '\n\n');
}
