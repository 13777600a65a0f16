import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationReference } from './reference.ts';

const PAGE = new URL('../../../../docs/configuration.md', import.meta.url);

test('docs/configuration.md is what the schema says: run `node scripts/generate-config-docs.mjs` after a change', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(configurationReference());
});

test('every key of the contract is on the page', () => {
  const page = configurationReference();
  for (const key of [
    'adminToken',
    'trustedProxies',
    'joinTimeout',
    'channelsPerConnection',
    'connectionHash',
    'historyWiden',
    'rosterMax',
  ]) {
    expect(page).toContain(`| \`${key}\` |`);
  }
});
