/**
 * What is looked at before anything is planned or made: the configurations by themselves (`static`), and what the clouds have,
 * allow and hold (`live`). A plan of new OpenStack resources asks no cloud at all, so its passing says little.
 */
export { cloudPreflight, type CloudPreflightOptions } from './port.ts';
export type { HeldBlock } from './static/index.ts';
