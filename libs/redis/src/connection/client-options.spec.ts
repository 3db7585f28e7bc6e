import { loadEnv, RedisEnv } from '@flowmate/config';
import { clientOptions } from './client-options.js';

const options = (REDIS_URL: string, more: Readonly<Record<string, string>> = {}) =>
  clientOptions(loadEnv([RedisEnv], { variables: { REDIS_URL, ...more } }).get(RedisEnv), 'fast');

describe('the options of a connection', () => {
  it('come from the address, decoded', () => {
    expect(options('redis://app:p%40ss@cache.internal:7000/3')).toMatchObject({
      host: 'cache.internal',
      port: 7_000,
      username: 'app',
      password: 'p@ss',
      db: 3,
    });
    expect(options('redis://[::1]')).toMatchObject({ host: '::1', port: 6_379, db: 0 });
    expect(options('rediss://cache.internal')).toMatchObject({ tls: { servername: 'cache.internal' } });
    expect(options('redis://cache.internal')).not.toHaveProperty('tls');
  });

  it('name no server to TLS when the host is an IP address, against which no certificate would hold', () => {
    expect(options('rediss://[::1]').tls).toEqual({});
    expect(options('rediss://127.0.0.1').tls).toEqual({});
  });

  it('take the number of the database from its own setting first', () => {
    expect(options('redis://cache/3', { REDIS_DB: '5' })).toMatchObject({ db: 5 });
  });

  it('cannot be changed by the query of an address', () => {
    expect(options('redis://cache?enableOfflineQueue=true&commandTimeout=0')).toMatchObject({
      enableOfflineQueue: false,
      commandTimeout: 2_000,
    });
  });

  it('try again after two seconds at most', () => {
    const { retryStrategy } = options('redis://cache');
    expect([1, 5, 10, 1_000].map((attempt) => retryStrategy?.(attempt))).toEqual([200, 1_000, 2_000, 2_000]);
  });

  it('refuse a prefix that would break keys', () => {
    expect(() => options('redis://cache', { REDIS_KEY_PREFIX: 'a:b' })).toThrow('REDIS_KEY_PREFIX');
  });
});
