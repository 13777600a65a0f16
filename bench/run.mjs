// `npm run bench`: every figure, one after the other, so that none disturbs another.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildWhatIsStale } from '../scripts/build.mjs';

buildWhatIsStale();
const names =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['fan-out', 'long-poll', 'decide', 'history-appends', 'idle-connections'];
for (const name of names) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.mjs`)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
