import { expect, test } from 'vitest';
import { addressGroup, createAddressResolver, isLoopbackAddress } from './address.ts';

const resolve = createAddressResolver(['10.0.0.0/8', '127.0.0.1', 'fd00::/8']);

test.each([
  ['the peer alone', '203.0.113.9', undefined, '203.0.113.9'],
  ['a stranger’s header is ignored', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a trusted proxy’s is believed', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['only up to the first hop nobody trusted added', '10.0.0.1', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
  ['through a chain of proxies', '10.0.0.1', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['garbage ends the walk', '10.0.0.1', '198.51.100.1, junk', '10.0.0.1'],
  ['IPv4 over an IPv6 socket', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['with a port', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  ['IPv6 in brackets', 'fd00::1', '[2001:db8::1]:443', '2001:db8::1'],
  ['nobody', undefined, undefined, ''],
] as const)('%s', (_, peer, forwarded, expected) => {
  expect(resolve(peer, forwarded)).toBe(expected);
});

test('loopback', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
    expect(isLoopbackAddress(address)).toBe(true);
  for (const address of ['', '128.0.0.1', '::2', '10.0.0.1', 'localhost'])
    expect(isLoopbackAddress(address)).toBe(false);
});

test('an IPv6 client is counted by its /64', () => {
  expect(addressGroup('203.0.113.9')).toBe('203.0.113.9');
  expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(addressGroup('2001:0DB8:0001:0002::9')).toBe('2001:db8:1:2::/64');
  expect(addressGroup('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(addressGroup('::1')).toBe('0:0:0:0::/64');
});
