export { DuplicateKeyError } from './errors.ts';
export { fsck, type Finding } from './fsck.ts';
export { openStore } from './store.ts';
export type * from './types.ts';
