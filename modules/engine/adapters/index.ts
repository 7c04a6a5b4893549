export { engineNames, promiseNames, promises, requirePromise, type EnginePromises, type PromiseName } from './promises.ts';
export { renderProgram } from './pulumi/render.ts';
export type { Program } from './pulumi/program.ts';
export type { SchemaBlock, SchemaOf } from './pulumi/schema.ts';
