import { expect, test } from 'vitest';
import { HttpProblem } from '../http/problem.ts';
import { eventData } from './event-data.ts';

const LIMITS = { message: 64, messageDepth: 3 };
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

function codeOf(data: unknown): string | undefined {
  try {
    eventData(data, LIMITS);
    return undefined;
  } catch (error) {
    if (error instanceof HttpProblem) return error.code;
    throw error;
  }
}

test('is what it was, as JSON; nothing is null', () => {
  expect(eventData({ a: [1, null, 'é'] }, LIMITS)).toBe('{"a":[1,null,"é"]}');
  expect(eventData(undefined, LIMITS)).toBe('null');
});

test('has as many levels as a message may have, and not one more, however many come', () => {
  expect([3, 4, 100_000].map((levels) => codeOf(nested(levels)))).toEqual([
    undefined,
    'limit.messageDepth',
    'limit.messageDepth',
  ]);
});

test('is measured in bytes', () => {
  expect([codeOf('é'.repeat(31)), codeOf(`${'é'.repeat(31)}x`)]).toEqual([undefined, 'limit.message']);
});

test('has no number that JSON cannot write', () => {
  expect([codeOf(JSON.parse('[1e308]')), codeOf(JSON.parse('[1e309]'))]).toEqual([undefined, 'request.malformed']);
});
