export { seal, SealBrokenError, unseal, unsealWithAny } from './sealed.js';
export { derivedKey, isSame, keyedHash, randomToken, tokenHash } from './token.js';
