export { seal, SealBrokenError, unseal } from './sealed.js';
export { derivedKey, isSame, keyedHash, randomToken, tokenHash } from './token.js';
