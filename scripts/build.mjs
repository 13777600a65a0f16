// Builds what is stale, and only then: `tsc -b` alone takes a while even when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
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

function isFresh(room) {
  const built = join(room, 'dist', '.tsbuildinfo');
  return (
    existsSync(built) && statSync(built).mtimeMs >= newest(join(room, 'src'), /(?<!\.(?:test|fixture))\.(ts|mjs)$/)
  );
}

/** @returns {void} Exits the process with the compiler's code when the build fails. */
export function buildWhatIsStale() {
  const rooms = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  if (rooms.filter((room) => existsSync(join(room, 'tsconfig.json'))).every(isFresh)) return;
  console.error('Building …');
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === import.meta.filename) buildWhatIsStale();
