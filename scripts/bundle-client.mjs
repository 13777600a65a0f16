// Writes the client as one file for pages without a build of their own, from what the compiler wrote: packages/client/dist/portcullis.min.js.
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const dist = join(import.meta.dirname, '..', 'packages', 'client', 'dist');
buildSync({
  entryPoints: [join(dist, 'index.js')],
  outfile: join(dist, 'portcullis.min.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
