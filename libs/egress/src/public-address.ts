import ipaddr from 'ipaddr.js';

type Embedding = readonly [prefix: [ipaddr.IPv6, number], firstByte: number];

/**
 * IPv6 addresses that a gateway or the kernel turns back into the IPv4 address inside them: what
 * counts is where the packet ends. Mapped (RFC 4291), NAT64 (RFC 6052) and 6to4 (RFC 3056).
 */
const EMBEDDINGS: readonly Embedding[] = [
  [ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), 12],
  [ipaddr.IPv6.parseCIDR('64:ff9b::/96'), 12],
  [ipaddr.IPv6.parseCIDR('2002::/16'), 2],
];

/** All that IANA hands out as global unicast (RFC 4291 §2.4); ipaddr.js calls the unassigned rest unicast too. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const embedding = EMBEDDINGS.find(([prefix]) => address.match(prefix));
  if (!embedding) return undefined;
  const [, first] = embedding;
  return new ipaddr.IPv4(address.toByteArray().slice(first, first + 4));
}

/**
 * True only for an address that belongs to somebody on the public internet. Anything else is not:
 * private, loopback, link-local, metadata, multicast, documentation, and whatever does not parse.
 */
export function isPublicAddress(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).range() === 'unicast';
  if (!ipaddr.IPv6.isValid(text)) return false;
  const address = ipaddr.IPv6.parse(text);
  if (address.zoneId !== undefined) return false;
  const inner = embeddedIPv4(address);
  if (inner) return inner.range() === 'unicast';
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast';
}
