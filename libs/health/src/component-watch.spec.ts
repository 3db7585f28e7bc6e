import { verifies } from '@flowmate/testing';
import { ComponentWatch } from './component-watch.js';
import { HEALTH_LIMITS } from './limits.js';

const GOOD = { facts: {} };
const BAD = { reason: 'unreachable' };

const watchAfter = (...outcomes: Array<typeof GOOD | typeof BAD>): ComponentWatch => {
  const component = { name: 'store', isRequired: true, check: () => Promise.resolve({}) };
  const watch = new ComponentWatch(component, HEALTH_LIMITS);
  for (const outcome of outcomes) watch.record(outcome, 0, 1);
  return watch;
};

describe(verifies('R25', 'a component over time'), () => {
  it.each([
    ['is starting until it was asked', [], 'starting'],
    ['is up after its first good answer', [GOOD], 'up'],
    ['is still starting when its first answers are bad', [BAD, BAD], 'starting'],
    ['is down when it does not come', [BAD, BAD, BAD], 'down'],
    ['is up at once when it comes late', [BAD, BAD, BAD, GOOD], 'up'],
    ['stays up over two failures', [GOOD, BAD, BAD], 'up'],
    ['is down after three failures in a row', [GOOD, BAD, BAD, BAD], 'down'],
    ['stays up when a good answer comes between', [GOOD, BAD, BAD, GOOD, BAD, BAD], 'up'],
    ['stays down after one good answer', [GOOD, BAD, BAD, BAD, GOOD], 'down'],
    ['is up again after two good answers in a row', [GOOD, BAD, BAD, BAD, GOOD, GOOD], 'up'],
    ['starts to count again when a bad one comes between', [GOOD, BAD, BAD, BAD, GOOD, BAD, GOOD], 'down'],
  ] as const)('%s', (_title, outcomes, status) => expect(watchAfter(...outcomes).current).toBe(status));

  it('is asked more often as soon as something is wrong', () => {
    expect(watchAfter(GOOD).pauseMs).toBe(HEALTH_LIMITS.calmMs);
    expect(watchAfter(GOOD, BAD).pauseMs).toBe(HEALTH_LIMITS.troubledMs);
    expect(watchAfter(GOOD, BAD, BAD, BAD, GOOD).pauseMs).toBe(HEALTH_LIMITS.troubledMs);
    expect(watchAfter(BAD).pauseMs).toBe(HEALTH_LIMITS.startingMs);
  });

  it('tells of a change once', () => {
    const watch = watchAfter(GOOD);
    expect([BAD, BAD, BAD, BAD].map((outcome) => watch.record(outcome, 0, 1))).toEqual([false, false, true, false]);
  });

  it('tells an operator what it knows', () => {
    const watch = watchAfter();
    expect(watch.report(5_000)).toEqual({ status: 'starting', isRequired: true, failures: 0 });
    watch.record({ facts: { version: '8.0' } }, 2_000, 1.4);
    expect(watch.report(5_000)).toEqual({
      status: 'up',
      isRequired: true,
      failures: 0,
      latencyMs: 1,
      secondsSinceCheck: 3,
      facts: { version: '8.0' },
    });
    watch.record(BAD, 4_000, 2);
    expect(watch.report(5_000)).toMatchObject({ failures: 1, reason: 'unreachable' });
    expect(watch.report(5_000)).not.toHaveProperty('facts');
  });

  it('is noticed in time: red within 15 s of silence, green within 10 s of its return', () => {
    const { calmMs, troubledMs, checkTimeoutMs, failuresUntilDown, successesUntilUp } = HEALTH_LIMITS;
    const red = calmMs + failuresUntilDown * checkTimeoutMs + (failuresUntilDown - 1) * troubledMs;
    const green = checkTimeoutMs + successesUntilUp * troubledMs;
    expect(red).toBeLessThanOrEqual(15_000);
    expect(green).toBeLessThanOrEqual(10_000);
  });
});
