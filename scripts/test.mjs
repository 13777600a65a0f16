// `npm test`: installs and builds what is missing, then runs every check that this machine can run, and says what it skipped and why.
// `--long` adds the long ones. Other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWhatIsStale } from './build.mjs';
import { installWhatIsMissing } from './install.mjs';

const root = join(import.meta.dirname, '..');
const long = process.argv.includes('--long');
const rest = process.argv.slice(2).filter((argument) => argument !== '--long');

installWhatIsMissing();
buildWhatIsStale();

let passed = 0;
let failed = 0;

/** A check named as the promise it keeps. */
function promise(sentence, command, args) {
  const { status } = spawnSync(process.execPath, [join(root, command), ...args], {
    cwd: root,
    stdio: ['ignore', 1, 2],
  });
  console.log(`${status === 0 ? '✓' : '✗'} ${sentence}`);
  if (status === 0) passed += 1;
  else failed += 1;
}

if (rest.length === 0) {
  promise(
    'every import is one the architecture allows, and the code is formatted',
    'node_modules/@biomejs/biome/bin/biome',
    ['check', '--error-on-warnings', '.'],
  );
  promise('no source file is over the wall, and every room imports only what it may', 'scripts/check-tree.mjs', []);
  promise('tests and benchmarks keep the types', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.tests.json']);
  promise('the client keeps its types, those of its users among them', 'node_modules/typescript/bin/tsc', [
    '-p',
    'packages/client/tsconfig.tests.json',
  ]);
  promise('the playground keeps its types', 'node_modules/typescript/bin/tsc', [
    '-p',
    'packages/playground/jsconfig.json',
  ]);
}

const folder = mkdtempSync(join(tmpdir(), 'portcullis-test-'));
const summaryFile = join(folder, 'summary.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts/summary-reporter.mjs')}`,
    // The long ones compute for half an hour; left to itself vitest keeps a core free.
    ...(long ? [`--maxWorkers=${availableParallelism()}`] : []),
    ...rest,
  ],
  {
    cwd: root,
    stdio: ['ignore', 1, 2],
    env: { ...process.env, TEST_SUMMARY: summaryFile, ...(long ? { LONG_TESTS: '1' } : {}) },
  },
);
const skipped = addSummary();
rmSync(folder, { recursive: true, force: true });

if (skipped.length > 0) {
  console.log('\nSkipped:');
  for (const { name, reason } of skipped) console.log(`  - ${name}: ${reason}`);
}
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(failed === 0 && status === 0 ? 0 : 1);

function addSummary() {
  let summary;
  try {
    summary = JSON.parse(readFileSync(summaryFile, 'utf8'));
  } catch {
    console.error('vitest ended without a summary.');
    failed += 1;
    return [];
  }
  passed += summary.passed;
  failed += summary.failed;
  if (status !== 0 && summary.failed === 0) failed += 1;
  return summary.skipped;
}
