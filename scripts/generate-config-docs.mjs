// Writes docs/configuration.md from the configuration's schema and docs/cli.md from the commands. Builds first.
import { writeFileSync } from 'node:fs';
import { buildWhatIsStale } from './build.mjs';

buildWhatIsStale();
const { configurationReference } = await import('../packages/server/dist/config/reference.js');
const { commandReference } = await import('../packages/server/dist/cli/reference.js');
for (const [page, text] of [
  ['configuration.md', configurationReference()],
  ['cli.md', commandReference()],
]) {
  writeFileSync(new URL(`../docs/${page}`, import.meta.url), text);
  console.log(`wrote docs/${page}`);
}
