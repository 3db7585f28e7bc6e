export { refuseEmbeddedStore } from './refuse-embedded-store.js';
