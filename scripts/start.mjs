// `npm start`: from a fresh checkout to a running server with the demo app. Further arguments go to `portcullis serve`.
import { buildWhatIsStale } from './build.mjs';
import { installWhatIsMissing } from './install.mjs';

installWhatIsMissing();
buildWhatIsStale();
const { join } = await import('node:path');
const root = join(import.meta.dirname, '..');
const given = process.argv.slice(2);
const config = given.some((flag) => flag === '--config' || flag.startsWith('--config='))
  ? []
  : ['--config', join(root, 'examples', 'demo', 'portcullis.yaml')];
process.argv.splice(2, Number.POSITIVE_INFINITY, 'serve', ...config, ...given);
await import('../packages/server/bin/portcullis.mjs');
