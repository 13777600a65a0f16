// Holds what the linter cannot: the length of files, and which room may import which.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const WALL = 200;

/** Data tables are exempt: each is one table, and reads better whole. */
const TABLES = new Set(['packages/policy/src/codes.ts', 'packages/policy/src/operations.ts']);

/** Who may import whom (`docs/architecture.md`). */
const MAY_IMPORT = new Map([
  ['policy', []],
  ['protocol', []],
  ['engine', ['policy']],
  ['backends', ['engine']],
  ['gateways', ['engine', 'policy', 'protocol']],
  ['automation', ['engine', 'policy']],
  ['server-sdk', ['policy']],
  ['triggers-kit', ['policy']],
  ['client', ['policy', 'protocol']],
  ['playground', ['client']],
  ['server', ['automation', 'backends', 'engine', 'gateways', 'playground', 'policy', 'protocol']],
]);

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist'].includes(entry.name)) yield* files(path);
    } else if (/\.(ts|mjs)$/.test(entry.name)) yield path;
  }
}

const problems = [];
for (const [room, allowed] of MAY_IMPORT) {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', room, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const other = /^@portcullis\/(.+)$/.exec(name)?.[1];
    if (other && !allowed.includes(other))
      problems.push(`packages/${room}/package.json: ${room} may not depend on ${other}`);
  }
  for (const path of files(join(root, 'packages', room))) {
    const name = relative(root, path);
    const isTest = /\.(test|fixture)\.(ts|mjs)$|\/suites\//.test(path);
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n').length - 1;
    if (!isTest && !TABLES.has(name) && lines > WALL) problems.push(`${name}: ${lines} lines; the wall is ${WALL}`);
    if (isTest) continue;
    for (const [, other] of text.matchAll(/from '@portcullis\/([a-z-]+)/g)) {
      if (other !== room && !allowed.includes(other)) problems.push(`${name}: ${room} may not import ${other}`);
    }
    if (room !== 'server' && /process\.env/.test(text))
      problems.push(`${name}: only the server's configuration reads the environment`);
  }
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
