export { eventually } from './eventually.js';
export { testStores, type TestStores } from './test-stores.js';
export { spawnTypeScript } from './typescript-child.js';
export { verifies } from './verifies.js';
