import { verifies } from '@flowmate/testing';
import { ConsumerHealth } from './consumer-health.js';

const WEDGED = { code: 'consumer_wedged' };
/** As health looks at what is well. */
const LOOK_MS = 4_000;

describe(verifies('R25', 'the health of the main consumer'), () => {
  let now: number;
  let activity: { isTaking: boolean; taken: number; hasFreeSlot: boolean };
  let waiting: number;
  let isRedisThere: boolean;
  let health: ConsumerHealth;

  const answer = <T>(value: T): Promise<T> =>
    isRedisThere ? Promise.resolve(value) : Promise.reject(new Error('Redis does not answer.'));
  /** Looks as often as health does, and answers what the last look says. */
  const lookFor = async (ms: number, before?: () => void): Promise<unknown> => {
    const end = now + ms;
    let last: unknown;
    while (now < end) {
      now = Math.min(end, now + LOOK_MS);
      before?.();
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      last = await health.check().catch((error: unknown) => error);
    }
    return last;
  };

  beforeEach(async () => {
    [now, waiting, isRedisThere] = [0, 1, true];
    activity = { isTaking: true, taken: 7, hasFreeSlot: true };
    health = new ConsumerHealth({
      activity: () => activity,
      waiting: () => answer(waiting),
      now: () => now,
    });
    // The first look finds what was taken before it, the second is the first that proves nothing was taken.
    await health.check();
    await health.check();
  });

  it('is required, good at first, and tells how long nothing was taken', async () => {
    expect(health.isRequired).toBe(true);
    expect(await lookFor(44_000)).toEqual({ secondsWithoutJob: 44 });
    expect(health.isAlive).toBe(true);
  });

  it('is not ready after 45 s, and not alive after 90 s', async () => {
    expect(await lookFor(45_000)).toMatchObject(WEDGED);
    expect(await lookFor(44_000)).toMatchObject(WEDGED);
    expect(health.isAlive).toBe(true);
    expect(await lookFor(1_000)).toMatchObject(WEDGED);
    expect(health.isAlive).toBe(false);
  });

  it('is good again with the first job', async () => {
    await lookFor(100_000);
    activity.taken += 1;
    expect(await lookFor(LOOK_MS)).toEqual({});
    expect(health.isAlive).toBe(true);
  });

  it.each<[string, () => void]>([
    ['no job waits', () => (waiting = 0)],
    ['it is full', () => (activity.hasFreeSlot = false)],
    ['it was told to take nothing', () => (activity.isTaking = false)],
    ['Redis does not answer', () => (isRedisThere = false)],
    ['it takes one now and then', () => (activity.taken += 1)],
  ])('stays good for ever while %s', async (_, make) => {
    expect(await lookFor(200_000, make)).toEqual({});
    expect(health.isAlive).toBe(true);
  });

  it.each<[string, () => void, () => void]>([
    ['Redis was away', () => (isRedisThere = false), () => (isRedisThere = true)],
    ['it was full', () => (activity.hasFreeSlot = false), () => (activity.hasFreeSlot = true)],
    ['no job waited', () => (waiting = 0), () => (waiting = 1)],
  ])('counts from the start again after %s', async (_, begin, end) => {
    await lookFor(44_000);
    begin();
    await lookFor(LOOK_MS);
    end();
    expect(await lookFor(44_000)).toEqual({ secondsWithoutJob: 40 });
    expect(await lookFor(8_000)).toMatchObject(WEDGED);
  });

  it('stays good while Redis takes everything and answers nothing', async () => {
    const silent = new Promise<never>(() => undefined);
    const limits = { notReadyMs: 1, notAliveMs: 1, answerMs: 5 };
    health = new ConsumerHealth({ activity: () => activity, waiting: () => silent, limits });
    for (const _ of 'abc') expect(await health.check()).toEqual({});
    expect(health.isAlive).toBe(true);
  });

  it('does not count the time in which this process stood still', async () => {
    await lookFor(40_000);
    now += 600_000;
    expect(await health.check()).toEqual({ secondsWithoutJob: 0 });
    expect(health.isAlive).toBe(true);
  });
});
