import { runProcess } from '@flowmate/lifecycle';
import { startWorker } from '../../apps/worker/src/start.js';
import { ledgerTools } from '../../libs/testing/src/simulators/ledger/ledger-tools.js';
import { harmfulTools } from './harmful-tools.js';
import { failWrites } from './store-faults.js';
import { shortenLocks } from './short-locks.js';
import { tellNames } from './tell-names.js';
import { tellRest } from './tell-rest.js';

/** The timeout of the tools at the ledger, and how long a marker may take to be found. */
const TOOL_TIMEOUT_MS = 1_000;
const SETTLE_MS = 2_000;

const { LEDGER_URL, CHAOS_LOCK, CHAOS_STORE_FAULTS, CHAOS_MUTE } = process.env;
if (LEDGER_URL === undefined) throw new Error('LEDGER_URL is not set.');

if (CHAOS_MUTE === undefined) tellNames();
tellRest();
if (CHAOS_LOCK !== undefined) shortenLocks(CHAOS_LOCK);
if (CHAOS_STORE_FAULTS !== undefined) failWrites(CHAOS_STORE_FAULTS);
const { tools } = ledgerTools({ url: LEDGER_URL, timeoutMs: TOOL_TIMEOUT_MS, settleMs: SETTLE_MS });

// The worker as it is, with tools at a ledger that counts what they do, and some that nobody should have.
await runProcess({
  name: 'worker',
  start: () => startWorker({ moreTools: [...tools, ...harmfulTools()] }),
  settingOfPort: () => 'WORKER_PORT',
});
