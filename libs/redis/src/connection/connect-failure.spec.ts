import { reasonOf } from './connect-failure.js';
import { RedisUnavailableError, unavailability } from './redis.errors.js';

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });
const system = (code: string): Error => Object.assign(new Error(`connect ${code} 10.0.0.1:6379`), { code });

describe('why Redis cannot be used', () => {
  it.each([
    [reply('WRONGPASS invalid username-password pair or user is disabled.'), 'the user name or the password is wrong'],
    [
      reply('NOAUTH HELLO must be called with the client already authenticated'),
      'it asks for a password and REDIS_URL has none',
    ],
    [reply('LOADING Redis is loading the dataset in memory'), 'it is still loading its data'],
    [reply("READONLY You can't write against a read only replica."), 'it is a replica, which takes no writes'],
    [reply('ERR max number of clients reached'), 'it has no connection left'],
    [reply('MISCONF Errors writing to the AOF file: No space left on device'), 'it cannot write to its disk'],
    [system('ENOTFOUND'), 'the name of the host is not known'],
    [system('ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS cannot be agreed on'],
    [new Error('connect ETIMEDOUT'), 'it does not answer in time'],
    [undefined, 'it does not answer in time'],
  ])('is told in words of ours (%s)', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});

describe('a failure', () => {
  it('of Redis is one of ours, without the error of the client, which holds the password', () => {
    const refused = Object.assign(reply('WRONGPASS invalid'), { command: { name: 'auth', args: ['hunter2'] } });
    const ours = unavailability(refused);
    expect(ours).toBeInstanceOf(RedisUnavailableError);
    expect(ours).toMatchObject({ code: 'redis_unavailable', kind: 'unavailable', sent: false, retryAfterMs: 2_000 });
    expect(JSON.stringify([ours, ours?.cause ?? null, ours?.details])).not.toContain('hunter2');
  });

  it.each([
    ['Command timed out', true],
    ['Connection is closed.', true],
    ["Stream isn't writeable and enableOfflineQueue options is false", false],
  ])('says whether the command may have been done (%s)', (message, sent) => {
    expect(unavailability(new Error(message))).toMatchObject({ sent });
  });

  it('that is about the command itself is left as it is', () => {
    expect(unavailability(reply('WRONGTYPE Operation against a key'))).toBeUndefined();
    expect(unavailability(new TypeError('x is not a function'))).toBeUndefined();
  });
});
