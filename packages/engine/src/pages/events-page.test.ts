import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventsPage } from './events-page.ts';

test('the page of events is what the table says', () => {
  const page = readFileSync(new URL('../../../../docs/events.md', import.meta.url), 'utf8');
  expect(page, 'run node scripts/generate-events-docs.mjs').toBe(eventsPage());
});
