import type { Timetoken } from '@portcullis/engine';
import type { Query } from '../http/call.ts';

/** Longer numbers are past any time that a timetoken could name. */
const TIMETOKEN = /^\d{1,19}$/;
const COUNT = /^\d{1,9}$/;

export function parseTimetoken(text: string): Timetoken | undefined {
  return TIMETOKEN.test(text) ? BigInt(text) : undefined;
}

/** `undefined`: absent or empty; `'bad'`: no timetoken. */
export function timetokenOf(query: Query, name: string): Timetoken | undefined | 'bad' {
  const text = query.get(name);
  return text === undefined || text === '' ? undefined : (parseTimetoken(text) ?? 'bad');
}

/** How many of a page the client wants: `most` when it does not say or says more; `'bad'`: no number, or none. */
export function countOf(query: Query, name: string, most: number): number | 'bad' {
  const text = query.get(name);
  if (text === undefined || text === '') return most;
  if (!COUNT.test(text) || Number(text) === 0) return 'bad';
  return Math.min(Number(text), most);
}

/** Clients of several languages write `true`, `True` and `1`. */
export function isOn(query: Query, name: string): boolean {
  const text = query.get(name)?.toLowerCase();
  return text === 'true' || text === '1';
}
