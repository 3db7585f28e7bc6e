import type { Run } from '@flowmate/domain';
import { Slots } from './slots.js';

const of = (workspaceId: string, bytes = 100): Run => ({ workspaceId, bytes }) as Run;

describe('the places of a worker', () => {
  const full = (): Slots => {
    const slots = new Slots(20);
    for (let place = 0; place < 18; place += 1) slots.take('crowd');
    return slots;
  };

  it('keep a tenth for workspaces that have nothing here', () => {
    const slots = full();
    expect([slots.admits('crowd'), slots.admits('guest')]).toEqual([false, true]);
    slots.take('guest');
    expect([slots.admits('guest'), slots.admits('another')]).toEqual([false, true]);
  });

  it('go to the workspace with the fewest runs here when one becomes free, however long others wait', () => {
    const slots = full();
    for (let run = 0; run < 5; run += 1) slots.postpone(`crowd-${run}`, of('crowd'));
    slots.take('guest');
    slots.postpone('guest-2', of('guest'));
    const begun: string[] = [];
    for (let end = 0; end < 3; end += 1) slots.giveBack('crowd', ({ runId }) => void begun.push(runId));
    expect(begun).toEqual(['guest-2', 'crowd-0']);
  });

  it('go to nobody who was postponed once, twice', () => {
    const slots = full();
    slots.postpone('r1', of('guest'));
    slots.postpone('r1', of('guest'));
    const begun: string[] = [];
    for (let end = 0; end < 3; end += 1) slots.giveBack('crowd', ({ runId }) => void begun.push(runId));
    expect(begun).toEqual(['r1']);
  });

  it('give a run back as it was read, unless it is large', () => {
    const slots = full();
    slots.postpone('small', of('guest'));
    slots.postpone('large', of('guest', 1_000_000));
    const begun: unknown[] = [];
    for (let end = 0; end < 3; end += 1)
      slots.giveBack('crowd', ({ runId, run }) => void begun.push([runId, run?.bytes]));
    expect(begun).toEqual([
      ['small', 100],
      ['large', undefined],
    ]);
  });
});
