// The part of this room that loads no library to read a format: what the command line needs before it knows which verb is wanted.
export * from './problem.ts';
export * from './text.ts';
export * from './json.ts';
export * from './files.ts';
export * from './template.ts';
export * from './urn.ts';
export * from './report.ts';
export * from './version.ts';
export * from './formats.ts';
