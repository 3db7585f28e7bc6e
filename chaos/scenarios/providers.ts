import { isTerminal } from '@flowmate/domain';
import type { LedgerMode, ModelMode } from '@flowmate/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { check, settled } from '../checker/checker.js';
import type { System } from '../system/system.js';
import { scenarioOf, type Case } from './cases.js';
import { call, startMany, target, threeSteps } from './load.js';
import { ends, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

/** Three answers with calls, and the last. */
const CALLS = 4;
const RETRIES = 3;
/** Of 1, 2 and 4 seconds, a fifth less. */
const PAUSES_MS = [800, 1_600, 3_200];

const plan = threeSteps();

export const tooMany = scenarioOf({
  id: 'F24',
  title: 'the model answers 429',
  isInOrder: true,
  cases: [
    {
      name: 'f24-once',
      script: { plan, mode: '429', times: 1, retryAfter: '3' },
      ends: 'succeeded',
      modelCalls: CALLS + 1,
      gapsMs: [3_000],
    },
    {
      name: 'f24-always',
      script: { plan, mode: '429', retryAfter: '1' },
      ends: 'failed:llm_rate_limited',
      modelCalls: 1 + RETRIES,
    },
  ],
});

export const serverErrors = scenarioOf({
  id: 'F25',
  title: 'the model answers 500, 502, 503, 529',
  isInOrder: true,
  cases: [
    ...(['500', '502', '503', '529'] as const).map((mode): Case => ({
      name: `f25-${mode}`,
      script: { plan, mode, times: 2 },
      ends: 'succeeded',
      modelCalls: CALLS + 2,
      gapsMs: PAUSES_MS.slice(0, 2),
    })),
    {
      name: 'f25-always',
      script: { plan, mode: '503' },
      ends: 'failed:llm_unavailable',
      modelCalls: 1 + RETRIES,
      gapsMs: PAUSES_MS,
    },
  ],
});

export const refusals = scenarioOf({
  id: 'F26',
  title: 'the model answers 400, 401, 403, 404, 422',
  cases: (['400', '401', '403', '404', '422'] as const).map((mode): Case => ({
    name: `f26-${mode}`,
    script: { plan, mode },
    ends: mode === '401' || mode === '403' ? 'failed:llm_auth' : 'failed:llm_bad_request',
    modelCalls: 1,
    withinMs: 1_000,
  })),
});

/** Production waits fifteen seconds for each; the shape is the same. */
const SILENCE = { LLM_FIRST_BYTE_TIMEOUT_MS: '1500', LLM_IDLE_TIMEOUT_MS: '1500' };

export const silence = scenarioOf({
  id: 'F27',
  title: 'the model says nothing, or a byte now and then',
  isInOrder: true,
  worker: { variables: SILENCE },
  cases: (['never-reply', 'headers-then-silence', 'slow-loris'] as const).map((mode): Case => ({
    name: `f27-${mode}`,
    script: { plan, mode, times: 1 },
    ends: 'succeeded',
    modelCalls: CALLS + 1,
    gapsMs: [1_500 + (PAUSES_MS[0] ?? 0)],
  })),
});

export const cutAnswers = scenarioOf({
  id: 'F28',
  title: 'the stream of the model ends inside a call',
  isInOrder: true,
  cases: (['cut', 'cut-in-call'] as const).map((mode): Case => ({
    name: `f28-${mode}`,
    script: { plan: [[call('ledger.keyed', { name: `f28-${mode}` })]], mode, times: 1 },
    ledger: { path: `keyed/f28-${mode}`, mode: 'ok' },
    ends: 'succeeded',
    modelCalls: 3,
    effects: 1,
  })),
});

const UNUSABLE: readonly ModelMode[] = [
  'garbage',
  'not-json',
  'html',
  'empty-choices',
  'doubled-ids',
  'nameless-call',
  'huge',
  'huge-text',
];

export const garbage = scenarioOf({
  id: 'F29',
  title: 'the model answers what nobody can use',
  isInOrder: true,
  maxHeapMb: 32,
  cases: UNUSABLE.map((mode): Case => ({
    name: `f29-${mode}`,
    script: { plan, mode },
    ends: 'failed:llm_invalid_tool_call',
    modelCalls: 2,
  })),
});

type Class = 'read' | 'keyed' | 'marked' | 'plain';
interface AtLedger {
  readonly of: Class;
  readonly mode: LedgerMode;
  readonly ends: 'succeeded' | 'waiting:review';
  readonly effects: number;
}

const atLedger = (id: string, all: readonly AtLedger[]): Case[] =>
  all.map(({ of, mode, ends: end, effects }) => {
    const name = `${id}-${of}-${mode.toLowerCase()}`;
    return {
      name,
      script: { plan: [[call(`ledger.${of}`, { name })]] },
      ledger: { path: `${of}/${name}`, mode, times: 1, retryAfter: 1 },
      ends: end,
      effects,
    };
  });

export const failingTools = scenarioOf({
  id: 'F31',
  title: 'a tool that is refused, fails or is late, by its class',
  cases: atLedger('f31', [
    { of: 'read', mode: '429', ends: 'succeeded', effects: 0 },
    { of: 'read', mode: '5xx', ends: 'succeeded', effects: 0 },
    { of: 'read', mode: 'silent', ends: 'succeeded', effects: 0 },
    { of: 'keyed', mode: '429', ends: 'succeeded', effects: 1 },
    { of: 'keyed', mode: '5xx', ends: 'succeeded', effects: 1 },
    { of: 'keyed', mode: 'silent', ends: 'succeeded', effects: 1 },
    { of: 'marked', mode: '429', ends: 'succeeded', effects: 1 },
    { of: 'marked', mode: '5xx', ends: 'succeeded', effects: 1 },
    { of: 'marked', mode: 'silent', ends: 'succeeded', effects: 1 },
    { of: 'plain', mode: '429', ends: 'succeeded', effects: 1 },
    { of: 'plain', mode: '5xx', ends: 'waiting:review', effects: 0 },
    { of: 'plain', mode: 'silent', ends: 'waiting:review', effects: 1 },
  ]),
});

export const unansweredTools = scenarioOf({
  id: 'F32',
  title: 'a tool that acts and does not answer, by its class',
  cases: atLedger('f32', [
    { of: 'keyed', mode: 'executeAndCut', ends: 'succeeded', effects: 1 },
    { of: 'marked', mode: 'executeAndCut', ends: 'succeeded', effects: 1 },
    { of: 'plain', mode: 'executeAndCut', ends: 'waiting:review', effects: 1 },
    { of: 'keyed', mode: 'late', ends: 'succeeded', effects: 1 },
    { of: 'marked', mode: 'late', ends: 'succeeded', effects: 1 },
    { of: 'plain', mode: 'late', ends: 'waiting:review', effects: 1 },
  ]),
});

const RUNS = 30;
const AWAY_MS = 20_000;
/** A probe each thirty seconds, and the pauses of the runs that wait. */
const BACK_MS = 75_000;

async function providerDown(_context: Context, system: System): Promise<Outcome> {
  const model = await system.proxy('model');
  await system.worker({ links: { model } });
  model.set({ kind: 'down' });
  const accepted = await startMany(system, await target(system), RUNS, () => ({ plan: threeSteps() }));
  const ids = accepted.map(({ id }) => id);
  await delay(AWAY_MS);
  const tried = model.refused;
  model.set({ kind: 'none' });
  const back = performance.now();
  await settled(system, ids, BACK_MS, ({ head }) => isTerminal(head.status));
  const ms = performance.now() - back;
  const { runs, violations, lost } = await check(system, ids);
  const good = runs.filter(({ head }) => head.status === 'succeeded').length;
  return {
    figures: `${AWAY_MS / 1_000} s down: ${tried} connections for ${RUNS} runs; all ended ${seconds(ms)} after its return, lost ${lost}; ${ends(runs)}`,
    violations: [...violations, ...bound(good === RUNS, `${RUNS - good} runs did not outlive it`)],
  };
}

export const modelDown: Scenario = {
  id: 'F30',
  title: 'the model is away, and the breaker opens',
  run: (context) => inSystem(context, (system) => providerDown(context, system)),
};
