import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOOL_FAILURE_CODES } from './tool-failure.js';

const PAGE = join(import.meta.dirname, '../../../../docs/errors.md');

describe('the ways in which a tool call fails', () => {
  it('are those of docs/errors.md, in order', () => {
    const [, rest = ''] = readFileSync(PAGE, 'utf8').split('## How a tool call fails');
    const [section = ''] = rest.split('\n## ');
    const documented = [...section.matchAll(/^- `([a-z_]+)`: /gm)].map(([, code]) => code);
    expect(documented).toEqual(TOOL_FAILURE_CODES);
    expect([...TOOL_FAILURE_CODES].sort()).toEqual(TOOL_FAILURE_CODES);
  });
});
