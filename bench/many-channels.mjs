// What a message costs the server as the world around it grows: with its receivers, and with nothing else.
//   node bench/many-channels.mjs
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { processorSeconds } from './load/processor.mjs';
import { Publisher } from './load/publisher.mjs';
import { grantFor, ROOM_RULE, startPortcullis } from './servers/portcullis.mjs';
import { pause, processes } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const SECONDS = 4;
const PER_SECOND = 500;
const rules = (count) => [
  ROOM_RULE,
  ...Array.from({ length: count }, (_, i) => ({ ...ROOM_RULE, target: `tenant-${i}/*` })),
];

/** Each channel has `receivers`, and the publisher. */
const WORLDS = [
  { name: '100 channels × 10, 100 sockets', channels: 100, receivers: 10, sockets: 100, rules: 1 },
  { name: '10 000 channels × 10, 10 000 sockets', channels: 10_000, receivers: 10, sockets: 10_000, rules: 1 },
  {
    name: '10 000 channels × 10, 10 000 sockets, 10 000 rules',
    channels: 10_000,
    receivers: 10,
    sockets: 10_000,
    rules: 10_000,
  },
  { name: '1 000 channels × 100, 10 000 sockets', channels: 1_000, receivers: 100, sockets: 10_000, rules: 1 },
  { name: '1 000 channels × 1, 1 socket', channels: 1_000, receivers: 1, sockets: 1, rules: 1 },
];

/** Which channels a socket is in: neighbours of its own place, so that every channel has as many. */
function channelsOf(socket, { channels, receivers, sockets }) {
  const each = (channels * receivers) / sockets;
  return Array.from({ length: each }, (_, i) => `room/${(Math.floor((socket * channels) / sockets) + i) % channels}`);
}

async function measure(world) {
  const server = await startPortcullis({
    grants: true,
    rules: rules(world.rules),
    limits: { channelsPerConnection: 20_000 },
  });
  const crowd = new Crowd(server);
  const lines = Array.from({ length: world.sockets }, (_, i) =>
    line({ bearer: grantFor(`user-${i}`), channels: channelsOf(i, world) }),
  );
  await crowd.open(lines);
  const subscriptions = world.channels * world.receivers;
  const opened = await crowd.await('joined', subscriptions, 120_000);
  const channels = Array.from({ length: world.channels }, (_, i) => `room/${i}`);
  const publisher = new Publisher(server, { bearer: grantFor('publisher'), channels });
  await publisher.ready;
  await pause(1_000);
  const perMessage = [];
  for (let run = 0; run < 3; run += 1) {
    await crowd.reset();
    const first = publisher.next;
    const before = processorSeconds(processes(server.pid));
    publisher.start(PER_SECOND);
    await pause(SECONDS * 1_000);
    publisher.pause();
    const published = publisher.next - first;
    await crowd.await('messages', published * world.receivers, 10_000);
    perMessage.push(((processorSeconds(processes(server.pid)) - before) / published) * 1e6);
  }
  const { latency } = await crowd.report();
  publisher.stop();
  crowd.stop();
  server.stop();
  return {
    ...world,
    subscriptions,
    microsecondsPerMessage: median(perMessage),
    latency,
    joinsSeconds: (opened.last - opened.first) / 1e9,
  };
}

const results = [];
for (const world of WORLDS) results.push(await measure(world));
const base = results[0].microsecondsPerMessage;
printTable(
  `What one message costs the server at ${PER_SECOND} a second; every delivery arrived. The publisher receives too`,
  ['', 'µs of processor', '× the first', 'p50 ms', 'p99 ms'],
  results.map(({ name, microsecondsPerMessage, latency }) => [
    name,
    microsecondsPerMessage.toFixed(0),
    (microsecondsPerMessage / base).toFixed(2),
    latency.p50.toFixed(2),
    latency.p99.toFixed(2),
  ]),
);
saveResult('many-channels', {
  command: 'node bench/many-channels.mjs',
  door: door.name,
  perSecond: PER_SECOND,
  results,
});
process.exit(0);
