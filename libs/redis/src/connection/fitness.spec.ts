import { readFitness } from './fitness.js';
import type { RedisClient } from './redis-client.js';

const saying = (...lines: readonly string[]): RedisClient =>
  ({ info: () => Promise.resolve(lines.join('\r\n')) }) as unknown as RedisClient;

describe('what a Redis says about itself', () => {
  it('is its version, its policy, and how much memory it uses and may use', async () => {
    const client = saying(
      '# Server',
      'redis_version:7.0.15',
      '# Memory',
      'used_memory:1048576',
      'used_memory_rss:9999999',
      'maxmemory:2147483648',
      'maxmemory_policy:noeviction',
    );
    expect(await readFitness(client)).toEqual({
      version: '7.0.15',
      evictionPolicy: 'noeviction',
      usedBytes: 1_048_576,
      maxBytes: 2_147_483_648,
    });
  });

  it('has no limit where none is set', async () => {
    expect(await readFitness(saying('used_memory:1024', 'maxmemory:0'))).toEqual({ usedBytes: 1_024 });
  });
});
