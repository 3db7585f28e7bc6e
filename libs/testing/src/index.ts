export { eventually } from './eventually.js';
export { verifies } from './verifies.js';
