import fc from 'fast-check';
import { NON_PUBLIC_ADDRESSES } from '../../../test/abuse/ssrf.table.js';
import { checkUrl } from './check-url.js';
import { isPublicAddress } from './public-address.js';

/** The IANA IPv4 special-purpose registry, written down apart from the library under test. */
const SPECIAL: ReadonlyArray<[base: string, bits: number]> = `
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
  198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
`
  .trim()
  .split(/\s+/)
  .map((cidr) => {
    const [base = '', bits = ''] = cidr.split('/');
    return [base, Number(bits)];
  });

const toNumber = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
const octetsOf = (address: number): number[] => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
const block = (address: number, bits: number): number => Math.floor(address / 2 ** (32 - bits));
const isSpecial = (address: number): boolean =>
  SPECIAL.some(([base, bits]) => block(address, bits) === block(toNumber(base), bits));

const radix = (value: number, kind: number): string =>
  [`${value}`, `0x${value.toString(16)}`, `0${value.toString(8)}`, `0X${value.toString(16).toUpperCase()}`][kind] ?? '';

/** Dotted, with the last part taking one to four octets, and each part in decimal, hexadecimal or octal. */
function spellV4(address: number, parts: number, kinds: readonly number[]): string {
  const octets = octetsOf(address);
  const values = [...octets.slice(0, parts - 1), address % 256 ** (5 - parts)];
  return values.map((value, index) => radix(value, kinds[index] ?? 0)).join('.');
}

function spellV6(address: number, form: number): string {
  const hex = address.toString(16).padStart(8, '0');
  const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
  const dotted = octetsOf(address).join('.');
  const forms = [`::ffff:${dotted}`, `::FFFF:${groups}`, `0:0:0:0:0:ffff:${groups}`, `64:ff9b::${groups}`];
  return [...forms, `64:ff9b::${dotted}`, `2002:${groups}::`, `2002:${groups}:1:2:3:4:5`][form] ?? '';
}

/** Anywhere, within a special range, and on both sides of its edges: most random addresses are public. */
const ipv4 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(...SPECIAL).chain(([base, bits]) => {
    const [first, size] = [toNumber(base), 2 ** (32 - bits)];
    return fc.integer({ min: Math.max(0, first - 2), max: Math.min(2 ** 32 - 1, first + size + 1) });
  }),
);

const opens = (url: string): boolean => {
  try {
    return checkUrl(url) instanceof URL;
  } catch {
    return false;
  }
};

describe('an address in any spelling', () => {
  it('is refused exactly when the IPv4 address behind it is not public', () => {
    const kinds = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 1, max: 4 }), kinds, (address, parts, spelling) => {
        expect(opens(`https://${spellV4(address, parts, spelling)}/`)).toBe(!isSpecial(address));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is judged by the IPv4 address inside it when it is mapped, NAT64 or 6to4', () => {
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 0, max: 6 }), (address, form) => {
        const text = spellV6(address, form);
        expect(isPublicAddress(text)).toBe(!isSpecial(address));
        expect(opens(`https://[${text}]/`)).toBe(!isSpecial(address));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is never public outside the block that IANA hands out', () => {
    const outside = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
      .filter(([first = 0, second]) => first >> 13 !== 1 && !(first === 0x64 && second === 0xff9b));
    fc.assert(
      fc.property(outside, (groups) => {
        expect(isPublicAddress(groups.map((group) => group.toString(16)).join(':'))).toBe(false);
      }),
    );
  });

  it.each(NON_PUBLIC_ADDRESSES)('is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '2002:0101:0101::1', '172.32.0.0', '100.128.0.1'])(
    'is public: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(['', 'example.com', '127.1', '0x01010101', '1.1.1.1.1', '1.1.1.1/8', '2606::1%eth0', ' 1.1.1.1'])(
    'is not public when it is no plain address: "%s"',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});
