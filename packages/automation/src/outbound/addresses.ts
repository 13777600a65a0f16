import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Special-purpose ranges of IPv4 (IANA registry): of this host, private, shared, link-local (where clouds keep their
 * metadata service), documentation, benchmarks, multicast, reserved.
 */
const SPECIAL_V4 = blockListOf('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]);
/** Only 2000::/3 is global unicast, and of that not these: protocol assignments and tunnels, which lead elsewhere. */
const GLOBAL_V6 = blockListOf('ipv6', [['2000::', 3]]);
const SPECIAL_V6 = blockListOf('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address is one of the public internet. `address`: an IP address as text; anything else is not. */
export function isPublicAddress(address: string): boolean {
  const plain = unmapped(address);
  if (isIPv4(plain)) return !SPECIAL_V4.check(plain, 'ipv4');
  return isPlainIPv6(plain) && GLOBAL_V6.check(plain, 'ipv6') && !SPECIAL_V6.check(plain, 'ipv6');
}

export function isLoopbackAddress(address: string): boolean {
  const plain = unmapped(address);
  return isIPv4(plain) ? LOOPBACK.check(plain, 'ipv4') : isPlainIPv6(plain) && LOOPBACK.check(plain, 'ipv6');
}

/** Without a zone, which is for link-local addresses alone. */
function isPlainIPv6(address: string): boolean {
  return isIPv6(address) && !address.includes('%');
}

/** The IPv4 address inside an IPv4-mapped one; every other address as it is. */
function unmapped(address: string): string {
  return /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
}

function blockListOf(family: 'ipv4' | 'ipv6', ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, family);
  return list;
}
