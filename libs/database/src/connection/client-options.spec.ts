import { DatabaseEnv, loadEnv } from '@flowmate/config';
import { clientOptions, databaseName, OPERATION_MS } from './client-options.js';

const settings = (variables: Record<string, string>) => loadEnv([DatabaseEnv], { variables }).get(DatabaseEnv);

describe('the connection', () => {
  it('is looked for longer by whom nobody waits for', () => {
    const selection = (role: 'api' | 'worker' | 'cli', variables = {}) =>
      clientOptions(role, settings(variables)).serverSelectionTimeoutMS;
    expect([selection('api'), selection('worker'), selection('cli')]).toEqual([5_000, 30_000, 10_000]);
    expect(selection('worker', { MONGODB_TIMEOUT: '7s' })).toBe(7_000);
  });

  it('waits for a silent socket longer than the server works', () => {
    expect(clientOptions('api', settings({})).socketTimeoutMS).toBeGreaterThan(OPERATION_MS);
  });

  it.each([
    ['mongodb://a', 'flowmate'],
    ['mongodb://a/', 'flowmate'],
    ['mongodb://a/?replicaSet=x', 'flowmate'],
    ['mongodb://u:p@a:1,b:2/mine?replicaSet=x', 'mine'],
    ['mongodb+srv://a/mine', 'mine'],
    ['mongodb://a/my%2Dname', 'my-name'],
  ])('to %s is to the database %s', (uri, name) => {
    expect(databaseName(settings({ MONGODB_URI: uri }))).toBe(name);
    expect(databaseName(settings({ MONGODB_URI: uri, MONGODB_DATABASE: 'other' }))).toBe('other');
  });
});
