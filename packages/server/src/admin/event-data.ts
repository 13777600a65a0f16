import type { Limits } from '@portcullis/engine';
import { HttpProblem } from '../http/problem.ts';

/** The data of a server event as JSON text, within the bounds of every message. Throws the problem it is answered with. */
export function eventData(data: unknown, { message, messageDepth }: Pick<Limits, 'message' | 'messageDepth'>): string {
  // First: writing JSON is recursive, and a deep enough tree would overflow the stack.
  check(data, messageDepth, messageDepth);
  const json = JSON.stringify(data ?? null);
  if (Buffer.byteLength(json) <= message) return json;
  throw new HttpProblem('limit.message', { detail: `The data has more than ${message} bytes.` });
}

function check(value: unknown, levels: number, max: number): void {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    // Larger than any double: it would silently become `null`.
    throw new HttpProblem('request.malformed', { errors: [{ path: 'data', message: 'has a number out of range' }] });
  }
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) {
    throw new HttpProblem('limit.messageDepth', { detail: `The data is nested deeper than ${max} levels.` });
  }
  for (const inner of Object.values(value)) check(inner, levels - 1, max);
}
