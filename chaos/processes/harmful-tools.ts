import type { Tool } from '@flowmate/tools';
import { z } from 'zod';

const args = z.strictObject({ ms: z.number().int().min(0).max(60_000) });
type Args = z.infer<typeof args>;

const manifest = (id: string, timeoutMs: number) => ({
  id,
  title: id,
  description: 'Does harm to the process it runs in.',
  risk: 'read' as const,
  class: 'R' as const,
  scopes: [],
  args,
  timeoutMs,
  outputBytes: 1_024,
});

const done = { text: 'done', label: 'plain' } as const;
/** As long as tools usually may take. */
const PATIENCE_MS = 15_000;

/** What a tool that somebody wrote badly does to its worker. */
export function harmfulTools(): Tool<Args>[] {
  return [
    {
      // A heap that is full ends a process just so.
      manifest: manifest('chaos.die', PATIENCE_MS),
      run: () => {
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => undefined);
      },
    },
    {
      manifest: manifest('chaos.block', PATIENCE_MS),
      run: ({ ms }) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
        return Promise.resolve(done);
      },
    },
    {
      manifest: manifest('chaos.reject', PATIENCE_MS),
      run: ({ ms }) => {
        void Promise.reject(new Error('chaos: nobody handles this'));
        return new Promise((resolve) => setTimeout(() => resolve(done), ms));
      },
    },
  ];
}
