// What deciding costs: the same server, rules and grants on, beside one in which every decision is yes beforehand.
//   node bench/checks.mjs [runs]
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { fanOut } from './load/programs.mjs';
import { PAYLOAD } from './payload.mjs';
import { grantFor, startPortcullis } from './servers/portcullis.mjs';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 9);
const SECONDS = 2;
const CHANNEL = 'room/1';
const SHAPES = [
  { subscribers: 1000, window: 128 },
  { subscribers: 100, window: 128 },
];

const publish = door.publish(CHANNEL, PAYLOAD);
const lines = Array.from({ length: 1000 }, (_, i) =>
  line({ bearer: grantFor(`user-${i}`), channels: [CHANNEL], publish }),
);
const start = (name) => startPortcullis({ grants: true, unchecked: name === 'off' });

// Or both would be the same server.
const unchecked = await start('off');
const nowhere = new Crowd(unchecked);
await nowhere.open([line({ bearer: grantFor('stranger'), channels: ['no/rule/here'] })]);
await nowhere.await('joined', 1, 5_000);
nowhere.stop();
unchecked.stop();

const measure = (server, { subscribers, window, seconds = SECONDS }) =>
  fanOut({ server, path: door.path, lines, connections: subscribers, window, seconds });

/** A process can be quicker than another of its kind for as long as it lives: each run has its own. */
async function sampleOf(shape, order) {
  const sample = {};
  const servers = {};
  for (const name of order) servers[name] = await start(name);
  for (const name of order) measure(servers[name], { ...shape, seconds: 1 });
  for (const name of order) sample[name] = measure(servers[name], shape);
  for (const name of order) servers[name].stop();
  return sample;
}

const results = [];
for (const shape of SHAPES) {
  const samples = [];
  for (let run = 0; run < RUNS; run += 1) {
    // In turns, and not always the same first: what comes second finds the machine in another state.
    samples.push(await sampleOf(shape, run % 2 === 0 ? ['on', 'off'] : ['off', 'on']));
  }
  const fewer = (key) => median(samples.map((sample) => 1 - sample.on[key] / sample.off[key]));
  results.push({
    ...shape,
    on: median(samples.map((sample) => sample.on.deliveriesPerSecond)),
    off: median(samples.map((sample) => sample.off.deliveriesPerSecond)),
    fewer: fewer('deliveriesPerSecond'),
    fewerPerProcessorSecond: fewer('deliveriesPerProcessorSecond'),
    samples,
  });
}
const percent = (share) => `${(share * 100).toFixed(1)} %`;
printTable(
  `Checks on beside checks compiled out, medians of ${RUNS} runs in turns`,
  ['subscribers × in flight', 'on, deliveries/s', 'out, deliveries/s', 'fewer', 'fewer per processor second'],
  results.map((row) => [
    `${row.subscribers} × ${row.window}`,
    Math.round(row.on).toLocaleString('en'),
    Math.round(row.off).toLocaleString('en'),
    percent(row.fewer),
    percent(row.fewerPerProcessorSecond),
  ]),
);
saveResult('checks', { command: `node bench/checks.mjs ${RUNS}`, door: door.name, results });
process.exit(0);
