import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_ENV, configurationPage, envExample, loadEnv } from '@flowmate/config';
import { verifies } from '@flowmate/testing';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe(verifies('FM-73', 'the documented configuration (run `npm run docs` to write it again)'), () => {
  it('is docs/configuration.md', () => {
    expect(read('docs/configuration.md')).toBe(configurationPage(ALL_ENV));
  });

  it('is .env.example', () => {
    expect(read('.env.example')).toBe(envExample(ALL_ENV));
  });

  it('is harmless when .env.example is copied and everything in it uncommented, but for the placeholder secrets', () => {
    const lines = read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm);
    const variables = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
    const refusals = ((): string[] => {
      try {
        loadEnv(ALL_ENV, { variables });
        return [];
      } catch (error) {
        return (error as { problems: Array<{ name: string }> }).problems.map(({ name }) => name);
      }
    })();
    expect(refusals.sort()).toEqual(['INTEGRATION_ENC_KEY', 'JWT_SECRET', 'REFRESH_SECRET']);
  });
});
