import { createLogger, Metrics } from '@flowmate/observability';
import { eventually } from '@flowmate/testing';
import type { Duty } from './duty.js';
import { DutyRunner } from './duty-runner.js';

describe('duties', () => {
  let lines: string[];
  let metrics: Metrics;
  let runner: DutyRunner;

  const start = (...duties: Duty[]): void => {
    const destination = { write: (line: string) => void lines.push(line) };
    const options = { level: 'info', format: 'text', service: 'worker', environment: 'test' } as const;
    const logger = createLogger({ ...options, destination });
    runner = new DutyRunner({ duties, logger, metrics, random: () => 0 });
    runner.start();
  };
  const samples = async (name: string): Promise<string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
  const untilAborted = (signal: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('told to stop'))));

  beforeEach(() => ([lines, metrics] = [[], new Metrics()]));
  afterEach(() => runner.stop());

  it('are done again and again, and counted', async () => {
    let runs = 0;
    start({ name: 'often', everyMs: 1, deadlineMs: 1_000, run: () => Promise.resolve(void (runs += 1)) });
    await eventually(() => expect(runs).toBeGreaterThan(5));
    await runner.stop();
    expect(await samples('flowmate_duty_runs_total')).toEqual([
      `flowmate_duty_runs_total{duty="often",outcome="ok"} ${runs}`,
    ]);
    expect((await samples('flowmate_duty_last_success_timestamp_seconds'))[0]).toMatch(/\{duty="often"\} 1\d{9}/);
  });

  it('wait until there is something to work with, and end while they wait', async () => {
    let [runs, isThere] = [0, false];
    const duty = { name: 'often', everyMs: 1, deadlineMs: 1_000, run: () => Promise.resolve(void (runs += 1)) };
    const logger = createLogger({ level: 'info', format: 'text', service: 'worker', environment: 'test' });
    const waiting = (): DutyRunner =>
      new DutyRunner({ duties: [duty], logger, metrics: new Metrics(), random: () => 0, isReady: () => isThere });
    runner = waiting();
    runner.start();
    await new Promise((resolve) => setImmediate(resolve));
    await runner.stop();
    expect(runs).toBe(0);
    runner = waiting();
    runner.start();
    isThere = true;
    await eventually(() => expect(runs).toBeGreaterThan(1));
  });

  it('do not hold each other up when one fails or hangs, and a failure is told once', async () => {
    let [failures, runs] = [0, 0];
    let isBroken = true;
    start(
      {
        name: 'broken',
        everyMs: 1,
        deadlineMs: 1_000,
        run: () => {
          failures += 1;
          return isBroken ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve();
        },
      },
      { name: 'hanging', everyMs: 1, deadlineMs: 60_000, run: () => new Promise(() => undefined) },
      { name: 'well', everyMs: 1, deadlineMs: 1_000, run: () => Promise.resolve(void (runs += 1)) },
    );
    await eventually(() => expect(Math.min(failures, runs)).toBeGreaterThan(5));
    isBroken = false;
    await eventually(() => expect(lines.join()).toContain('the duty broken does well again'));
    expect(lines.filter((line) => line.includes('the duty broken failed'))).toHaveLength(1);
  });

  it('never overlap themselves: one that is late is told so, and the next waits for its end', async () => {
    const end = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    start({
      name: 'late',
      everyMs: 1,
      deadlineMs: 10,
      run: (signal) => {
        signals.push(signal);
        return end.promise;
      },
    });
    await eventually(() => expect(lines.join()).toContain('the duty late failed'));
    expect(signals[0]?.aborted).toBe(true);
    expect(signals).toHaveLength(1);
    end.resolve();
    await eventually(() => expect(signals.length).toBeGreaterThan(1));
    expect((await samples('flowmate_duty_runs_total'))[0]).toContain('{duty="late",outcome="timed_out"}');
  });

  it('stop when the process does, and begin nothing more', async () => {
    let runs = 0;
    start({
      name: 'long',
      everyMs: 1,
      deadlineMs: 60_000,
      run: (signal) => {
        runs += 1;
        return untilAborted(signal);
      },
    });
    await eventually(() => expect(runs).toBe(1));
    const started = performance.now();
    await runner.stop();
    expect(performance.now() - started).toBeLessThan(500);
    expect(runs).toBe(1);
    expect(lines).toEqual([]);
  });

  it('that ignore the end of the process are left behind', async () => {
    let isRunning = false;
    start({
      name: 'deaf',
      everyMs: 1,
      deadlineMs: 60_000,
      run: () => {
        isRunning = true;
        return new Promise(() => undefined);
      },
    });
    await eventually(() => expect(isRunning).toBe(true));
    const started = performance.now();
    await runner.stop();
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
