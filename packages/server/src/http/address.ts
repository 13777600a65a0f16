import { BlockList, isIP, isIPv4 } from 'node:net';

export type AddressResolver = (peer: string | undefined, forwardedFor: string | undefined) => string;

/**
 * The address a request came from. `X-Forwarded-For` counts only when the peer is a trusted proxy, and is read from the
 * right: the first address that no trusted proxy added itself. Anything before it is hearsay.
 * `proxies`: addresses or networks (`10.0.0.0/8`), already checked by the configuration.
 */
export function createAddressResolver(proxies: readonly string[]): AddressResolver {
  const trusted = networks(proxies);
  const trusts = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return (peer, forwardedFor) => {
    let address = plainAddress(peer ?? '');
    if (address === '' || forwardedFor === undefined) return address;
    const hops = forwardedFor.split(',');
    for (let n = hops.length - 1; n >= 0 && trusts(address); n--) {
      const hop = plainAddress((hops[n] ?? '').trim());
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  };
}

/** Whether the address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** What one stranger can have many of counts once: an IPv6 client is its /64. */
export function addressGroup(address: string): string {
  if (isIPv4(address) || isIP(address) === 0) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) while (groups.length + after.length < 8) groups.push('0');
  return `${[...groups, ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** An IPv4 address that came over an IPv6 socket, or with a port or brackets as some proxies write it. */
function plainAddress(address: string): string {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address;
  const withoutPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(bare)?.[1] ?? bare;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutPort)?.[1] ?? withoutPort;
}

function networks(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
  }
  return list;
}
