import { z } from 'zod';
import { toolOf } from '../../test/tools.js';
import type { ToolManifest } from './tool.js';
import { manifestHash, toolKey } from './tool-key.js';

const call = { runId: 'r', step: 1, call: 0, tool: 'http.get', args: { a: 1, b: [2] } };

describe('the key of a call', () => {
  it('is the same for the same call, for ever', () => {
    expect(toolKey(call)).toBe('17b416aabaa34d1ff2e2173d1394fd11f39df8ced66bc6face75ec037a1f6538');
    expect(toolKey({ ...call, args: { b: [2], a: 1 } })).toBe(toolKey(call));
  });

  it.each([
    { runId: 'r2' },
    { step: 2 },
    { call: 1 },
    { tool: 'http.head' },
    { args: { a: 1, b: [3] } },
    // Parts that run into one another must not become the same text.
    { runId: 'r",1', step: 0 },
  ])('is another one for another call: %j', (other) => {
    expect(toolKey({ ...call, ...other })).not.toBe(toolKey(call));
  });
});

describe('the hash of a manifest', () => {
  const { manifest } = toolOf({ args: z.strictObject({ a: z.string().max(5) }) });

  it('stays while a tool is what it was', () => {
    expect(manifestHash({ ...manifest, args: z.strictObject({ a: z.string().max(5) }) })).toBe(manifestHash(manifest));
  });

  it.each([
    { risk: 'write', class: 'A' } as const,
    { timeoutMs: 2 },
    { description: 'Something else.' },
    { scopes: ['repo'] },
    { args: z.strictObject({ a: z.string().max(6) }) },
  ])('is another one when anything about it changes: %#', (change) => {
    expect(manifestHash({ ...manifest, ...change } as ToolManifest)).not.toBe(manifestHash(manifest));
  });
});
