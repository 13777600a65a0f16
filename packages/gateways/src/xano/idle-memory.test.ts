import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { createStage, HASH } from './stage.fixture.ts';

const SOCKETS = 1_000;
/** As they are unless an operator changes them. */
const LIMITS = { message: 32 * 1024, messageDepth: 32, pendingCommands: 64 };
/** What a socket that is in no channel may hold. */
const MOST = 4 * 1024;
/** And one that has sent part of a frame, which is held up to `limits.frameBeforeJoin`. */
const MOST_UNFINISHED = 8 * 1024;

/** The other ends live in a process of their own, so that only ours are counted. */
const CALLERS = `
const { connect } = require('node:net');
const [port, count, length, sent] = process.argv.slice(1).map(Number);
const half = Buffer.alloc(sent > 0 ? 8 + sent : 0);
if (sent > 0) half.writeUInt16BE(0x81fe) && half.writeUInt16BE(length, 2);
for (let n = 0; n < count; n++) connect(port, '127.0.0.1').on('error', () => {}).once('data', function () { this.write(half); }).write(
  'GET /rt/${HASH} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n' +
  'Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n');
`;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that each of many sockets holds once it has sent so many of a frame, and said how long that will be. */
async function heldByEach(frame: { readonly length: number; readonly sent: number }): Promise<number> {
  const { engine, server } = await createStage(new ManualClock(), LIMITS);
  ends.push(() => server.close());
  const call = async (count: number) => {
    const args = [server.port, count, frame.length, frame.sent].map(String);
    const child = spawn(process.execPath, ['-e', CALLERS, ...args], { stdio: 'ignore' });
    ends.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const before = [engine.sessions('demo').length, server.bytesRead()] as const;
    await until(() => engine.sessions('demo').length === before[0] + count, 'all are connected', 15_000);
    const parts = frame.sent === 0 ? 0 : count * (8 + frame.sent);
    await until(() => server.bytesRead() >= before[1] + parts, 'all that was sent has come', 15_000);
  };
  // The first ones pay for what is loaded and compiled once.
  await call(50);
  const before = heldBytes();
  await call(SOCKETS);
  return (heldBytes() - before) / SOCKETS;
}

it('a socket in no channel holds less than 4 KiB', { timeout: 30_000 }, async () => {
  const each = await heldByEach({ length: 0, sent: 0 });
  expect(each).toBeGreaterThan(500);
  expect(each).toBeLessThan(MOST);
});

it.each([
  ['nearly the largest frame it may send', { length: 4_096, sent: 4_000 }],
  ['7 000 bytes of a larger one', { length: 8_000, sent: 7_000 }],
  ['38 000 bytes of the largest there is', { length: 40_000, sent: 38_000 }],
])('and less than 8 KiB once it has sent %s', { timeout: 30_000 }, async (_, frame) => {
  const each = await heldByEach(frame);
  expect(each).toBeGreaterThan(500);
  expect(each).toBeLessThan(MOST_UNFINISHED);
});
