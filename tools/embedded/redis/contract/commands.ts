import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { eventually } from '@flowmate/testing';
import { ask } from '../../supervisor/redis-ask.ts';
import type { Contract } from './scene.ts';

const MEBIBYTE = 1024 * 1024;

export const COMMANDS: Contract = {
  'refuses everything without the password': async (scene) => {
    const port = Number(new URL(scene.url).port);
    const attempts = ['PING', 'GET a', 'CONFIG GET *', 'ACL WHOAMI', 'EVAL return 0', 'SUBSCRIBE a', 'SHUTDOWN NOSAVE'];
    const replies = await ask(port, [...attempts.map((line) => line.split(' ')), ['AUTH', 'wrong'], ['PING']], 2_000);
    const [loggedIn, ping] = replies?.slice(-2) ?? [];
    expect(replies?.slice(0, attempts.length)).toEqual(
      attempts.map(() => ({ error: expect.stringMatching(/^NOAUTH/) })),
    );
    expect([loggedIn, ping]).toEqual([
      { error: expect.stringMatching(/^WRONGPASS/) },
      { error: expect.stringMatching(/^NOAUTH/) },
    ]);
    expect(await scene.redis().ping()).toBe('PONG');
  },

  'answers in RESP2 and RESP3': async (scene) => {
    const redis = scene.redis();
    await redis.hset('{r}h', { a: '1' });
    expect(await redis.hgetall('{r}h')).toEqual({ a: '1' });
    expect(await redis.call('HELLO', '3')).toBeDefined();
  },

  'expires keys by itself and says so': async (scene) => {
    const redis = scene.redis();
    const listener = scene.redis();
    const key = randomUUID();
    await listener.subscribe('__keyevent@0__:expired');
    const expired = once(listener, 'message');
    await redis.set(key, 'x', 'PX', 60);
    expect(await redis.pttl(key)).toBeGreaterThan(0);
    expect((await expired)[1]).toBe(key); // nobody asked for the key
    expect(await redis.exists(key)).toBe(0);
  },

  'delivers published messages, also by pattern': async (scene) => {
    const [redis, exact, pattern] = [scene.redis(), scene.redis(), scene.redis()];
    await exact.subscribe('news');
    await pattern.psubscribe('ne*');
    const heard = [once(exact, 'message'), once(pattern, 'pmessage')];
    expect(await redis.publish('news', 'hello')).toBe(2);
    expect(await Promise.all(heard)).toEqual([
      ['news', 'hello'],
      ['ne*', 'news', 'hello'],
    ]);
  },

  'wakes a blocked reader at once': async (scene) => {
    const [redis, blocked] = [scene.redis(), scene.redis()];
    const list = randomUUID();
    const popped = blocked.blpop(list, 5);
    await redis.rpush(list, 'x');
    expect(await popped).toEqual([list, 'x']);
  },

  'lets a blocked reader go when its time is up': async (scene) => {
    const started = performance.now();
    expect(await scene.redis().bzpopmin(randomUUID(), 0.2)).toBeNull();
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(1_000);
  },

  'reads streams in groups': async (scene) => {
    const redis = scene.redis();
    const stream = randomUUID();
    await redis.xgroup('CREATE', stream, 'g', '$', 'MKSTREAM');
    const id = String(await redis.xadd(stream, '*', 'a', '1'));
    const read = await redis.xreadgroup('GROUP', 'g', 'me', 'COUNT', 1, 'STREAMS', stream, '>');
    expect(read).toEqual([[stream, [[id, ['a', '1']]]]]);
    expect(await redis.xack(stream, 'g', id)).toBe(1);
    expect(await redis.xpending(stream, 'g')).toEqual([0, null, null, null]);
  },

  'commits a transaction only when nothing watched has changed': async (scene) => {
    const [redis, other] = [scene.redis(), scene.redis()];
    const key = randomUUID();
    await redis.watch(key);
    await other.set(key, 'theirs');
    expect(await redis.multi().set(key, 'ours').exec()).toBeNull();
    expect(await redis.multi().set(key, 'ours').get(key).exec()).toEqual([
      [null, 'OK'],
      [null, 'ours'],
    ]);
  },

  'runs Lua, by text and by hash': async (scene) => {
    const redis = scene.redis();
    const script = 'redis.call("SET", KEYS[1], ARGV[1]); return {KEYS[1], ARGV[1], 3.9, false}';
    const key = randomUUID();
    const digest = String(await redis.script('LOAD', script));
    expect(await redis.eval(script, 1, key, 'v')).toEqual([key, 'v', 3, null]);
    expect(await redis.evalsha(digest, 1, key, 'w')).toEqual([key, 'w', 3, null]);
    await expect(redis.evalsha('0'.repeat(40), 0)).rejects.toThrow(/NOSCRIPT/);
  },

  'hands errors of Lua to the caller': async (scene) => {
    const redis = scene.redis();
    await expect(redis.eval('return redis.error_reply("MINE because")', 0)).rejects.toThrow(/^MINE because/);
    await expect(redis.eval('error("boom")', 0)).rejects.toThrow(/boom/);
    const caught = 'local ok, e = pcall(redis.call, "INCR", KEYS[1]); return tostring(ok)';
    await redis.set('{lua}text', 'no number');
    expect(await redis.eval(caught, 1, '{lua}text')).toBe('false');
    expect(await redis.ping()).toBe('PONG');
  },

  'packs and unpacks in Lua': async (scene) => {
    const script = `local value = cjson.decode(ARGV[1])
      local copy = cmsgpack.unpack(cmsgpack.pack(value))
      return cjson.encode({copy.a, #copy.list, struct.unpack('>I2', struct.pack('>I2', 513)), bit.band(6, 3)})`;
    expect(await scene.redis().eval(script, 0, '{"a":"ä","list":[1,2,3]}')).toBe('["ä",3,513,2]');
  },

  'calls functions of a library': async (scene) => {
    const redis = scene.redis();
    const code = `#!lua name=contract
      redis.register_function('add', function(keys, args) return args[1] + args[2] end)`;
    await redis.call('FUNCTION', 'LOAD', 'REPLACE', code);
    expect(await redis.call('FCALL', 'add', '0', '40', '2')).toBe(42);
  },

  'scans every key exactly as it is': async (scene) => {
    const redis = scene.redis();
    const prefix = randomUUID();
    await redis.mset(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${prefix}:${index}`, 'x'])));
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 200);
      for (const key of keys) found.add(key);
      cursor = next;
    } while (cursor !== '0');
    expect(found.size).toBe(1_000);
  },

  'stores and returns a value of 20 MB': async (scene) => {
    const redis = scene.redis();
    const value = randomBytes(20 * MEBIBYTE);
    const key = randomUUID();
    await redis.set(key, value);
    const back = await redis.getBuffer(key);
    expect(back?.equals(value)).toBe(true);
    await redis.del(key);
  },

  'answers a pipeline of 20,000 commands in order': async (scene) => {
    const redis = scene.redis();
    const key = randomUUID();
    const pipeline = redis.pipeline();
    for (let count = 0; count < 20_000; count += 1) pipeline.incr(key);
    const answers = await pipeline.exec();
    expect(answers?.map(([, value]) => value)).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  },

  'serves 500 idle connections and a busy one': async (scene) => {
    const idle = Array.from({ length: 500 }, () => scene.redis());
    await Promise.all(idle.map((redis) => redis.ping()));
    expect(await scene.redis().set('{idle}', 'x')).toBe('OK');
  },

  'refuses to lose keys when memory ends': async (scene) => {
    const info = await scene.redis().info('memory');
    expect(info).toContain('maxmemory_policy:noeviction');
    expect(info).toMatch(/maxmemory:1073741824\r/);
  },

  'copies a value by its dump': async (scene) => {
    const redis = scene.redis();
    await redis.zadd('{dump}a', '1', 'one', '2', 'two');
    const dump = await redis.dumpBuffer('{dump}a');
    await redis.restore('{dump}b', 0, dump ?? '', 'REPLACE');
    expect(await redis.zrange('{dump}b', '0', '-1', 'WITHSCORES')).toEqual(['one', '1', 'two', '2']);
  },

  'tells the true time': async (scene) => {
    const [seconds] = await scene.redis().time();
    await eventually(() => expect(Math.abs(Number(seconds) - Date.now() / 1_000)).toBeLessThan(5));
  },
};
