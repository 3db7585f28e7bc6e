import { DatabaseUnavailableError } from '../connection/database.errors.js';
import { Gathered, type Settled } from './gathered.js';

const OPTIONS = { lanes: 1, most: 3, rest: { eachMs: 0, mostMs: 0 }, timeoutMs: 1_000 };

/** What was sent together, each answered when the test says so. */
class Desk {
  readonly sent: Array<{ readonly all: readonly string[]; readonly answered: PromiseWithResolvers<void> }> = [];

  readonly work = async (all: readonly string[]): Promise<Settled<string>> => {
    const answered = Promise.withResolvers<void>();
    this.sent.push({ all, answered });
    await answered.promise;
    return all.map((one) =>
      one === 'bad'
        ? { status: 'rejected', reason: new Error('is bad') }
        : { status: 'fulfilled', value: one.toUpperCase() },
    );
  };

  get groups(): ReadonlyArray<readonly string[]> {
    return this.sent.map(({ all }) => all);
  }

  async answerNext(index: number): Promise<void> {
    this.sent[index]?.answered.resolve();
    await turn();
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('what is gathered', () => {
  it('goes at once when nothing is under way, together with what comes in the same turn', async () => {
    const desk = new Desk();
    const gathered = new Gathered(desk.work, OPTIONS);
    const answers = Promise.all([gathered.ask('a'), gathered.ask('b')]);
    await turn();
    expect(desk.groups).toEqual([['a', 'b']]);
    await desk.answerNext(0);
    await expect(answers).resolves.toEqual(['A', 'B']);
  });

  it('waits while all lanes are taken, and then goes in groups that are not too large', async () => {
    const desk = new Desk();
    const gathered = new Gathered(desk.work, OPTIONS);
    const answers = [gathered.ask('a')];
    await turn();
    answers.push(...['b', 'c', 'd', 'e'].map((one) => gathered.ask(one)));
    await turn();
    expect(desk.groups).toEqual([['a']]);
    await desk.answerNext(0);
    expect(desk.groups).toEqual([['a'], ['b', 'c', 'd']]);
    await desk.answerNext(1);
    await desk.answerNext(2);
    await expect(Promise.all(answers)).resolves.toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('uses as many lanes as it has', async () => {
    const desk = new Desk();
    const gathered = new Gathered(desk.work, { ...OPTIONS, lanes: 2, most: 1 });
    const answers = ['a', 'b', 'c'].map((one) => gathered.ask(one));
    await turn();
    await turn();
    expect(desk.groups).toEqual([['a'], ['b']]);
    await desk.answerNext(1);
    expect(desk.groups).toEqual([['a'], ['b'], ['c']]);
    await desk.answerNext(0);
    await desk.answerNext(2);
    await expect(Promise.all(answers)).resolves.toEqual(['A', 'B', 'C']);
  });

  it('fails alone', async () => {
    const desk = new Desk();
    const gathered = new Gathered(desk.work, OPTIONS);
    const answers = Promise.allSettled([gathered.ask('a'), gathered.ask('bad')]);
    await turn();
    await desk.answerNext(0);
    const [good, bad] = await answers;
    expect(good).toEqual({ status: 'fulfilled', value: 'A' });
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'is bad' } });
  });

  it('fails as a whole when the group does, and the next one goes all the same', async () => {
    let isBroken = true;
    const gathered = new Gathered<string, string>((all) => {
      if (isBroken) return Promise.reject(new Error('no store'));
      return Promise.resolve(all.map((value) => ({ status: 'fulfilled', value })));
    }, OPTIONS);
    const answers = await Promise.allSettled([gathered.ask('a'), gathered.ask('b')]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    await expect(gathered.ask('c')).resolves.toBe('c');
  });

  it('is not sent any more when nobody waits for it', async () => {
    const desk = new Desk();
    const gathered = new Gathered(desk.work, { ...OPTIONS, timeoutMs: 20 });
    const first = gathered.ask('a');
    await turn();
    const second = gathered.ask('b');
    await expect(first).rejects.toThrow(DatabaseUnavailableError);
    await expect(second).rejects.toThrow(DatabaseUnavailableError);
    await desk.answerNext(0);
    expect(desk.groups).toEqual([['a']]);
  });

  describe('after a command with several', () => {
    const resting = { ...OPTIONS, most: 4, rest: { eachMs: 20, mostMs: 30 } };
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
    afterEach(() => void jest.useRealTimers());

    /** After a command with so many, two more are wanted; answers what has left before a time, and what at it. */
    const followersOf = async (count: number, restMs: number): Promise<readonly Desk['groups'][]> => {
      const desk = new Desk();
      const gathered = new Gathered(desk.work, resting);
      const answers = Array.from({ length: count }, () => gathered.ask('a'));
      await turn();
      await desk.answerNext(0);
      await Promise.all(answers);
      const next = [gathered.ask('b')];
      jest.advanceTimersByTime(Math.max(restMs - 1, 0));
      next.push(gathered.ask('c'));
      await turn();
      const before = desk.groups.slice(1);
      jest.advanceTimersByTime(1);
      await turn();
      const then = desk.groups.slice(1);
      await desk.answerNext(1);
      await Promise.all(next);
      return [before, then];
    };

    it('the next one rests, and takes along what comes meanwhile', async () => {
      expect(await followersOf(2, 20)).toEqual([[], [['b', 'c']]]);
    });

    it('rests longer the more there were, and no longer than it may', async () => {
      expect(await followersOf(4, 30)).toEqual([[], [['b', 'c']]]);
    });

    it('nobody rests after one alone', async () => {
      expect(await followersOf(1, 0)).toEqual([[['b', 'c']], [['b', 'c']]]);
    });

    it('a whole command leaves at once', async () => {
      const desk = new Desk();
      const gathered = new Gathered(desk.work, { ...resting, rest: { eachMs: 60_000, mostMs: 60_000 } });
      const answers = [gathered.ask('a'), gathered.ask('b')];
      await turn();
      await desk.answerNext(0);
      answers.push(...['c', 'd', 'e', 'f'].map((one) => gathered.ask(one)));
      await turn();
      expect(desk.groups[1]).toEqual(['c', 'd', 'e', 'f']);
      await desk.answerNext(1);
      await expect(Promise.all(answers)).resolves.toHaveLength(6);
    });
  });
});
