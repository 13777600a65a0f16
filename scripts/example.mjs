// `npm run example -- NAME`: starts one of examples/. With `--check` it plays its own story and exits 0 when it held.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildWhatIsStale } from './build.mjs';
import { installWhatIsMissing } from './install.mjs';

const folder = join(import.meta.dirname, '..', 'examples');
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.mjs')));
const [name = ''] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (!names.includes(name)) {
  console.error(`npm run example -- NAME [--check], where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}
installWhatIsMissing();
buildWhatIsStale();
await import(pathToFileURL(join(folder, name, 'index.mjs')).href);
