export { fsck } from './fsck.ts';
export { openStore } from './store.ts';
export type * from './types.ts';
