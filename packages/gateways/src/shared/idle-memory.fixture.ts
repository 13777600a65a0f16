import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { heldBytes } from './held-bytes.fixture.ts';
import { until } from './loopback.fixture.ts';

const SOCKETS = 1_000;

/** The other ends live in a process of their own, so that only ours are counted. */
const CALLERS = `
const { connect } = require('node:net');
const [port, count, request, first] = process.argv.slice(1);
for (let n = 0; n < count; n++) {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(request);
  socket.once('data', () => socket.write(Buffer.from(first, 'base64'))).resume();
}
`;

export interface IdleCrowd {
  readonly port: number;
  readonly path: string;
  /** Sub-protocol that is offered. */
  readonly protocol?: string;
  /** What each says once the handshake is answered, and nothing afterwards. */
  readonly first: Buffer;
  /** How many are connected. */
  readonly sessions: () => number;
  /** Our ends. */
  readonly sockets: () => Iterable<Pick<Socket, 'bytesRead'>>;
}

/** Bytes that each of many sockets holds here. `ends`: what is to be done afterwards. */
export async function heldByEach(crowd: IdleCrowd, ends: (() => Promise<void>)[]): Promise<number> {
  const named = crowd.protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${crowd.protocol}\r\n`;
  const request =
    `GET ${crowd.path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${named}` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
  const sent = request.length + crowd.first.length;
  const call = async (count: number) => {
    const args = [String(crowd.port), String(count), request, crowd.first.toString('base64')];
    const child = spawn(process.execPath, ['-e', CALLERS, ...args], { stdio: 'ignore' });
    ends.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const before = crowd.sessions();
    const allCame = () =>
      crowd.sessions() === before + count && [...crowd.sockets()].every(({ bytesRead }) => bytesRead >= sent);
    await until(allCame, 'all are connected and have said what they say', 15_000);
  };
  // The first ones pay for what is loaded and compiled once.
  await call(50);
  const before = heldBytes();
  await call(SOCKETS);
  return (heldBytes() - before) / SOCKETS;
}

/** The beginning of a text frame of so many bytes, as much of it as is sent. */
export function partOfFrame({ length, sent }: { readonly length: number; readonly sent: number }): Buffer {
  const part = Buffer.alloc(8 + sent);
  part.writeUInt16BE(0x81fe);
  part.writeUInt16BE(length, 2);
  return part;
}
