import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { replay } from './transcripts.fixture.ts';

const folder = new URL('./transcripts/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

it('there are transcripts', () => {
  expect(names.length).toBeGreaterThanOrEqual(6);
});

it.each(names)('%s happens byte for byte', async (name) => {
  const transcript = readFileSync(new URL(name, folder), 'utf8');
  expect(await replay(transcript)).toBe(transcript);
});
