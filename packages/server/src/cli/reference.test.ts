import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandReference } from './reference.ts';

const PAGE = new URL('../../../../docs/cli.md', import.meta.url);

test('docs/cli.md is what the commands say: run `node scripts/generate-config-docs.mjs` after a change', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(commandReference());
});
