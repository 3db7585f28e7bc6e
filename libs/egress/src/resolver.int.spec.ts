import { nameServer } from '../test/name-server.js';
import { EgressClient } from './egress.client.js';
import { systemResolver } from './resolver.js';

describe('the resolver', () => {
  it('takes the addresses of a public name from the name server', async () => {
    await using dns = await nameServer(() => ['93.184.216.34', '1.1.1.1']);
    const addresses = await systemResolver([dns.address])('api.example.com', 'public');
    expect([...addresses].sort()).toEqual(['1.1.1.1', '93.184.216.34']);
    expect(dns.asked).toEqual(['api.example.com']);
  });

  it('fails when there is no address', async () => {
    await using dns = await nameServer(() => []);
    await expect(systemResolver([dns.address])('api.example.com', 'public')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  it('never asks the name server for a name of the operator that the machine knows', async () => {
    await using dns = await nameServer(() => ['93.184.216.34']);
    const addresses = await systemResolver([dns.address])('localhost', 'trusted');
    expect(addresses.every((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
    expect(dns.asked).toEqual([]);
  });

  it('Y06 leaves a rebinding name server no second question', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    await using dns = await nameServer(() => answers.shift() ?? ['127.0.0.1']);
    const dialled: string[][] = [];
    const client = new EgressClient({
      resolve: systemResolver([dns.address]),
      dial: ({ addresses }) => {
        dialled.push([...addresses]);
        return Promise.reject(new Error('recorded, not dialled'));
      },
    });
    await expect(client.request({ url: 'https://rebind.example.com/' })).rejects.toMatchObject({
      code: 'upstream_unreachable',
    });
    expect(dns.asked).toHaveLength(1);
    await expect(client.request({ url: 'https://rebind.example.com/' })).rejects.toMatchObject({
      code: 'url_not_allowed',
    });
    expect(dialled).toEqual([['93.184.216.34']]);
    await client.close();
  });
});
