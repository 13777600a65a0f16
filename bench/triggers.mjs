// What triggers cost, each case in processes of its own, in turns: no trigger in the app, one on other channels, one CEL
// step, one function, one endpoint.
//   node bench/triggers.mjs [runs]
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 9);
const TURNS = 120;
const SIDE = join(import.meta.dirname, 'triggers', 'side.mjs');
const CASES = {
  none: 'no trigger in the app',
  elsewhere: 'a trigger on other channels',
  cel: 'one CEL step that sets a field',
  function: 'one function, one worker',
  http: 'one endpoint on loopback',
};

const hook = createServer((request, response) => {
  request.resume().on('end', () => response.end('{"allow":true}'));
});
await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));
const env = { ...process.env, HOOK: `http://127.0.0.1:${hook.address().port}/hook` };
const run = promisify(execFile);

const names = Object.keys(CASES);
const samples = [];
for (let round = 0; round < RUNS; round += 1) {
  // Not always the same first: what comes second finds the machine in another state.
  const order = [...names.slice(round % names.length), ...names.slice(0, round % names.length)];
  const sample = {};
  for (const name of order) sample[name] = JSON.parse((await run(process.execPath, [SIDE, name], { env })).stdout);
  samples.push(sample);
}
hook.closeAllConnections();
hook.close();

/** Deliveries with a trigger elsewhere, × without one: two fresh processes, stretch by stretch in turns, the quickest of each. */
async function besideNone() {
  const sides = ['none', 'elsewhere'].map((name) => fork(SIDE, [name], { env }));
  await Promise.all(sides.map((side) => once(side, 'message')));
  const quickest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const at of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      sides[at].send('go');
      const [seconds] = await once(sides[at], 'message');
      quickest[at] = Math.min(quickest[at], seconds);
    }
  }
  for (const side of sides) side.disconnect();
  return quickest[0] / quickest[1];
}
const besides = [];
for (let round = 0; round < RUNS; round += 1) besides.push(await besideNone());

const of = (name, read) => median(samples.map((sample) => read(sample[name], sample.none)));
const results = Object.fromEntries(
  names.map((name) => {
    const [first] = samples.map((sample) => sample[name]);
    const figures = Object.fromEntries(Object.keys(first).map((key) => [key, of(name, (one) => one[key])]));
    const beside = {
      addedP50: of(name, (one, none) => one.p50 - none.p50),
      addedP99: of(name, (one, none) => one.p99 - none.p99),
    };
    return [name, { ...figures, ...beside }];
  }),
);

results.elsewhere.deliveriesRatio = median(besides);

const count = (figure) => (figure === undefined ? '' : Math.round(figure).toLocaleString('en'));
printTable(
  `Messages through triggers, medians of ${RUNS} processes each, in turns; calls of functions with 64 under way, of endpoints with 16`,
  ['', 'messages/s', '/s of processor time', 'deliveries of none', 'p50 µs', 'p99 µs', 'adds p50', 'adds p99'],
  names.map((name) => {
    const { perSecond, perProcessorSecond, deliveriesRatio, p50, p99, addedP50, addedP99 } = results[name];
    const ratio = deliveriesRatio?.toFixed(3) ?? '';
    const times = [p50, p99, addedP50, addedP99].map((figure) => figure.toFixed(1));
    return [CASES[name], count(perSecond), count(perProcessorSecond), ratio, ...times];
  }),
);
console.log(`\nThe CEL step alone decides ${count(results.cel.decisions)} messages a second of processor time.`);
saveResult('triggers', { command: `node bench/triggers.mjs ${RUNS}`, results, samples, besides });
