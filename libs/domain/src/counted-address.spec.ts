import { countedAddress } from './counted-address.js';

describe('the address under which a caller is counted', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::ffff', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:443', '2001:db8:1:2::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::', '0::/64'],
    ['::192.0.2.1', '0::/64'],
    ['::1', '::1'],
  ])('of %s is %s', (address, counted) => {
    expect(countedAddress(address)).toBe(counted);
  });

  it('is one for all addresses of a /64 (case L03)', () => {
    const addresses = Array.from({ length: 1_000 }, (_, index) => `2001:db8:7:7:${index.toString(16)}::${index + 1}`);
    expect(new Set(addresses.map(countedAddress))).toEqual(new Set(['2001:db8:7:7::/64']));
    expect(countedAddress('2001:db8:7:8::1')).toBe('2001:db8:7:8::/64');
  });

  it.each(
    [
      ['', 'unknown', '_hidden', '1.2.3', 'a:b', '1.2.3.4.5', '1.2.3.256', '1.2.3.', 'x'.repeat(10_000)],
      [
        '::ffff:1.2.3.4\n',
        '::ffff:1.2.3.256',
        '1::2::3',
        '1:2:3:4:5:6:7',
        '1:2:3:4:5:6:7:8:9',
        '12345::',
        ':::',
        '2001:db8::/64',
      ],
    ].flat(),
  )('is not made of %j', (text) => {
    expect(countedAddress(text)).toBeUndefined();
  });
});
