import { CANARY_JOB, CONCURRENCY, JOB_CATALOG } from '../catalog/job-catalog.js';
import { idsOnly, isJobId, readEnvelope } from '../catalog/job-definition.js';
import { byJobName, handle, JobWiringError } from './job-handler.js';

const canary = handle(CANARY_JOB, () => Promise.resolve());
const stranger = handle({ ...CANARY_JOB, name: 'stranger' }, () => Promise.resolve());

describe('the wiring of jobs', () => {
  it('is right when each job has exactly one handler', () => {
    expect([...byJobName([CANARY_JOB], [canary]).keys()]).toEqual(['canary']);
  });

  it.each([
    ['a job without a handler', [], 'the job canary has no handler'],
    ['a job with two', [canary, canary], 'the job canary has 2 handlers'],
    ['a handler without a job', [canary, stranger], 'the handled job stranger is not in the catalogue'],
  ])('refuses %s', (_case, handlers, problem) => {
    expect(() => byJobName([CANARY_JOB], handlers)).toThrow(JobWiringError);
    expect(() => byJobName([CANARY_JOB], handlers)).toThrow(problem);
  });

  it('has names that are there once, and a number of slots for each queue', () => {
    expect(new Set(JOB_CATALOG.map(({ name }) => name)).size).toBe(JOB_CATALOG.length);
    expect(Object.keys(CONCURRENCY)).toEqual([...new Set(JOB_CATALOG.map(({ queue }) => queue))]);
  });
});

describe('a payload', () => {
  const read = idsOnly('runId', 'workerId');

  it('holds exactly the ids of its kind', () => {
    expect(read({ runId: 'r1', workerId: 'w-2.3_4' })).toEqual({ runId: 'r1', workerId: 'w-2.3_4' });
  });

  it.each([
    ['a missing id', { runId: 'r1' }],
    ['one more field', { runId: 'r1', workerId: 'w1', token: 'secret' }],
    ['an id that is none', { runId: 'r1', workerId: 'a:b' }],
    ['an id of another type', { runId: 'r1', workerId: { $gt: '' } }],
    ['a list', ['r1', 'w1']],
    ['nothing', null],
  ])('is none with %s', (_case, stored) => {
    expect(read(stored)).toBeUndefined();
  });

  it('comes in an envelope with whom it is for', () => {
    const envelope = { payload: { runId: 'r1' }, correlationId: 'c-12345678', traceparent: '00-a-b-01' };
    expect(readEnvelope(envelope)).toEqual(envelope);
    expect(readEnvelope({ payload: {}, correlationId: 7, traceparent: 8 })).toEqual({ payload: {}, correlationId: '' });
    expect(readEnvelope({ runId: 'r1' })).toBeUndefined();
  });
});

describe('a job id', () => {
  it.each(['0', '0:1', 'a:b', '', '7', 'x'.repeat(200)])('is not %j', (id) => expect(isJobId(id)).toBe(false));
  it('is a word that BullMQ takes as it is', () => expect(isJobId('run-7f3a-12')).toBe(true));
});
