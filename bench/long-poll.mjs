// 1 000 long-polling subscribers of one channel beside as many on the Xano door, in turns, on one server.
//   node bench/long-poll.mjs [subscribers] [runs]
import { connect } from 'node:net';
import { Poller } from './load/poller.mjs';
import { HASH, PUBLISH_KEY, SUBSCRIBE_KEY, startPortcullis } from './servers/portcullis.mjs';
import { median, printTable, saveResult } from './table.mjs';

const SUBSCRIBERS = Number(process.argv[2] ?? 1000);
const RUNS = Number(process.argv[3] ?? 3);
const SECONDS = 4;
const server = await startPortcullis();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Publishes over one connection, one after the other; each message carries its instant. */
function publisher(everyMs) {
  const socket = connect(server.port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('data', () => {});
  const publish = () => {
    const message = encodeURIComponent(JSON.stringify({ at: performance.now() }));
    socket.write(
      `GET /publish/${PUBLISH_KEY}/${SUBSCRIBE_KEY}/0/room%2F1/0/${message}?uuid=p HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
  };
  const timer = setInterval(publish, everyMs);
  return () => {
    clearInterval(timer);
    socket.destroy();
  };
}

/** Counts what arrives in a window after a warm-up. */
function counter() {
  const times = [];
  let counting = false;
  return {
    take(payloads) {
      if (!counting) return;
      const now = performance.now();
      for (const { at } of payloads) times.push(now - at);
    },
    async run(everyMs) {
      const stop = publisher(everyMs);
      await pause(500);
      counting = true;
      await pause(SECONDS * 1000);
      counting = false;
      stop();
      times.sort((a, b) => a - b);
      const at = (share) => times[Math.floor((times.length - 1) * share)];
      return { perSecond: times.length / SECONDS, p50: at(0.5), p99: at(0.99) };
    },
  };
}

async function polls(everyMs) {
  const count = counter();
  const target = `/v2/subscribe/${SUBSCRIBE_KEY}/room%2F1/0?uuid=s&`;
  const all = Array.from(
    { length: SUBSCRIBERS },
    () => new Poller({ port: server.port, target, onMessages: count.take }),
  );
  await Promise.all(all.map(({ ready }) => ready));
  const result = await count.run(everyMs);
  for (const one of all) one.stop();
  await pause(300);
  return result;
}

async function sockets(everyMs) {
  const count = counter();
  const all = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => subscriber(count.take)));
  const result = await count.run(everyMs);
  for (const one of all) one.destroy();
  await pause(300);
  return result;
}

function subscriber(take) {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.once('error', reject);
    let joined = false;
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      rest += text;
      const payloads = [...rest.matchAll(/"payload":(\{"at":[\d.]+\})/g)];
      const last = payloads.at(-1);
      if (last) rest = rest.slice(last.index + last[0].length);
      if (payloads.length > 0) take(payloads.map(([, payload]) => JSON.parse(payload)));
      if (!joined && rest.includes('"action":"join"')) {
        joined = true;
        resolve(socket);
      }
    });
    socket.write(
      `GET /rt/${HASH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const join = Buffer.from('{"action":"join","options":{"channel":"room/1"},"payload":{}}');
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | join.length, 0, 0, 0, 0]), join]));
  });
}

const results = [];
for (const everyMs of [100, 5]) {
  const runs = { polls: [], sockets: [] };
  for (let run = 0; run < RUNS; run += 1) {
    runs.polls.push(await polls(everyMs));
    runs.sockets.push(await sockets(everyMs));
  }
  const summary = (list) =>
    Object.fromEntries(['perSecond', 'p50', 'p99'].map((key) => [key, median(list.map((one) => one[key]))]));
  results.push({ everyMs, longPoll: summary(runs.polls), xano: summary(runs.sockets) });
}
server.stop();
const row = (name, { perSecond, p50, p99 }) => [
  name,
  Math.round(perSecond).toLocaleString('en'),
  p50?.toFixed(1),
  p99?.toFixed(1),
];
printTable(
  `${SUBSCRIBERS} subscribers of one channel, publishes by GET, median of ${RUNS} runs in turns`,
  ['', 'deliveries/s', 'p50 ms', 'p99 ms'],
  results.flatMap(({ everyMs, longPoll, xano }) => [
    row(`long-poll, a message every ${everyMs} ms`, longPoll),
    row(`Xano door, a message every ${everyMs} ms`, xano),
  ]),
);
saveResult('long-poll', { command: `node bench/long-poll.mjs ${SUBSCRIBERS} ${RUNS}`, results });
process.exit(0);
