import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ConnectionCounts } from './connection-counts.ts';

function counting(limits: { connections?: number; ratePerAddress?: number }) {
  const state = { now: 0 };
  const counts = new ConnectionCounts(
    () => ({ connections: Number.POSITIVE_INFINITY, ratePerAddress: Number.POSITIVE_INFINITY, ...limits }),
    { now: () => state.now, after: () => () => {}, endOfTurn: () => {} },
  );
  const connect = (address = '203.0.113.1', app = 'a') => {
    const socket = new PassThrough();
    return { code: counts.admit(app, address, socket), close: () => socket.emit('close') };
  };
  return { state, connect };
}

test('connections of an app are counted while they are open', () => {
  const { connect } = counting({ connections: 2 });
  const first = connect();
  expect([first.code, connect().code]).toEqual([undefined, undefined]);
  expect(connect().code).toBe('limit.connections');
  expect(connect('203.0.113.1', 'b').code).toBeUndefined();
  first.close();
  expect(connect().code).toBeUndefined();
});

test('attempts of an address are counted by the second, an IPv6 client by its /64', () => {
  const { state, connect } = counting({ ratePerAddress: 2 });
  expect(connect('2001:db8::1').code).toBeUndefined();
  expect(connect('2001:db8::2').code).toBeUndefined();
  expect(connect('2001:db8::3').code).toBe('limit.ratePerAddress');
  expect(connect('2001:db8:0:1::1').code).toBeUndefined();
  state.now += 500;
  expect(connect('2001:db8::4').code).toBeUndefined();
  expect(connect('2001:db8::4').code).toBe('limit.ratePerAddress');
});
