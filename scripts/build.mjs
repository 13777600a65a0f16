// Builds what is stale, and only then: `tsc -b` alone takes a while even when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

function newest(folder, ending) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) time = Math.max(time, newest(path, ending));
    else if (ending.test(entry.name)) time = Math.max(time, statSync(path).mtimeMs);
  }
  return time;
}

/** When the last build that succeeded began: what was saved while it ran is newer. */
const stamp = join(root, 'node_modules', '.portcullis-built');

function isFresh(room, builtAt) {
  const output = existsSync(join(room, 'dist', '.tsbuildinfo'));
  return output && builtAt >= newest(join(room, 'src'), /(?<!\.(?:test|fixture))\.(js|ts|mjs)$/);
}

/** The client as one file, for pages without a build of their own. */
const bundle = join(root, 'packages', 'client', 'dist', 'portcullis.min.js');

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

/** @returns {void} Exits the process with the compiler's code when the build fails; the next call then builds again. */
export function buildWhatIsStale() {
  const rooms = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((room) => existsSync(join(room, 'tsconfig.json')));
  const builtAt = existsSync(stamp) ? Number(readFileSync(stamp, 'utf8')) : 0;
  if (rooms.every((room) => isFresh(room, builtAt)) && existsSync(bundle)) return;
  console.error('Building …');
  const began = Date.now();
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run([compiler, '-b']);
  // In a process of its own: what it imports is not there before the first install.
  run([join(root, 'scripts', 'bundle-client.mjs')]);
  writeFileSync(stamp, String(began));
}

if (process.argv[1] === import.meta.filename) buildWhatIsStale();
