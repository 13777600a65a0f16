// Resident memory per idle long-poll: one hanging subscribe on a connection of its own.
//   node bench/idle-polls.mjs [polls]
import { readFileSync } from 'node:fs';
import { Poller } from './load/poller.mjs';
import { SUBSCRIBE_KEY, startPortcullis } from './servers/portcullis.mjs';
import { printTable, saveResult } from './table.mjs';

const COUNT = Number(process.argv[2] ?? 5000);
const server = await startPortcullis();
const resident = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;
const settle = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const target = (index) => `/v2/subscribe/${SUBSCRIBE_KEY}/room%2F${index % 1000}/0?uuid=u${index}&`;
const open = (index) => new Poller({ port: server.port, target: target(index), onMessages: () => {} });

// The first ones pay for what every later one shares.
const warm = Array.from({ length: 200 }, (_, index) => open(index));
await Promise.all(warm.map(({ ready }) => ready));
for (const one of warm) one.stop();
await settle(2000);

const before = resident();
const polls = [];
for (let index = 0; index < COUNT; index += 1) {
  polls.push(open(index));
  if (index % 200 === 199) await Promise.all(polls.slice(-200).map(({ ready }) => ready));
}
await Promise.all(polls.map(({ ready }) => ready));
await settle(4000);
const results = { polls: COUNT, bytesPerPoll: Math.round((resident() - before) / COUNT) };
printTable('Resident bytes per idle long-poll', ['', 'bytes'], [['one channel', results.bytesPerPoll]]);
saveResult('idle-polls', { command: `node bench/idle-polls.mjs ${COUNT}`, results });
server.stop();
process.exit(0);
