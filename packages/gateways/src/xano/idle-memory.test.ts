import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { createStage, HASH } from './stage.fixture.ts';

const SOCKETS = 1_000;
/** What a socket that is in no channel may hold. */
const MOST = 4 * 1024;

/** The other ends live in a process of their own, so that only ours are counted. */
const CALLERS = `
const { connect } = require('node:net');
const [port, count] = process.argv.slice(1).map(Number);
for (let n = 0; n < count; n++) connect(port, '127.0.0.1').on('error', () => {}).write(
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

it('a socket in no channel holds less than 4 KiB', { timeout: 30_000 }, async () => {
  const { engine, server } = await createStage(new ManualClock());
  ends.push(() => server.close());
  const call = async (count: number) => {
    const child = spawn(process.execPath, ['-e', CALLERS, String(server.port), String(count)], { stdio: 'ignore' });
    ends.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const before = engine.sessions('demo').length;
    await until(() => engine.sessions('demo').length === before + count, 'all are connected', 15_000);
  };
  // The first ones pay for what is loaded and compiled once.
  await call(50);
  const before = heldBytes();
  await call(SOCKETS);
  const each = (heldBytes() - before) / SOCKETS;
  expect(each).toBeGreaterThan(500);
  expect(each).toBeLessThan(MOST);
});
