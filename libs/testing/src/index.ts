export { eventually } from './eventually.js';
export { testStores, type TestStores } from './test-stores.js';
export { spawnTypeScript } from './typescript-child.js';
export { verifies } from './verifies.js';
export type { LedgerCall } from './simulators/ledger/effect-log.js';
export { LEDGER_MODES, Ledger, type LedgerMode, type ModeRule } from './simulators/ledger/ledger.js';
