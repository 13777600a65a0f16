// `npm run bench`: every figure, one after the other, so that none disturbs another; then the table of what has to be
// shown, and the picture of the README. `npm run bench -- NAME …` takes some of them; `-- table` only reads the results.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildWhatIsStale } from '../scripts/build.mjs';
import { drawPicture } from './picture.mjs';
import { printTable } from './table.mjs';
import { standing } from './targets.mjs';

const ALL = [
  'fan-out',
  'checks',
  'decide',
  'tokens',
  'events',
  'many-channels',
  'joins',
  'revoke',
  'edits',
  'stalled',
  'durable',
  'history-appends',
  'idle-connections',
  'long-poll',
  'triggers',
  'idle-polls',
];
/** None takes half as long; one that hangs keeps the others from nothing. */
const MOST_MS = 20 * 60_000;
const asked = process.argv.slice(2);
const names = asked.length === 0 ? ALL : asked.filter((name) => name !== 'table');
buildWhatIsStale();
const failed = [];
for (const name of names) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.mjs`)], {
    stdio: 'inherit',
    timeout: MOST_MS,
  });
  if (status !== 0) failed.push(name);
}
printTable(
  'What has to be shown, and what the latest results say',
  ['', 'bound', 'measured', ''],
  standing().map(({ says, least, most, value, met }) => [
    says,
    least !== undefined ? `≥ ${short(least)}` : most !== undefined ? `≤ ${short(most)}` : '',
    value === undefined ? '–' : short(value),
    met === undefined ? '' : met ? 'met' : 'missed',
  ]),
);
drawPicture();
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function short(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 1_000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
