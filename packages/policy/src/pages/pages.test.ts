import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CODES, type CodeRow, isCode } from '../codes.ts';
import { isOperation, OPERATIONS, type Operation, operationRow } from '../operations.ts';
import { MODEL_OPERATIONS } from '../reference-model/model-table.fixture.ts';
import { codesPage } from './codes-page.ts';
import { operationsPage } from './operations-page.ts';

const page = (name: string): string => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');

describe('the pages are up to date with their tables', () => {
  test('docs/operations.md', () => {
    expect(page('operations.md'), 'run node scripts/generate-policy-docs.mjs').toBe(operationsPage());
    for (const operation of Object.keys(OPERATIONS)) expect(operationsPage()).toContain(`| \`${operation}\` |`);
  });

  test('docs/codes.md', () => {
    expect(page('codes.md'), 'run node scripts/generate-policy-docs.mjs').toBe(codesPage());
    for (const code of Object.keys(CODES)) expect(codesPage()).toContain(`| \`${code}\` |`);
  });
});

describe('the tables', () => {
  test('each code has a meaning, a fix and a sentence that ends, and an HTTP status of an error', () => {
    for (const [code, row] of Object.entries<CodeRow>(CODES)) {
      for (const text of [row.meaning, row.fix, row.sentence])
        expect([code, text]).toEqual([code, expect.stringMatching(/^\S.*\.$/)]);
      expect(row.http).toBeGreaterThanOrEqual(400);
      expect(row.http).toBeLessThan(600);
      expect(`${row.meaning}${row.fix}${row.sentence}`).not.toContain('|');
      expect(isCode(code)).toBe(true);
    }
    expect([isCode('toString'), isCode('')]).toEqual([false, false]);
  });

  test('an anonymous join is refused in the words that clients wait for', () => {
    expect(CODES['channel.anonymous-not-allowed'].sentence).toBe('Anonymous clients cannot join this channel.');
  });

  test('the operations are those that the reference model knows, with the same needs', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual([...MODEL_OPERATIONS.keys()].sort());
    for (const [name, model] of MODEL_OPERATIONS) {
      const row = operationRow(name as Operation);
      expect([name, row.bearer?.section, row.bearer?.permission, row.features.join()]).toEqual([
        name,
        model.bit?.[0],
        model.bit?.[1],
        [model.partOf ?? [], model.feature ?? []].flat().join(),
      ]);
    }
    expect([isOperation('join'), isOperation('toString')]).toEqual([true, false]);
  });
});
