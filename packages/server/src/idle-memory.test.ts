import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { mintGrant } from '@portcullis/policy';
import { afterEach, expect, it } from 'vitest';
import { heldBytes } from '../../gateways/src/shared/held-bytes.fixture.ts';
import { ADMIN_TOKEN, APP_SECRET, startServer, type TestServer } from './serve.fixture.ts';

/** Others of each kind came before: they pay for what is loaded and compiled once. */
const WARM = 50;
const COUNT = 500;
const KIB = 1024;

const APP = `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN_TOKEN}, drainTimeout: 1ms }
data: ":memory:"
apps:
  - id: shop
    keys: { publish: pub-shop, subscribe: sub-shop, secret: ${APP_SECRET} }
    access: { rules: on, grants: on }
    limits: { joinTimeout: 1h }
    channels:
      - { target: room/*, nested: true, presence: true, publicMessaging: true }
`;

/**
 * The other ends live in a process of their own, so that only ours are counted. A line of JSON says what one connection
 * sends at first, and after the first answer; a line comes back for each that has sent all.
 */
const CALLERS = `
const { connect } = require('node:net');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { port, first, after } = JSON.parse(line);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(Buffer.from(first, 'latin1'));
  socket.once('data', (bytes) => {
    const cursor = /"t":"([0-9]+)","r":([0-9]+)/.exec(bytes.toString()) ?? [];
    socket.write(Buffer.from(after.replace('<tt>', cursor[1]).replace('<tr>', cursor[2]), 'latin1'), () => console.log('sent'));
    socket.on('data', () => {});
  });
});
`;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Said {
  readonly first: string;
  readonly after: string;
}

async function callers(server: TestServer) {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, ['-e', CALLERS], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  ends.push(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const { port } = new URL(server.url);
  let sent = 0;
  child.stdout.on('data', (text: Buffer) => {
    sent += text.toString().split('\n').length - 1;
  });
  return async (said: readonly Said[]): Promise<void> => {
    const all = sent + said.length;
    for (const one of said) child.stdin.write(`${JSON.stringify({ port, ...one })}\n`);
    while (sent < all) await once(child.stdout, 'data');
    // Asked behind them, and so answered behind them.
    await fetch(`${server.url}/time/0`);
  };
}

/** Bytes that each of `COUNT` holds, once all are what `settled` waits for. */
async function heldByEach(said: (n: number) => Said, settled: (server: TestServer, count: number) => Promise<unknown>) {
  const server = await startServer(APP);
  ends.push(() => server.stop());
  const call = await callers(server);
  const some = (from: number, count: number) => Array.from({ length: count }, (_, n) => said(from + n));
  await call(some(0, WARM));
  await settled(server, WARM);
  const before = heldBytes();
  await call(some(WARM, COUNT));
  await settled(server, WARM + COUNT);
  return (heldBytes() - before) / COUNT;
}

function tokenOf(n: number): string {
  const resources = { channels: new Map<string, number>() };
  const patterns = { channels: new Map([['room/.*', 3]]) };
  const spec = { ttl: 60, authorizedUser: `user-${n}`, resources, patterns };
  const nonce = String(n).padStart(16, '0');
  const minted = mintGrant(spec, { app: 'shop', secret: { id: 'k', secret: APP_SECRET }, now: Date.now(), nonce });
  if (!minted.ok) throw new Error(JSON.stringify(minted));
  return minted.token;
}

/** A text frame with a mask of zeros. */
function frame(text: string): string {
  const { length } = text;
  const size = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 0xff];
  return String.fromCharCode(0x81, ...size, 0, 0, 0, 0) + text;
}

it('an authorised connection in five channels holds less than 10 KiB', { timeout: 60_000 }, async () => {
  const each = await heldByEach(
    (n) => ({
      first:
        'GET /v1/connect?key=sub-shop HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
        'Sec-WebSocket-Protocol: portcullis.v1\r\n\r\n',
      after:
        frame(JSON.stringify({ type: 'connect', id: 1, token: tokenOf(n), user: `user-${n}` })) +
        [0, 1, 2, 3, 4].map((c) => frame(`{"type":"join","id":2,"channel":"room/${(n * 7 + c) % 100}"}`)).join(''),
    }),
    (server, count) => joinsReach(server, count * 5),
  );
  expect(each).toBeGreaterThan(2 * KIB);
  expect(each).toBeLessThan(10 * KIB);
});

it('a hanging poll holds less than 13 KiB', { timeout: 60_000 }, async () => {
  const head =
    ' HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: a browser with a name that is not short\r\n\r\n';
  const each = await heldByEach(
    (n) => {
      const target = `GET /v2/subscribe/sub-shop/room%2F${n % 100}/0?uuid=user-${n}&auth=${encodeURIComponent(tokenOf(n))}`;
      return { first: `${target}&tt=0${head}`, after: `${target}&tt=<tt>&tr=<tr>${head}` };
    },
    (server, count) => joinsReach(server, count),
  );
  expect(each).toBeGreaterThan(2 * KIB);
  expect(each).toBeLessThan(13 * KIB);
});

/** Those who are present, over all channels. */
async function joinsReach(server: TestServer, joins: number): Promise<void> {
  let there = 0;
  for (let tries = 0; tries < 600 && there < joins; tries += 1) {
    const { body } = await server.admin('GET', '/apps/shop/channels?limit=1000');
    const channels = body.channels as { readonly sessions: number }[];
    there = channels.reduce((sum, { sessions }) => sum + sessions, 0);
  }
  expect(there).toBe(joins);
}
