export * from './core/index.ts';
export * from './federation/index.ts';
