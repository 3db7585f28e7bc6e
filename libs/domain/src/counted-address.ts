const V4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
/** Some proxies note the port of the caller as well. */
const WITH_PORT = /^(?:\[([^\]]{2,45})\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/;
/** The last 32 bits of an IPv6 address may be written as an IPv4 address. */
const V4_TAIL = /^([0-9a-f:]{1,30}:)(\d{1,3}(?:\.\d{1,3}){3})$/;
const GROUP = /^[0-9a-f]{1,4}$/;
/** 128 bits in groups of 16. */
const GROUPS = 8;
/** Who gets a network of IPv6 gets all of a /64, and may send each request from another address of it. */
const NETWORK_GROUPS = 4;
const MAPPED = 0xffff;

/** One name for all addresses that are one caller, the /64 of an IPv6 address; nothing for what is no address. */
export function countedAddress(text: string): string | undefined {
  if (V4.test(text)) return text;
  const [, v6, v4] = WITH_PORT.exec(text) ?? [];
  const [address = ''] = (v6 ?? v4 ?? text).split('%', 1);
  if (V4.test(address)) return address;
  const groups = groupsOf(address.toLowerCase());
  if (!groups) return undefined;
  const isLow = groups.slice(0, 5).every((group) => group === 0);
  const [high = 0, low = 0] = groups.slice(-2);
  if (isLow && groups[5] === MAPPED) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  if (isLow && groups[5] === 0 && high === 0 && low === 1) return '::1';
  const network = groups.slice(0, NETWORK_GROUPS);
  const last = network.findLastIndex((group, index) => index === 0 || group !== 0);
  return `${network
    .slice(0, last + 1)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

function groupsOf(text: string): number[] | undefined {
  const plain = withoutV4(text);
  const sides = plain?.split('::') ?? [];
  const [left = [], right = []] = sides.map((side) => (side === '' ? [] : side.split(':')));
  const missing = GROUPS - left.length - right.length;
  const isWhole = (sides.length === 1 && missing === 0) || (sides.length === 2 && missing > 0);
  if (!isWhole) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  return groups.every((group) => GROUP.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined;
}

function withoutV4(text: string): string | undefined {
  const [, head, tail] = V4_TAIL.exec(text) ?? [];
  if (head === undefined || tail === undefined) return text;
  if (!V4.test(tail)) return undefined;
  const [one = 0, two = 0, three = 0, four = 0] = tail.split('.').map(Number);
  return `${head}${((one << 8) | two).toString(16)}:${((three << 8) | four).toString(16)}`;
}
