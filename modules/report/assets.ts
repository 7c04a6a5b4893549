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
  'main',
] as const;

/**
 * The page's scripts as one program. In the repository they are TypeScript and lose their types here; in the
 * package the compiler has done it. They import only each other, by name, so that without their import and export
 * words they are one program.
 */
export function clientProgram(): string {
  const parts = scripts.map((name) => {
    const source = new URL(`./client/${name}.ts`, import.meta.url);
    return fs.existsSync(source) ? withoutTypes(fs.readFileSync(source, 'utf8')) : fs.readFileSync(new URL(`./client/${name}.js`, import.meta.url), 'utf8');
  });
  return `'use strict';\n(() => {\n${parts.map(joinable).join('\n')}\n})();\n`;
}

/** The page's style sheet. */
export function styleSheet(): string {
  return fs.readFileSync(new URL('./client/page.css', import.meta.url), 'utf8');
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
