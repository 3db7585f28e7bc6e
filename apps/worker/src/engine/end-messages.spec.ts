import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endedBadly } from './end-messages.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8');
const SECTION = PAGE.slice(PAGE.indexOf('## How a run ends badly'));
const CODES = [...SECTION.matchAll(/^- `([a-z_]+)`/gm)].map(([, code = '']) => code);

const sentenceOf = (code: string): unknown => (endedBadly(code).data as { message: string }).message;

describe('why a run ended badly', () => {
  it.each(CODES.filter((code) => code !== 'output_truncated'))('is told for %s in a sentence of its own', (code) => {
    expect(sentenceOf(code)).not.toBe(sentenceOf('a code that nobody gives'));
  });

  it.each(['run_timeout', 'run_deadline', 'run_crash_loop', 'step_limit', 'loop_detected', 'context_length_exceeded'])(
    'is documented for %s',
    (code) => expect(CODES).toContain(code),
  );

  it('is in alphabetical order, so that a reader finds it', () => expect(CODES).toEqual(CODES.toSorted()));
});
