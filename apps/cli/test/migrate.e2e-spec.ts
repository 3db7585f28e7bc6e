import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testStores, verifies } from '@flowmate/testing';
import { flowmate, ROOT } from './harness/flowmate.js';

describe('flowmate', () => {
  const stored = (): Record<string, string> => ({
    MONGODB_URI: testStores().mongoUri,
    MONGODB_DATABASE: `test_${randomUUID().slice(0, 8)}`,
  });

  describe(verifies('FR-1', 'migrate'), () => {
    it('brings a new database to where this version needs it, once', async () => {
      const settings = stored();
      const before = await flowmate(['migrate', 'status'], settings);
      expect(before).toMatchObject({ code: 0, err: '' });
      expect(before.out).toMatch(
        /^0001 {2}canaries {2}pending\n(\d{4} {2}[\w-]+ {2}pending\n)+The database needs a migration: run `flowmate migrate up`\.\n$/,
      );
      const up = await flowmate(['migrate', 'up'], settings);
      expect(up).toMatchObject({ code: 0, err: '' });
      expect(up.out).toMatch(/^(\d{4} {2}[\w-]+ {2}applied in \d+ ms\n)+The database is up to date\.\n$/);
      const again = await flowmate(['migrate', 'up'], settings);
      expect(again).toEqual({ code: 0, out: 'The database is up to date.\n', err: '' });
      const after = await flowmate(['migrate', 'status', '--json'], settings);
      expect(JSON.parse(after.out)).toMatchObject({
        state: 'current',
        migrations: expect.arrayContaining([expect.objectContaining({ id: '0001', state: 'applied' })]),
      });
    });

    it('has a script beside those that build and develop', () => {
      const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      expect(scripts['migrate-up']).toContain('flowmate -- migrate up');
      expect(scripts['flowmate']).toContain('dist/apps/cli/src/main.js');
      for (const name of ['build', 'dev', 'start:api', 'start:worker']) expect(scripts).toHaveProperty(name);
    });
  });

  it('finds the stores that `npm start` of its checkout has told of', async () => {
    const { MONGODB_URI, MONGODB_DATABASE } = stored();
    const cwd = mkdtempSync(join(tmpdir(), 'flowmate-cli-'));
    try {
      mkdirSync(join(cwd, '.flowmate', 'stores'), { recursive: true });
      writeFileSync(join(cwd, '.flowmate', 'stores', 'addresses.env'), `MONGODB_URI="${MONGODB_URI}"\n`);
      const found = await flowmate(['migrate', 'status'], { MONGODB_DATABASE: MONGODB_DATABASE ?? '' }, { cwd });
      expect(found).toMatchObject({ code: 0, err: '' });
      const other = await flowmate(['migrate', 'status'], { MONGODB_URI: 'mongodb://127.0.0.1:1' }, { cwd });
      expect(other.code).toBe(1);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  it('ends with 1 and a reason when the database does not answer', async () => {
    const { code, out, err } = await flowmate(['migrate', 'up'], {
      MONGODB_URI: 'mongodb://user:pa55word@127.0.0.1:1',
      MONGODB_TIMEOUT: '1s',
    });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('nothing listens at the address');
    expect(err).toContain('The database does not answer at the moment.');
    expect(err).not.toContain('pa55word');
  });

  it('ends with 78 when the settings are wrong, are missing or name a store that is not fit', async () => {
    const wrong = await flowmate(['migrate', 'up'], { MONGODB_URI: 'http://pa55word' });
    expect(wrong).toMatchObject({ code: 78, out: '', err: expect.stringContaining('MONGODB_URI: must be') });
    expect(wrong.err).not.toContain('pa55word');
    const missing = await flowmate(['migrate', 'up'], { MONGODB_URI: '' });
    expect(missing).toMatchObject({ code: 78, err: expect.stringContaining('MONGODB_URI: is not set') });
    if (process.env['FLOWMATE_TEST_REAL_MONGODB_URI']) return;
    const unfit = await flowmate(['migrate', 'up'], { ...stored(), NODE_ENV: 'production' });
    expect(unfit).toMatchObject({ code: 78, out: '', err: expect.stringContaining('embedded store') });
  });
});
