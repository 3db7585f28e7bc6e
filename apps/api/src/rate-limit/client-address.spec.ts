import { clientAddress } from './client-address.js';

describe('the address under which a request is counted', () => {
  it('is that of the caller, one for all of a network', () => {
    expect(clientAddress({ ip: '2001:db8:7:7::1', socket: { remoteAddress: '10.0.0.1' } })).toBe('2001:db8:7:7::/64');
  });

  it('is that of the connection when the proxy wrote nonsense, and one for all who are gone', () => {
    expect(clientAddress({ ip: 'nonsense', socket: { remoteAddress: '10.0.0.1' } })).toBe('10.0.0.1');
    expect(clientAddress({ ip: '', socket: {} })).toBe('unknown');
  });
});
