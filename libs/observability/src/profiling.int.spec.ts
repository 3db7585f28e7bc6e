import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawnTypeScript, verifies } from '@flowmate/testing';
import { ProfileInProgressError, Profiler } from './profiling.js';

const profiler = new Profiler();

/** In a process of its own: the heap of one that runs many tests is too large for a text. */
function writtenBy(mode: string): Promise<string> {
  const child = spawnTypeScript(
    join(import.meta.dirname, '..', 'test', 'heap-writer.ts'),
    [mode],
    ['ignore', 'pipe', 'inherit'],
  );
  return child.stdout ? text(child.stdout) : Promise.resolve('');
}

function spin(until: AbortSignal): void {
  if (!until.aborted) setImmediate(spin, until);
}

describe(verifies('FR-25', 'profiles'), () => {
  it('streams the heap as a snapshot that tools can read', async () => {
    expect(JSON.parse(await writtenBy('whole'))).toHaveProperty('snapshot.meta.node_fields');
  }, 60_000);

  it('records where the process spends its time', async () => {
    const end = new AbortController();
    setImmediate(spin, end.signal);
    const profile: unknown = JSON.parse(await profiler.cpuProfile(1));
    end.abort();
    expect(profile).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
  });

  it('takes one at a time, whoever asks', async () => {
    const hangUp = new AbortController();
    const first = profiler.cpuProfile(60, hangUp.signal);
    await expect(new Profiler().cpuProfile(1)).rejects.toMatchObject({ kind: 'conflict', code: 'profile_in_progress' });
    expect(() => profiler.heapSnapshot()).toThrow(ProfileInProgressError);
    hangUp.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await expect(profiler.cpuProfile(1)).resolves.toContain('"nodes"');
  });

  it('is free again when the reader of a snapshot goes away', async () => {
    expect(await writtenBy('leave')).toContain('"nodes"');
  }, 60_000);

  it.each([0, -1, 61, 1.5, Number.NaN])('refuses %p seconds', async (seconds) => {
    await expect(profiler.cpuProfile(seconds)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('does not begin for a caller that is gone', async () => {
    await expect(profiler.cpuProfile(1, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
