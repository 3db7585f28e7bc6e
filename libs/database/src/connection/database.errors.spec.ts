import { mongo } from 'mongoose';
import { isUnavailable } from './database.errors.js';

const answer = (code: number) => new mongo.MongoServerError({ message: 'no', code });
const named = (name: string) => Object.defineProperty(new mongo.MongoDriverError('no'), 'name', { value: name });

describe('a database is away', () => {
  it.each([
    ['when the network fails', new mongo.MongoNetworkError('reset')],
    ['when nobody could be asked', new mongo.MongoServerSelectionError('none', new Map() as never)],
    ['when the node is no primary any more', answer(10_107)],
    ['when the server gave up in time', answer(50)],
    ['when the majority did not confirm', answer(64)],
    ['when no connection became free', named('MongoWaitQueueTimeoutError')],
    ['when the connection is being closed', named('MongoPoolClosedError')],
  ])('%s', (_when, error) => expect(isUnavailable(error)).toBe(true));

  it.each([
    ['when it refused what was asked', answer(11_000)],
    ['when it was asked wrongly', named('MongoInvalidArgumentError')],
    ['when our own code is wrong', new TypeError('undefined is not a function')],
  ])('not %s', (_when, error) => expect(isUnavailable(error)).toBe(false));
});
