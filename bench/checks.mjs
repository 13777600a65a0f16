// What deciding costs: one server, rules and grants on, in turns with its checks and with every decision yes beforehand.
//   node bench/checks.mjs [processes]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { fanOut } from './load/programs.mjs';
import { PAYLOAD } from './payload.mjs';
import { grantFor, startPortcullis } from './servers/portcullis.mjs';
import { pause } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const PROCESSES = Number(process.argv[2] ?? 5);
const SECONDS = 40;
const CHANNEL = 'room/1';
const SHAPES = [
  { subscribers: 1000, window: 128 },
  { subscribers: 100, window: 128 },
];

const publish = door.publish(CHANNEL, PAYLOAD);
const lines = Array.from({ length: 1000 }, (_, i) =>
  line({ bearer: grantFor(`user-${i}`), channels: [CHANNEL], publish }),
);
const folder = mkdtempSync(join(tmpdir(), 'portcullis-switch-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const file = join(folder, 'switch');
process.env.BENCH_SWITCH = file;

/** Tells the server's switch; see `unchecked/switch.mjs`. */
async function say(server, word) {
  writeFileSync(file, word);
  process.kill(server.pid, 'SIGUSR2');
  await pause(200);
}

/** Or both sides would be the same server: who has no rule is let in on one alone. */
async function proveThatItSwitches() {
  const server = await startPortcullis({ grants: true, switchable: true });
  for (const side of ['on', 'off']) {
    await say(server, side);
    const stranger = new Crowd(server);
    await stranger.open([line({ bearer: grantFor('stranger'), channels: ['no/rule/here'] })]);
    await pause(500);
    const { joined } = await stranger.report();
    stranger.stop();
    if (joined.count !== (side === 'on' ? 0 : 1)) throw new Error(`with checks ${side}, ${joined.count} were let in`);
  }
  server.stop();
}

/** Slices of one process next to each other, one of each side: messages a second, and a second of processor time. */
async function pairsOf({ subscribers, window }) {
  const server = await startPortcullis({ grants: true, switchable: true });
  const measure = (seconds) => fanOut({ server, path: door.path, lines, connections: subscribers, window, seconds });
  await say(server, 'turns');
  measure(3);
  await say(server, 'turns');
  const figures = measure(SECONDS);
  await say(server, 'tell');
  server.stop();
  // The first and the last slices hold the beginning and the end.
  const slices = JSON.parse(readFileSync(`${file}.told`, 'utf8')).slice(2, -2);
  const rates = ({ decided, ms, processorMs }) => ({
    second: (decided / ms) * 1_000,
    processorSecond: (decided / processorMs) * 1_000,
  });
  const pairs = [];
  for (let at = 0; at + 1 < slices.length; at += 2) {
    const two = slices.slice(at, at + 2);
    pairs.push({ on: rates(two.find(({ checks }) => checks)), off: rates(two.find(({ checks }) => !checks)) });
  }
  return { figures, pairs };
}

await proveThatItSwitches();
/** A quarter of the pairs lost less than the first, a quarter more than the last. */
function spreadOf(pairs) {
  const quartiles = (by) => {
    const lost = pairs.map(({ on, off }) => 1 - on[by] / off[by]).sort((a, b) => a - b);
    return [0.25, 0.5, 0.75].map((share) => lost[Math.floor(lost.length * share)]);
  };
  return { pairs: pairs.length, fewer: quartiles('second'), fewerOfProcessor: quartiles('processorSecond') };
}

const results = [];
for (const shape of SHAPES) {
  const samples = [];
  for (let n = 0; n < PROCESSES; n += 1) samples.push(await pairsOf(shape));
  const pairs = samples.flatMap((sample) => sample.pairs);
  const deliveries = (side) => median(pairs.map((pair) => pair[side].second)) * shape.subscribers;
  const lost = (all, by) => median(all.map(({ on, off }) => 1 - on[by] / off[by]));
  results.push({
    ...shape,
    on: deliveries('on'),
    off: deliveries('off'),
    pairs: pairs.length,
    fewer: lost(pairs, 'second'),
    fewerOfProcessor: lost(pairs, 'processorSecond'),
    fewerInEach: samples.map((sample) => lost(sample.pairs, 'second')),
    samples: samples.map((sample) => ({ figures: sample.figures, ...spreadOf(sample.pairs) })),
  });
}
const percent = (share) => `${(share * 100).toFixed(1)} %`;
printTable(
  `Checks on beside checks compiled out, slices of ${PROCESSES} processes in turns`,
  [
    'subscribers × in flight',
    'on, deliveries/s',
    'out, deliveries/s',
    'pairs',
    'fewer, median',
    'of processor time',
    'of each process',
  ],
  results.map((row) => [
    `${row.subscribers} × ${row.window}`,
    Math.round(row.on).toLocaleString('en'),
    Math.round(row.off).toLocaleString('en'),
    row.pairs,
    percent(row.fewer),
    percent(row.fewerOfProcessor),
    row.fewerInEach.map(percent).join(', '),
  ]),
);
saveResult('checks', { command: `node bench/checks.mjs ${PROCESSES}`, door: door.name, results });
process.exit(0);
