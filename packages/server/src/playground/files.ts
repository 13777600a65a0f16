import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
]);

/**
 * The playground's files by their path below `/playground/`, with the browser bundles of both clients among them. Read once: what is
 * not in the map does not exist, so no path that a client sends ever reaches the file system.
 */
export function readPlaygroundFiles(): ReadonlyMap<string, StaticFile> {
  const fromHere = createRequire(import.meta.url);
  const manifest = fromHere.resolve('@portcullis/playground/package.json');
  const fromPlayground = createRequire(manifest);
  const sdk = fromPlayground.resolve('@xano/js-sdk/package.json');
  const files = new Map<string, StaticFile>();
  addFolder(files, join(dirname(manifest), 'public'), '');
  addFile(files, join(dirname(sdk), 'dist', 'xano.min.js'), 'xano.min.js');
  addFile(files, fromPlayground.resolve('@portcullis/client/browser'), 'portcullis.min.js');
  return files;
}

function addFolder(files: Map<string, StaticFile>, folder: string, prefix: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(files, path, `${prefix}${entry.name}/`);
    else addFile(files, path, `${prefix}${entry.name}`);
  }
}

function addFile(files: Map<string, StaticFile>, path: string, name: string): void {
  const type = TYPES.get(extname(path));
  if (type !== undefined) files.set(name, { bytes: new Uint8Array(readFileSync(path)), type });
}
