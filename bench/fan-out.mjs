// Deliveries per second beside a plain `ws` loop, in turns, one core for the server and one for the load.
//   node bench/fan-out.mjs [runs]        (needs a C compiler)
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HASH, onCore, startPlainWs, startPortcullis } from './servers/start.mjs';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 3);
const SECONDS = 3;
const SHAPES = [
  { subscribers: 100, window: 128 },
  { subscribers: 1000, window: 128 },
  { subscribers: 100, window: 1 },
  { subscribers: 1000, window: 1 },
];
const JOIN = '{"action":"join","options":{"channel":"room/1"},"payload":{"history":false,"presence":false}}';
const MESSAGE = '{"action":"message","options":{"channel":"room/1"},"payload":{"text":"~hello world"}}';

const load = join(mkdtempSync(join(tmpdir(), 'portcullis-load-')), 'fanout-load');
execFileSync('cc', ['-O2', '-o', load, join(import.meta.dirname, 'load/fanout-load.c')]);

function measure(port, { subscribers, window }) {
  const args = [port, `/rt/${HASH}`, subscribers, window, SECONDS, JOIN, MESSAGE, '~'].map(String);
  const output = execFileSync(...onCore(1, load, args)).toString();
  const read = (name) => Number(new RegExp(`${name}=([\\d.]+)`).exec(output)?.[1]);
  return { perSecond: read('deliveries/s'), p50: read('p50'), p99: read('p99') };
}

const ours = await startPortcullis(7990);
const plain = await startPlainWs();
const results = [];
for (const shape of SHAPES) {
  const runs = { portcullis: [], plain: [] };
  for (let run = 0; run < RUNS; run += 1) {
    runs.portcullis.push(measure(ours.port, shape));
    runs.plain.push(measure(plain.port, shape));
  }
  const summary = (list) => ({
    perSecond: median(list.map(({ perSecond }) => perSecond)),
    p50: median(list.map(({ p50 }) => p50)),
    p99: median(list.map(({ p99 }) => p99)),
  });
  const ratios = runs.portcullis.map(({ perSecond }, run) => perSecond / runs.plain[run].perSecond);
  results.push({ ...shape, portcullis: summary(runs.portcullis), plainWs: summary(runs.plain), ratio: median(ratios) });
}
ours.stop();
plain.stop();
printTable(
  `Fan-out, median of ${RUNS} runs in turns`,
  ['subscribers × in flight', 'Portcullis /s', 'plain ws /s', 'ratio', 'p50 ms', 'plain p50 ms'],
  results.map((row) => [
    `${row.subscribers} × ${row.window}`,
    Math.round(row.portcullis.perSecond).toLocaleString('en'),
    Math.round(row.plainWs.perSecond).toLocaleString('en'),
    `${row.ratio.toFixed(1)}×`,
    row.portcullis.p50.toFixed(2),
    row.plainWs.p50.toFixed(2),
  ]),
);
saveResult('fan-out', { command: `node bench/fan-out.mjs ${RUNS}`, results });
process.exit(0);
