export { DuplicateKeyError } from './errors.ts';
export type * from './types.ts';
