export { readSeparated } from '../../core/index.ts';
