// Publishes that are acknowledged when they are on the disk: one publisher alone, and a hundred, each waiting for its last
// one, beside SQLite's own commits of as many rows in a bare loop on the same core and disk.
//   node bench/durable.mjs [runs]
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { door, line } from './doors/index.mjs';
import { fanOut } from './load/programs.mjs';
import { PAYLOAD } from './payload.mjs';
import { grantFor, ROOM_RULE, startPortcullis } from './servers/portcullis.mjs';
import { onCore, SERVER_CORE } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 3);
const SECONDS = 4;
const PUBLISHERS = [1, 100];

const server = await startPortcullis({ grants: true, keep: true, rules: [{ ...ROOM_RULE, history: 100 }] });
// Each on a channel of its own: what it hears is its own message, when that is on the disk.
const lines = Array.from({ length: 100 }, (_, i) => {
  const channel = `room/${i}`;
  return line({ bearer: grantFor(`user-${i}`), channels: [channel], publish: door.publish(channel, PAYLOAD) });
});
const bare = (rows) => {
  const program = join(import.meta.dirname, 'load/group-commits.mjs');
  const output = execFileSync(...onCore(SERVER_CORE, process.execPath, [program, String(rows), String(SECONDS)]));
  return JSON.parse(output.toString()).rowsPerSecond;
};

const results = [];
for (const publishers of PUBLISHERS) {
  const samples = [];
  for (let run = 0; run < RUNS; run += 1) {
    const ours = fanOut({
      server,
      path: door.path,
      lines,
      connections: publishers,
      publishers,
      window: 1,
      seconds: SECONDS,
    });
    samples.push({ perSecond: ours.publishesPerSecond, p50: ours.p50, p99: ours.p99, bare: bare(publishers) });
  }
  const mid = (of) => median(samples.map(of));
  results.push({
    publishers,
    perSecond: mid(({ perSecond }) => perSecond),
    p50: mid(({ p50 }) => p50),
    p99: mid(({ p99 }) => p99),
    bareRowsPerSecond: mid((sample) => sample.bare),
    ratio: mid(({ perSecond, bare: rows }) => perSecond / rows),
  });
}
server.stop();
printTable(
  `Durable publishes acknowledged, each publisher one at a time; medians of ${RUNS} runs in turns`,
  ['publishers', 'publishes/s', 'bare commits, rows/s', 'ratio', 'p50 ms', 'p99 ms'],
  results.map(({ publishers, perSecond, bareRowsPerSecond, ratio, p50, p99 }) => [
    publishers,
    Math.round(perSecond).toLocaleString('en'),
    Math.round(bareRowsPerSecond).toLocaleString('en'),
    ratio.toFixed(2),
    p50.toFixed(2),
    p99.toFixed(2),
  ]),
);
saveResult('durable', { command: `node bench/durable.mjs ${RUNS}`, door: door.name, results });
process.exit(0);
