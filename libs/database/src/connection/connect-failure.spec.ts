import { mongo } from 'mongoose';
import { reasonOf } from './connect-failure.js';

const because = (code: string) => Object.assign(new Error('at 10.0.0.1 for user:pass'), { code });
/** As the driver makes it: the selection failed, because a server did, because its socket did. */
const selection = (...servers: object[]) =>
  new mongo.MongoServerSelectionError('none', {
    servers: new Map(servers.map((server, index) => [`host${index}`, server])),
  } as never);
const network = (cause: Error) => new mongo.MongoNetworkError('lost', { cause });

describe('why there is no connection', () => {
  it.each([
    ['nothing listens at the address', selection({ error: network(because('ECONNREFUSED')) })],
    ['the name of the host is not known', selection({ error: network(because('ENOTFOUND')) })],
    ['TLS cannot be agreed on', selection({ error: network(because('DEPTH_ZERO_SELF_SIGNED_CERT')) })],
    ['the user name or the password is wrong', new mongo.MongoServerError({ message: 'user x', code: 18 })],
    ['the user may not use this database', new mongo.MongoServerError({ message: 'user x', code: 13 })],
    ['the replica set has no primary', selection({ type: 'RSSecondary' }, { type: 'Unknown' })],
    ['it does not answer in time', selection({ type: 'Unknown' })],
  ])('is told as: %s', (reason, error) => expect(reasonOf(error)).toBe(reason));
});
