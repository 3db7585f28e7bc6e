/** The product's version. `test/version.spec.ts` holds it to package.json, which a bundle may not have beside it. */
export const VERSION = '0.1.0';
