// Resident memory per idle connection: in no channel, and joined to five.
//   node bench/idle-connections.mjs [connections]
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { HASH, startPortcullis } from './servers/start.mjs';
import { printTable, saveResult } from './table.mjs';

const COUNT = Number(process.argv[2] ?? 5000);
const CHANNELS = 5;

const server = await startPortcullis(7991);
const resident = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;
const settle = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', () => resolve(socket));
    socket.on('data', () => {});
    socket.write(
      `GET /rt/${HASH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
  });
}

function frame(text) {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

// The first connections pay for what every later one shares.
const warm = [];
for (let i = 0; i < 200; i += 1) warm.push(await open());
for (const socket of warm) socket.destroy();
await settle(2000);

const before = resident();
const sockets = [];
for (let i = 0; i < COUNT; i += 1) sockets.push(await open());
await settle(3000);
const idle = resident();
for (const [index, socket] of sockets.entries()) {
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const name = `room/${(index * 7 + channel * 13) % 1000}`;
    socket.write(frame(`{"action":"join","options":{"channel":"${name}"},"payload":{}}`));
  }
}
await settle(5000);
const joined = resident();
const results = {
  connections: COUNT,
  bytesInNoChannel: Math.round((idle - before) / COUNT),
  bytesInFiveChannels: Math.round((joined - before) / COUNT),
};
printTable(
  'Resident bytes per idle connection',
  ['', 'bytes'],
  [
    ['in no channel', results.bytesInNoChannel],
    [`in ${CHANNELS} channels`, results.bytesInFiveChannels],
  ],
);
saveResult('idle-connections', { command: `node bench/idle-connections.mjs ${COUNT}`, results });
server.stop();
process.exit(0);
