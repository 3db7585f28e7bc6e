import type { Socket } from 'node:net';
import { eventually } from '@flowmate/testing';
import type { DialTarget } from './dial.js';
import { guardedConnector } from './guarded-connector.js';
import type { Resolve } from './resolver.js';

const PUBLIC = '93.184.216.34';

/** Asks the connector the way undici does, whatever the URL check thought of the host. */
async function connect(hostname: string, resolve: Resolve, connectMs = 1_000) {
  const dialled: DialTarget[] = [];
  const connector = guardedConnector({
    trusted: new Set(),
    connectMs,
    resolve,
    dial: (target) => {
      dialled.push(target);
      return Promise.reject(new Error('recorded, not dialled'));
    },
  });
  const error = await new Promise<Error | null>((done) => {
    connector(
      { hostname, host: hostname, protocol: 'https:', port: '' },
      (...[failure]: [Error | null, Socket | null]) => done(failure),
    );
  });
  return { error, dialled };
}

describe('the connector by itself', () => {
  it.each(['127.0.0.1', '::1', '::ffff:7f00:1', '169.254.169.254', 'localhost', 'redis', 'x.svc.cluster.local'])(
    'refuses %s without resolving it',
    async (hostname) => {
      const resolved: string[] = [];
      const resolve: Resolve = (name) => {
        resolved.push(name);
        return Promise.resolve([PUBLIC]);
      };
      const { error, dialled } = await connect(hostname, resolve);
      expect(error).toMatchObject({ code: 'url_not_allowed' });
      expect({ resolved, dialled }).toEqual({ resolved: [], dialled: [] });
    },
  );

  it('dials a public literal as it is', async () => {
    const { dialled } = await connect(PUBLIC, () => Promise.resolve([]));
    expect(dialled).toEqual([{ secure: true, hostname: PUBLIC, port: 443, addresses: [PUBLIC] }]);
  });

  it('dials nobody when the name server answers after the deadline', async () => {
    const answer = Promise.withResolvers<string[]>();
    const { error, dialled } = await connect('slow.example.com', () => answer.promise, 10);
    expect(error).toMatchObject({ code: 'upstream_timeout', phase: 'connect', ambiguous: false });
    answer.resolve([PUBLIC]);
    await eventually(() => answer.promise);
    await new Promise(setImmediate);
    expect(dialled).toEqual([]);
  });
});
