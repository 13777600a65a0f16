import { createRequire } from 'node:module';
import { MIGRATIONS } from '../../packages/backends/dist/sqlite/migrations.js';

const Database = createRequire(new URL('../../packages/backends/package.json', import.meta.url))('libsql');
const CHANNELS = 100;

let timetoken = 17_642_345_678_901_237n;
const offsets = Array.from({ length: CHANNELS }, () => 0);

/** The next message of usual size, on one of a hundred channels in turn. */
export function nextPublication(index) {
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

/** The tables of the store and nothing else: no queue, no thread, no heads raised, no trimming. `write` is one commit. */
export function openBare(file) {
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
  return {
    write(rows) {
      database.exec('BEGIN IMMEDIATE');
      for (const row of rows) insert.run(row);
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

/** A publication as the bare table has it. */
export function rowOf(publication, index) {
  const { position, timetoken: at, stamp, kind, audience, sender, data } = publication;
  const said = [JSON.stringify(audience), JSON.stringify(sender), data];
  return [(index % CHANNELS) + 1, at, position.epoch, position.offset, stamp, kind, ...said];
}
