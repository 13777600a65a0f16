// History appends per second through the store, beside SQLite's own limit: the same rows into the same tables, inserted
// by a bare loop with as many rows to a transaction. `node bench/history-appends.mjs` (build first: `npx tsc -b`).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../packages/backends/dist/sqlite/index.js';
import { SILENT_LOG } from '../packages/engine/dist/index.js';
import { nextPublication, openBare, rowOf } from './load/bare-history.mjs';
import { median, printTable, saveResult } from './table.mjs';

/** Per row of the result: appends handed over in one turn, and how many turns are measured. */
const ROUNDS = [
  { burst: 1, turns: 500 },
  { burst: 10, turns: 300 },
  { burst: 100, turns: 100 },
  { burst: 1_000, turns: 30 },
];

/** ms per burst, through the store. */
async function throughStore(store, { burst, turns }) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const items = Array.from({ length: burst }, (_, index) => ({ publication: nextPublication(index), keep: 100 }));
    const start = performance.now();
    await Promise.all(items.map((item) => store.append(item)));
    times.push(performance.now() - start);
  }
  return times;
}

/** Appends per second when turns do not wait for each other: batching while a commit is running. */
async function throughStoreUnwaited(store, burst, milliseconds) {
  let appended = 0;
  const pending = new Set();
  const start = performance.now();
  while (performance.now() - start < milliseconds) {
    for (let index = 0; index < burst; index += 1) {
      const call = store.append({ publication: nextPublication(index), keep: 100 });
      pending.add(call);
      call.then(() => pending.delete(call));
    }
    appended += burst;
    // A publisher in closed loop: so many are on their way at most.
    while (pending.size > 2_000) await Promise.race(pending);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(pending);
  return appended / ((performance.now() - start) / 1_000);
}

function throughBare(bare, { burst, turns }) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const rows = Array.from({ length: burst }, (_, index) => rowOf(nextPublication(index), index));
    const start = performance.now();
    bare.write(rows);
    times.push(performance.now() - start);
  }
  return times;
}

const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
try {
  const store = await openSqliteStore({ folder, log: SILENT_LOG });
  const bare = openBare(join(folder, 'bare.db'));
  await throughStore(store, { burst: 100, turns: 20 });
  throughBare(bare, { burst: 100, turns: 20 });
  const perSecond = (burst, times) => burst / (median(times) / 1_000);
  const rows = [];
  for (const round of ROUNDS) {
    const ours = await throughStore(store, round);
    const limit = throughBare(bare, round);
    const [a, b] = [perSecond(round.burst, ours), perSecond(round.burst, limit)];
    rows.push([
      round.burst,
      median(ours).toFixed(2),
      Math.round(a),
      median(limit).toFixed(2),
      Math.round(b),
      `${(a / b).toFixed(2)}`,
    ]);
  }
  const head = [
    'appends per turn',
    'store, ms',
    'store, appends/s',
    'bare loop, ms',
    'bare loop, rows/s',
    'store ÷ bare',
  ];
  printTable(
    `History appends to 100 channels, medians of one run (the store also raises heads and trims; the bare loop only inserts)`,
    head,
    rows,
  );
  const unwaited = await throughStoreUnwaited(store, 20, 3_000);
  console.log(
    `Turns of 20 that do not wait for each other, at most 2 000 on their way: ${Math.round(unwaited)} appends/s`,
  );
  saveResult('history-appends', {
    command: 'node bench/history-appends.mjs',
    head,
    rows,
    unwaited: Math.round(unwaited),
  });
  await store.close();
  bare.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
