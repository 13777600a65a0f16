// Resident memory per idle long-poll: one hanging subscribe on a connection of its own.
//   node bench/idle-polls.mjs [polls]
import { readFileSync } from 'node:fs';
import { Poller } from './load/poller.mjs';
import { SUBSCRIBE_KEY, startPortcullis } from './servers/portcullis.mjs';
import { printTable, saveResult } from './table.mjs';

const COUNT = Number(process.argv[2] ?? 10_000);
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
const per = () => Math.round((resident() - before) / COUNT);
await settle(5_000);
const bytesPerPoll = per();
// A heap that has grown is given back by and by.
await settle(55_000);
const results = { polls: COUNT, bytesPerPoll, bytesAfterAMinute: per() };
printTable(
  `Resident bytes per idle long-poll, ${COUNT} of them`,
  ['', 'bytes'],
  [
    ['on one channel', results.bytesPerPoll],
    ['… after an idle minute', results.bytesAfterAMinute],
  ],
);
saveResult('idle-polls', { command: `node bench/idle-polls.mjs ${COUNT}`, results });
server.stop();
process.exit(0);
