// Deliveries per second with rules and grants on, beside other servers: same payload, same load program, in turns.
//   node bench/fan-out.mjs [runs] [peer …]
import { door, line } from './doors/index.mjs';
import { fanOut } from './load/programs.mjs';
import { PAYLOAD } from './payload.mjs';
import { PEERS } from './servers/peers/index.mjs';
import { grantFor, startPortcullis } from './servers/portcullis.mjs';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 3);
const only = process.argv.slice(3);
const SECONDS = 3;
const SHAPES = [
  { subscribers: 1000, window: 128 },
  { subscribers: 100, window: 128 },
  { subscribers: 1000, window: 1, whole: true },
  { subscribers: 100, window: 1, whole: true },
];
const CHANNEL = 'room/1';

/** Everyone has a token of their own, with a grant on the channel; a rule covers it. */
function ours(subscribers) {
  const publish = door.publish(CHANNEL, PAYLOAD);
  return Array.from({ length: subscribers }, (_, i) =>
    line({ bearer: grantFor(`user-${i}`), channels: [CHANNEL], publish }),
  );
}

const contestants = [
  { name: 'Portcullis', path: door.path, start: () => startPortcullis({ grants: true }), lines: ours },
  ...PEERS.map((peer) => ({
    ...peer,
    lines: () => [peer.line({ channel: CHANNEL, publish: peer.publish(CHANNEL, PAYLOAD) })],
  })),
];

const skipped = [];
const running = [];
for (const contestant of contestants) {
  if (only.length > 0 && contestant.name !== 'Portcullis' && !only.includes(contestant.name)) continue;
  const reason = contestant.unavailable?.();
  if (reason === undefined) running.push({ ...contestant, server: await contestant.start() });
  else skipped.push({ name: contestant.name, reason });
}

const results = [];
for (const shape of SHAPES) {
  const samples = new Map(running.map(({ name }) => [name, []]));
  for (let run = 0; run < RUNS; run += 1) {
    for (const { name, path, lines, server } of running) {
      const { subscribers: connections, window, whole } = shape;
      const sample = fanOut({ server, path, lines: lines(connections), connections, window, whole, seconds: SECONDS });
      samples.get(name).push(sample);
    }
  }
  const mid = (name, key) => median(samples.get(name).map((sample) => sample[key]));
  const figures = running.map(({ name }) => ({
    name,
    deliveriesPerSecond: mid(name, 'deliveriesPerSecond'),
    deliveriesPerProcessorSecond: mid(name, 'deliveriesPerProcessorSecond'),
    p50: mid(name, 'p50'),
    p99: mid(name, 'p99'),
    /** In each run our figure by theirs; the median of that. */
    ratio: median(
      samples
        .get(name)
        .map(
          ({ deliveriesPerSecond }, run) => samples.get('Portcullis')[run].deliveriesPerSecond / deliveriesPerSecond,
        ),
    ),
    missed: Math.max(...samples.get(name).map(({ short }) => short)),
  }));
  results.push({ ...shape, figures });
  printTable(
    `${shape.subscribers} subscribers, ${shape.window} in flight${shape.whole ? ', time of the whole fan-out' : ''}; medians of ${RUNS} runs in turns`,
    ['', 'deliveries/s', 'Portcullis is', 'per processor second', 'p50 ms', 'p99 ms'],
    figures.map(({ name, deliveriesPerSecond, deliveriesPerProcessorSecond, ratio, p50, p99 }) => [
      name,
      deliveriesPerSecond.toLocaleString('en', { maximumFractionDigits: 0 }),
      name === 'Portcullis' ? '' : `${ratio.toFixed(2)}×`,
      deliveriesPerProcessorSecond.toLocaleString('en', { maximumFractionDigits: 0 }),
      p50.toFixed(2),
      p99.toFixed(2),
    ]),
  );
  for (const { name, missed } of figures)
    if (missed > 0) console.log(`${name}: a subscriber missed ${missed} messages`);
}
for (const { server } of running) server.stop();
for (const { name, reason } of skipped) console.log(`skipped ${name}: ${reason}`);
saveResult('fan-out', {
  command: `node bench/fan-out.mjs ${RUNS}`,
  door: door.name,
  payloadBytes: PAYLOAD.length,
  peers: running.flatMap(({ name, version }) => (version === undefined ? [] : [{ name, version: version() }])),
  results,
  skipped,
});
process.exit(0);
