// Writes docs/configuration.md from the configuration's schema. Needs a build: npm run build.
import { writeFileSync } from 'node:fs';

const { configurationReference } = await import('../packages/server/dist/config/reference.js');
const page = new URL('../docs/configuration.md', import.meta.url);
writeFileSync(page, configurationReference());
console.log(`wrote ${page.pathname}`);
