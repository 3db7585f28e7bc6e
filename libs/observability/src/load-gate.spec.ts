import { LoadGate, type LagTimer } from './load-gate.js';

class ManualTimer implements LagTimer {
  private time = 0;
  private tick: (() => void) | undefined;

  every(_intervalMs: number, tick: () => void): () => void {
    this.tick = tick;
    return () => {
      this.tick = undefined;
    };
  }

  now(): number {
    return this.time;
  }

  /** Time passes, but the loop is held up: no timer fires. */
  block(ms: number): void {
    this.time += ms;
  }

  /** Time passes and then the timer fires. */
  pass(ms: number): void {
    this.time += ms;
    this.tick?.();
  }
}

function started(): { gate: LoadGate; timer: ManualTimer } {
  const timer = new ManualTimer();
  const gate = new LoadGate(timer);
  gate.start();
  return { gate, timer };
}

describe('load gate', () => {
  it('is open while the loop is on time or a little late', () => {
    const { gate, timer } = started();
    for (const ms of [500, 700, 1_500]) {
      timer.pass(ms);
      expect(gate.isOverloaded()).toBe(false);
    }
    expect(gate.lagMs()).toBe(1_000);
  });

  it('closes when the loop was held up for more than a second, until the next good tick', () => {
    const { gate, timer } = started();
    timer.pass(1_501);
    expect(gate.isOverloaded()).toBe(true);
    timer.block(400);
    expect(gate.isOverloaded()).toBe(true);
    timer.pass(100);
    expect(gate.isOverloaded()).toBe(false);
    expect(gate.lagMs()).toBe(0);
  });

  it('closes before the late tick itself, for work that gets its turn first', () => {
    const { gate, timer } = started();
    timer.block(1_600);
    expect(gate.isOverloaded()).toBe(true);
  });

  it('is open before it is started and after it is stopped', () => {
    const timer = new ManualTimer();
    const gate = new LoadGate(timer);
    timer.block(60_000);
    expect(gate.isOverloaded()).toBe(false);
    gate.start();
    gate.start();
    timer.pass(5_000);
    gate.stop();
    timer.block(60_000);
    expect(gate.isOverloaded()).toBe(false);
  });

  it('sees a real loop that is held up', () => {
    const gate = new LoadGate();
    gate.start();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_550);
    expect(gate.isOverloaded()).toBe(true);
    gate.stop();
  });
});
