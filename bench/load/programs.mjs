import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOAD_CORE, onCore, processes } from '../servers/run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-load-'));
process.once('exit', () => execFileSync('rm', ['-rf', folder]));
const compiled = new Map();
let scripts = 0;

/** Compiles a load program once; answers its path. */
export function program(name) {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const out = join(folder, name);
  const source = (file) => join(import.meta.dirname, file);
  execFileSync('cc', ['-O2', '-o', out, ...[`${name}.c`, 'ws.c', 'calls.c'].map(source)]);
  compiled.set(name, out);
  return out;
}

/** Writes a script of lines to a file. */
export function scriptFile(lines) {
  return textFile(`${lines.join('\n')}\n`);
}

/** Writes a text to a file of its own. */
export function textFile(text) {
  const file = join(folder, `script-${++scripts}`);
  writeFileSync(file, text);
  return file;
}

/** Runs `fan-out.c` on the load's core. */
export function fanOut({ server, path, lines, connections, publishers = 1, window, seconds, whole = false }) {
  const args = [
    server.port,
    path,
    scriptFile(lines),
    connections,
    publishers,
    window,
    seconds,
    '~',
    processes(server.pid),
  ];
  const all = [...args, ...(whole ? ['whole'] : [])].map(String);
  return JSON.parse(execFileSync(...onCore(LOAD_CORE, program('fan-out'), all)).toString());
}
