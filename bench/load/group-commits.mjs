// SQLite's own limit: so many rows to a commit, in a bare loop for so many seconds.
//   node group-commits.mjs ROWS SECONDS
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextPublication, openBare, rowOf } from './bare-history.mjs';

const [rows, seconds] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'portcullis-bare-'));
const bare = openBare(join(folder, 'bare.db'));
let written = 0;
const begun = performance.now();
while (performance.now() - begun < seconds * 1_000) {
  bare.write(Array.from({ length: rows }, (_, index) => rowOf(nextPublication(index), index)));
  written += rows;
}
console.log(JSON.stringify({ rowsPerSecond: written / ((performance.now() - begun) / 1_000) }));
bare.close();
rmSync(folder, { recursive: true, force: true });
