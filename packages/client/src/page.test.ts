import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIFE } from './life.ts';
import { OWN_CODES } from './portcullis-error.ts';

const page = readFileSync(new URL('../../../docs/native-clients.md', import.meta.url), 'utf8');
const firstCells = (heading: string): string[] => {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section.split('\n').flatMap((line) => (line.startsWith('| `') ? [String(line.split('|')[1])] : []));
};
const named = (cells: readonly string[]) =>
  cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));

describe('docs/native-clients.md', () => {
  it('has every code of the client, and no other', () => {
    expect(named(firstCells('Errors')).sort()).toEqual([...OWN_CODES].sort());
  });

  it('has every state of the connection, and no other', () => {
    expect(named(firstCells('The connection'))).toEqual(Object.keys(LIFE));
  });
});
