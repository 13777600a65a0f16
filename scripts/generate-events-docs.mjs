// Writes docs/events.md from the table of events. Builds first.
import { writeFileSync } from 'node:fs';
import { buildWhatIsStale } from './build.mjs';

buildWhatIsStale();
const { eventsPage } = await import('../packages/engine/dist/pages/events-page.js');
writeFileSync(new URL('../docs/events.md', import.meta.url), eventsPage());
console.log('wrote docs/events.md');
