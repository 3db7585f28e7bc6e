import { DomainError } from '@flowmate/domain';
import { eventually } from '@flowmate/testing';
import type { HealthComponent } from './component.js';
import { HealthMonitor, type HealthChange } from './health-monitor.js';

/** Milliseconds instead of seconds; everything else as in production. */
const FAST = { calmMs: 2, troubledMs: 2, startingMs: 2, checkTimeoutMs: 20 };

class WrongPasswordError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'database_login_failed';
}

class PlayedStore implements HealthComponent {
  failure: Error | undefined;
  isSilent = false;
  checks = 0;
  readonly aborted: boolean[] = [];

  constructor(
    readonly name: string,
    readonly isRequired: boolean,
  ) {}

  async check(signal: AbortSignal): Promise<{ version: string }> {
    this.checks += 1;
    if (this.isSilent) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    if (this.isSilent) this.aborted.push(signal.aborted);
    if (this.failure) throw this.failure;
    return { version: '1' };
  }
}

describe('health', () => {
  let mongo: PlayedStore;
  let redis: PlayedStore;
  let changes: HealthChange[];
  let monitor: HealthMonitor;

  const until = (status: string): Promise<void> => eventually(() => expect(monitor.readiness().status).toBe(status));

  beforeEach(() => {
    [mongo, redis, changes] = [new PlayedStore('mongodb', true), new PlayedStore('redis', false), []];
    const onChange = (change: HealthChange): void => void changes.push(change);
    monitor = new HealthMonitor({ components: [mongo, redis], limits: FAST, onChange });
  });
  afterEach(() => monitor.stop());

  it('is not ready before the first answers, and ready after them', async () => {
    expect(monitor.readiness()).toEqual({
      status: 'not_ready',
      components: { mongodb: { status: 'starting' }, redis: { status: 'starting' } },
    });
    monitor.start();
    await until('ready');
    expect(monitor.readiness().components).toEqual({ mongodb: { status: 'up' }, redis: { status: 'up' } });
  });

  it('is degraded without what is not required, and not ready without what is', async () => {
    monitor.start();
    await until('ready');
    redis.failure = new Error('ECONNREFUSED 10.0.0.1');
    await until('degraded');
    mongo.failure = new WrongPasswordError('The database refuses the password.');
    await until('not_ready');
    [mongo.failure, redis.failure] = [undefined, undefined];
    await until('ready');
    expect(monitor.details()).toMatchObject({ components: { mongodb: { failures: 0 }, redis: { failures: 0 } } });
  });

  it('tells of each change once, with a word that gives nothing away', async () => {
    mongo.failure = new WrongPasswordError('The database refuses the password.');
    redis.failure = new Error('connect ECONNREFUSED 10.0.0.1:6379');
    monitor.start();
    await eventually(() => expect(mongo.checks).toBeGreaterThan(5));
    [mongo.failure, redis.failure] = [undefined, undefined];
    await until('ready');
    expect(changes.filter(({ component }) => component === 'mongodb')).toEqual([
      { component: 'mongodb', isUp: false, reason: 'database_login_failed' },
      { component: 'mongodb', isUp: true },
    ]);
    expect(changes.filter(({ component }) => component === 'redis')[0]).toMatchObject({ reason: 'unreachable' });
    expect(JSON.stringify([changes, monitor.details(), monitor.readiness()])).not.toContain('10.0.0.1');
  });

  it('gives up on a component that does not answer, and tells it so', async () => {
    mongo.isSilent = true;
    monitor.start();
    await eventually(() => expect(monitor.details().components['mongodb']).toMatchObject({ reason: 'timeout' }));
    await eventually(() => expect(mongo.aborted[0]).toBe(true));
    mongo.isSilent = false;
    await until('ready');
    expect(monitor.details().components['mongodb']).not.toHaveProperty('reason');
  });

  it('answers from what it knows, without asking', async () => {
    monitor.start();
    await until('ready');
    await monitor.stop();
    const { checks } = mongo;
    for (let probe = 0; probe < 1_000; probe += 1) monitor.readiness();
    expect(mongo.checks).toBe(checks);
  });

  it('is not ready from the first moment of stopping, whatever the stores say', async () => {
    monitor.start();
    await until('ready');
    await monitor.drain();
    expect(monitor.readiness().status).toBe('not_ready');
  });
});
