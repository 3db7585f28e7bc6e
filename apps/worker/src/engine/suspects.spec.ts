import { fold, headOf, numbered, type NewEntry, type Run } from '@flowmate/domain';
import { admit } from './admission.js';
import { Suspects } from './suspects.js';

describe('runs that were there when a process ended', () => {
  it('are begun beside others after one end', () => {
    const suspects = new Suspects();
    suspects.add('a', 1);
    expect([suspects.admits(0), suspects.admits(1)]).toEqual([true, true]);
  });

  it('are begun after two ends only where no other such run is', () => {
    const suspects = new Suspects();
    expect(suspects.admits(2)).toBe(true);
    suspects.add('a', 1);
    expect(suspects.admits(2)).toBe(false);
    suspects.delete('a');
    suspects.add('b', 2);
    expect([suspects.admits(0), suspects.admits(1), suspects.admits(2)]).toEqual([true, false, false]);
  });

  it('are not kept from ending after the third', () => {
    const suspects = new Suspects();
    suspects.add('b', 2);
    expect(suspects.admits(3)).toBe(true);
  });
});

describe('a run that is taken over', () => {
  const queued: NewEntry = { type: 'run.queued', data: { reason: 'accepted', position: 0, unsent: [] } };
  const claimed = (cause: 'takeover', from: string): NewEntry => ({
    type: 'run.resumed',
    data: { worker: 'w', cause, from },
  });
  const called: NewEntry = {
    type: 'model.called',
    data: { step: 1, model: 'm', upTo: 1, omitted: [], isRepair: false, worstMicros: 0 },
  };

  const admission = (entries: readonly NewEntry[]) => {
    const journal = numbered(entries, { seq: 0, at: 0, epoch: 1, batch: 'b' });
    const head = headOf(fold(journal));
    const run = { owner: 'lost', needsVersion: 1, agentVersion: 1, wakeAt: null, epoch: 1, journal, head };
    return admit(run as unknown as Run, {
      worker: 'me',
      storeNow: 0,
      isAlive: () => Promise.resolve(false),
    });
  };

  it('counts the end that it is taken over from before it is begun', async () => {
    const started: NewEntry = { type: 'run.started', data: { worker: 'lost', agentVersion: 1 } };
    expect(await admission([queued, started, called])).toMatchObject({ crashes: 1 });
    expect(await admission([queued, started, called, claimed('takeover', 'lost'), called])).toMatchObject({
      crashes: 2,
    });
  });
});
