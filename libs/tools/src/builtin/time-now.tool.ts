import { z } from 'zod';
import { ToolFailure } from '../port/tool-failure.js';
import type { Tool, ToolManifest } from '../port/tool.js';

const args = z.strictObject({
  // The alphabet of the IANA names, of which the longest has 32 letters.
  zone: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]{1,64}$/)
    .optional()
    .describe('An IANA time zone such as Europe/Berlin. Without it: UTC.'),
});

/** There are some 600 names of zones; making a format takes longer than all else that a call does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'full', timeStyle: 'long' });
    formats.set(zone, made);
    return made;
  } catch {
    throw new ToolFailure('tool_args_invalid', 'The arguments are not valid: zone: no such IANA time zone.');
  }
}

export const timeNowManifest: ToolManifest<z.infer<typeof args>> = {
  id: 'time.now',
  title: 'Tell the time',
  description: 'Answers the date and the time, in UTC and in one time zone.',
  risk: 'read',
  class: 'R',
  scopes: [],
  args,
  timeoutMs: 1_000,
  outputBytes: 1_024,
};

export function timeNow(clock: () => Date = () => new Date()): Tool<z.infer<typeof args>> {
  return {
    manifest: timeNowManifest,
    run({ zone = 'UTC' }) {
      const now = clock();
      const text = `${now.toISOString()}\n${formatIn(zone).format(now)} (${zone})`;
      return Promise.resolve({ text, label: 'plain' });
    },
  };
}
