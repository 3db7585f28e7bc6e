import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permissionsPage } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';

describe(verifies('FS-1', 'U-5', 'the documented permissions (run `npm run docs` to write them again)'), () => {
  it('are docs/permissions.md', () => {
    expect(readFileSync(join(import.meta.dirname, '..', 'docs', 'permissions.md'), 'utf8')).toBe(permissionsPage());
  });
});
