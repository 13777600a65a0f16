// Writes docs/operations.md and docs/codes.md from the tables they describe. Builds first.
import { writeFileSync } from 'node:fs';
import { buildWhatIsStale } from './build.mjs';

buildWhatIsStale();
const { operationsPage } = await import('../packages/policy/dist/pages/operations-page.js');
const { codesPage } = await import('../packages/policy/dist/pages/codes-page.js');
for (const [page, text] of [
  ['operations.md', operationsPage()],
  ['codes.md', codesPage()],
]) {
  writeFileSync(new URL(`../docs/${page}`, import.meta.url), text);
  console.log(`wrote docs/${page}`);
}
