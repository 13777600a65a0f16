// History appends per second through the store, beside SQLite's own limit: the same rows into the same tables, inserted
// by a bare loop with as many rows to a transaction. `node bench/history-appends.mjs` (build first: `npx tsc -b`).
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../packages/backends/dist/sqlite/index.js';
import { MIGRATIONS } from '../packages/backends/dist/sqlite/migrations.js';
import { SILENT_LOG } from '../packages/engine/dist/index.js';
import { median, printTable, saveResult } from './table.mjs';

const Database = createRequire(new URL('../packages/backends/package.json', import.meta.url))('libsql');

const CHANNELS = 100;
/** Per row of the result: appends handed over in one turn, and how many turns are measured. */
const ROUNDS = [
  { burst: 1, turns: 500 },
  { burst: 10, turns: 300 },
  { burst: 100, turns: 100 },
  { burst: 1_000, turns: 30 },
];

let timetoken = 17_642_345_678_901_237n;
const offsets = Array.from({ length: CHANNELS }, () => 0);

function nextPublication(index) {
  const channel = index % CHANNELS;
  offsets[channel] += 1;
  timetoken += 1n;
  return {
    app: 'bench',
    channel: `room/${channel}`,
    kind: 'message',
    audience: { to: 'everyone', anonymous: true },
    sender: { session: 'k3JxT0aVq9Lw2bNc', user: 'ann', table: 1, row: 42, extras: { name: 'Ann' } },
    data: JSON.stringify({
      text: 'A message of the usual length, as people write them to each other.',
      n: offsets[channel],
    }),
    logged: true,
    position: { epoch: 'aT3kq9Zx', offset: offsets[channel] },
    timetoken,
    stamp: 1,
    seq: 0,
  };
}

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

/** The tables alone, and a loop on this thread: no queue, no thread, no trimming. */
function openBare(file) {
  const database = new Database(file);
  for (const pragma of [
    'locking_mode = EXCLUSIVE',
    'journal_mode = WAL',
    'synchronous = FULL',
    'wal_autocheckpoint = 4000',
  ]) {
    database.exec(`PRAGMA ${pragma}`);
  }
  for (const statement of MIGRATIONS.flatMap(({ statements }) => statements)) database.exec(statement);
  const channel = database.prepare(
    `INSERT INTO channels (app, channel, epoch, "offset", timetoken) VALUES ('bench', ?, 'e', 0, 0)`,
  );
  for (let index = 0; index < CHANNELS; index += 1) channel.run([`room/${index}`]);
  const insert = database.prepare(`INSERT INTO history
    (channel, shelf, timetoken, epoch, "offset", stamp, kind, audience, sender, data) VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?)`);
  return { database, insert };
}

function throughBare({ database, insert }, { burst, turns }) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const rows = Array.from({ length: burst }, (_, index) => {
      const { position, timetoken: at, stamp, kind, audience, sender, data } = nextPublication(index);
      const channel = (index % CHANNELS) + 1;
      return [
        channel,
        at,
        position.epoch,
        position.offset,
        stamp,
        kind,
        JSON.stringify(audience),
        JSON.stringify(sender),
        data,
      ];
    });
    const start = performance.now();
    database.exec('BEGIN IMMEDIATE');
    for (const row of rows) insert.run(row);
    database.exec('COMMIT');
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
    `History appends to ${CHANNELS} channels, medians of one run (the store also raises heads and trims; the bare loop only inserts)`,
    head,
    rows,
  );
  const unwaited = await throughStoreUnwaited(store, 20, 3_000);
  console.log(
    `Turns of 20 that do not wait for each other, at most 2 000 on their way: ${Math.round(unwaited)} appends/s`,
  );
  saveResult('history-appends', { head, rows, unwaited: Math.round(unwaited) });
  await store.close();
  bare.database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
