import { clientAddress, countedAddress } from './client-address.js';

describe('the address under which a caller is counted', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::ffff', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:443', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::1'],
  ])('of %s is %s', (address, counted) => {
    expect(countedAddress(address)).toBe(counted);
  });

  it('is one for all addresses of a /64 (case L03)', () => {
    const addresses = Array.from({ length: 1_000 }, (_, index) => `2001:db8:7:7:${index.toString(16)}::${index + 1}`);
    expect(new Set(addresses.map(countedAddress))).toEqual(new Set(['2001:db8:7:7::/64']));
    expect(countedAddress('2001:db8:7:8::1')).toBe('2001:db8:7:8::/64');
  });

  it.each(['', 'unknown', '_hidden', '1.2.3', 'a:b', '1.2.3.4.5', 'x'.repeat(10_000), '::ffff:1.2.3.4\n'])(
    'is not made of %j',
    (text) => {
      expect(countedAddress(text)).toBeUndefined();
    },
  );

  it('is that of the connection when the proxy wrote nonsense, and one for all who are gone', () => {
    expect(clientAddress({ ip: 'nonsense', socket: { remoteAddress: '10.0.0.1' } })).toBe('10.0.0.1');
    expect(clientAddress({ ip: '', socket: {} })).toBe('unknown');
  });
});
