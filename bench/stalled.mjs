// One reader in a hundred stops reading: what the others notice, and what it costs the server.
//   node bench/stalled.mjs [runs]
import { door, line } from './doors/index.mjs';
import { Crowd } from './load/crowd.mjs';
import { resident } from './load/processor.mjs';
import { Publisher } from './load/publisher.mjs';
import { admin, grantFor, startPortcullis } from './servers/portcullis.mjs';
import { pause } from './servers/run.mjs';
import { median, printTable, saveResult } from './table.mjs';

const RUNS = Number(process.argv[2] ?? 7);
const HEALTHY = 495;
const STALLED = 5;
const PER_SECOND = 100;
const SECONDS = 10;
/** 8 KiB: a reader that does not read owes more than its buffer and the kernel's within a run. */
const FILLER = 'x'.repeat(8_000);
const MEBIBYTE = 1024 * 1024;

const server = await startPortcullis({ grants: true });
const lines = (count, name) =>
  Array.from({ length: count }, (_, i) => line({ bearer: grantFor(`${name}-${i}`), channels: ['room/1'] }));
const healthy = new Crowd(server);
await healthy.open(lines(HEALTHY, 'healthy'));
await healthy.await('joined', HEALTHY);
const publisher = new Publisher(server, { bearer: grantFor('publisher'), channels: ['room/1'], filler: FILLER });
await publisher.ready;
publisher.start(PER_SECOND);
await pause(3_000);

async function listen() {
  await healthy.reset();
  await pause(SECONDS * 1_000);
  const { messages, latency } = await healthy.report();
  return { ...latency, perSecond: messages.count / SECONDS };
}

/** How many of the stalled the server has cut, waiting for all of them so many ms at most. */
async function cutAfter(ms) {
  for (const end = performance.now() + ms; ; await pause(500)) {
    const { sessions } = await admin(server, 'GET', '/apps/bench/sessions');
    const cut = HEALTHY + 1 + STALLED - sessions.length;
    if (cut >= STALLED || performance.now() > end) return cut;
  }
}

const samples = [];
for (let run = 0; run < RUNS; run += 1) {
  const before = await listen();
  const memoryBefore = resident(server.pid);
  const stalled = new Crowd(server);
  await stalled.open(lines(STALLED, `stalled-${run}`));
  await stalled.await('joined', STALLED);
  stalled.signal('SIGSTOP');
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, resident(server.pid));
  }, 100);
  const during = await listen();
  clearInterval(watch);
  const cut = await cutAfter(20_000);
  stalled.stop();
  samples.push({ before, during, grownBytes: most - memoryBefore, cut });
  await pause(1_000);
}
publisher.stop();
healthy.stop();
server.stop();
const mid = (of) => median(samples.map(of));
const results = {
  p99Before: mid(({ before }) => before.p99),
  p99During: mid(({ during }) => during.p99),
  /** In each run, with the stalled ones by without; the median of that. */
  ratio: mid(({ before, during }) => during.p99 / before.p99),
  grownBytes: Math.max(...samples.map(({ grownBytes }) => grownBytes)),
  cut: Math.min(...samples.map(({ cut }) => cut)),
  samples,
};
printTable(
  `${HEALTHY} readers, and ${STALLED} that stop (SIGSTOP); ${PER_SECOND} messages of 8 KiB a second; medians of ${RUNS} runs in turns`,
  ['', 'without', 'with', 'ratio'],
  [
    [
      'p50 ms of the others',
      mid(({ before }) => before.p50).toFixed(2),
      mid(({ during }) => during.p50).toFixed(2),
      '',
    ],
    ['p99 ms of the others', results.p99Before.toFixed(2), results.p99During.toFixed(2), results.ratio.toFixed(2)],
    ['resident memory grew by at most, MiB', '', (results.grownBytes / MEBIBYTE).toFixed(1), ''],
    [`stalled ones cut, of ${STALLED}`, '', results.cut, ''],
  ],
);
saveResult('stalled', {
  command: `node bench/stalled.mjs ${RUNS}`,
  door: door.name,
  healthy: HEALTHY,
  stalled: STALLED,
  results,
});
process.exit(0);
