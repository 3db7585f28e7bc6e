export { eventually } from './eventually.js';
export { spawnTypeScript } from './typescript-child.js';
export { verifies } from './verifies.js';
