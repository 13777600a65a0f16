#!/usr/bin/env node
// The command line. In a checkout it first builds what is missing or stale, never when the build is fresh.
import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..', '..');
const build = join(root, 'scripts', 'build.mjs');
/** A build takes less; a lock that is older was left behind. */
const STALE = 180_000;

// Installed from a package there are no sources, and nothing to build.
if (existsSync(build) && existsSync(join(import.meta.dirname, '..', 'src'))) {
  const { buildWhatIsStale } = await import(pathToFileURL(build).href);
  const release = await lock(join(root, 'node_modules', '.portcullis-build'));
  process.once('exit', release);
  buildWhatIsStale();
  process.off('exit', release);
  release();
}
const { main } = await import('../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));

/** Two commands started at once do not build into the same files. Where the lock cannot be kept (a checkout that is read-only) there is none. */
async function lock(folder) {
  for (;;) {
    try {
      mkdirSync(folder);
      return () => rmdirSync(folder, { recursive: false });
    } catch (error) {
      if (error.code !== 'EEXIST') return () => {};
      if (isStale(folder)) return () => {};
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isStale(folder) {
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made > STALE;
}
