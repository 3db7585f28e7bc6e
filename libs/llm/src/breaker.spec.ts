import fc from 'fast-check';
import { Breaker, type CallOutcome, outcomeOf } from './breaker.js';
import {
  ModelAbortedError,
  ModelAuthError,
  ModelInvalidAnswerError,
  ModelRateLimitedError,
  ModelTimeoutError,
  ModelUnavailableError,
} from './model.errors.js';

class Scene {
  now = 0;
  readonly breaker = new Breaker({ now: () => this.now });

  call(outcome: CallOutcome): boolean {
    const admission = this.breaker.admit();
    if (admission.admitted) this.breaker.report(outcome, admission.ticket);
    return admission.admitted;
  }

  fail(times = 5): void {
    for (let at = 0; at < times; at += 1) this.call('transient');
  }
}

describe('a breaker', () => {
  it('lets one run make its four tries, and opens with the fifth failure in a row', () => {
    const scene = new Scene();
    scene.fail(4);
    expect(scene.breaker.isOpen).toBe(false);
    scene.fail(1);
    expect(scene.breaker.admit()).toEqual({ admitted: false, retryInMs: 30_000 });
  });

  it('opens within ten seconds when nothing but failures come, one in two seconds', () => {
    const scene = new Scene();
    while (!scene.breaker.isOpen) {
      scene.call('transient');
      scene.now += 2_000;
    }
    expect(scene.now).toBeLessThanOrEqual(10_000);
  });

  it('opens when half of many fail, though the others go well', () => {
    const scene = new Scene();
    for (let at = 0; at < 10; at += 1) scene.call(at % 2 === 0 ? 'ok' : 'transient');
    expect(scene.breaker.isOpen).toBe(true);
  });

  it('stays closed over failures among many good calls, over old ones, and over what says nothing', () => {
    const scene = new Scene();
    for (let at = 0; at < 200; at += 1) scene.call(at % 4 === 0 ? 'transient' : 'ok');
    scene.fail(4);
    scene.now += 61_000;
    scene.fail(4);
    for (let at = 0; at < 20; at += 1) scene.call('other');
    expect(scene.breaker.isOpen).toBe(false);
  });

  it('probes once in thirty seconds while the provider is down for ten minutes', () => {
    const scene = new Scene();
    scene.fail();
    let probes = 0;
    for (; scene.now < 600_000; scene.now += 100) if (scene.call('transient')) probes += 1;
    expect(probes).toBe(19);
  });

  it('admits nobody beside a probe, and another probe when that one is never heard of', () => {
    const scene = new Scene();
    scene.fail();
    scene.now += 30_000;
    expect(scene.breaker.admit().admitted).toBe(true);
    expect(scene.breaker.admit()).toEqual({ admitted: false, retryInMs: 30_000 });
    scene.now += 30_000;
    expect(scene.breaker.admit().admitted).toBe(true);
  });

  it('does not take an older call that ends well for its probe', () => {
    const scene = new Scene();
    const old = scene.breaker.admit();
    scene.fail();
    scene.breaker.report('ok', old.admitted ? old.ticket : -1);
    expect(scene.breaker.isOpen).toBe(true);
  });

  it('lets more and more calls in when the provider is back, then all', () => {
    const scene = new Scene();
    scene.fail();
    scene.now += 30_000;
    scene.call('ok');
    const limits: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const tickets: number[] = [];
      for (let at = 0; at < 200; at += 1) {
        const admission = scene.breaker.admit();
        if (admission.admitted) tickets.push(admission.ticket);
      }
      limits.push(tickets.length);
      for (const ticket of tickets) scene.breaker.report('ok', ticket);
    }
    expect(limits).toEqual([2, 4, 8, 16, 32, 200, 200, 200, 200, 200]);
  });

  it('opens again with the first failure on the ramp', () => {
    const scene = new Scene();
    scene.fail();
    scene.now += 30_000;
    scene.call('ok');
    scene.call('transient');
    expect(scene.breaker.admit()).toEqual({ admitted: false, retryInMs: 30_000 });
  });

  it('is not stuck when calls on the ramp are never reported', () => {
    const scene = new Scene();
    scene.fail();
    scene.now += 30_000;
    scene.call('ok');
    while (scene.breaker.admit().admitted) scene.now += 1;
    expect(scene.breaker.admit()).toEqual({ admitted: false, retryInMs: 250 });
    scene.now += 30_000;
    expect(scene.breaker.admit().admitted).toBe(true);
  });

  it('always lets somebody in within thirty seconds, and never more than one while it is open', () => {
    const step = fc.record({
      ms: fc.nat(20_000),
      outcome: fc.constantFrom('ok' as const, 'transient' as const, 'other' as const, 'lost' as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const scene = new Scene();
        const probes: number[] = [];
        const waits: number[] = [];
        for (const { ms, outcome } of steps) {
          scene.now += ms;
          const wasOpen = scene.breaker.isOpen;
          const admission = scene.breaker.admit();
          if (!admission.admitted) waits.push(admission.retryInMs);
          else if (wasOpen) probes.push(scene.now);
          if (admission.admitted && outcome !== 'lost') scene.breaker.report(outcome, admission.ticket);
        }
        expect(waits.every((ms) => ms > 0 && ms <= 30_000)).toBe(true);
        expect(probes.every((at, index) => at - (probes[index - 1] ?? Number.NEGATIVE_INFINITY) >= 30_000)).toBe(true);
        scene.now += 30_000;
        expect(scene.breaker.admit().admitted).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a call says about its provider', () => {
  it.each([
    [undefined, 'ok'],
    [new ModelAuthError(), 'ok'],
    [new ModelUnavailableError(), 'transient'],
    [new ModelTimeoutError(), 'transient'],
    [new ModelRateLimitedError(), 'other'],
    [new ModelInvalidAnswerError(), 'other'],
    [new ModelAbortedError(), 'other'],
  ])('%s is %s', (error, outcome) => {
    expect(outcomeOf(error)).toBe(outcome);
  });
});
