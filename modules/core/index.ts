export * from './basics.ts';
export * from './source.ts';
export * from './validate.ts';
export * from './schema.ts';
export * from './dsse.ts';
export * from './secrets.ts';
