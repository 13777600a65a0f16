import type { Json } from '@portcullis/policy';
import type { Query } from '../http/call.ts';
import { type Facts, fact } from './filter.ts';
import { type BadInput, bad } from './object-answers.ts';

interface Criterion {
  readonly path: readonly string[];
  readonly descending: boolean;
}

export type Sort = { readonly ok: true; readonly criteria: readonly Criterion[] } | BadInput;
export type SortKey = readonly Json[];

/** `sort=name:asc&sort=updated:desc`, or all in one with commas. */
export function readSort(query: Query, fields: ReadonlySet<string>): Sort {
  const criteria: Criterion[] = [];
  const words = query.all('sort').flatMap((value) => value.split(','));
  for (const word of words) {
    if (word === '') continue;
    const [name = '', order = 'asc', ...rest] = word.trim().split(':');
    const isKnown = fields.has(name) && name !== 'custom' && !name.endsWith('.custom');
    if (!isKnown || !['asc', 'desc'].includes(order) || rest.length > 0) {
      return bad('sort', 'Not a field with asc or desc', { in: 'query' });
    }
    criteria.push({ path: name.split('.'), descending: order === 'desc' });
  }
  return criteria.length > fields.size ? bad('sort', 'Too many fields', { in: 'query' }) : { ok: true, criteria };
}

export const sortKey = (facts: Facts, criteria: readonly Criterion[]): SortKey =>
  criteria.map(({ path }) => fact(facts, path));

/** Unset values come last when ascending, first when descending. */
export function compareKeys(one: SortKey, other: SortKey, criteria: readonly Criterion[]): number {
  for (const [index, { descending }] of criteria.entries()) {
    const order = compare(one[index] ?? null, other[index] ?? null);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

function compare(one: Json, other: Json): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return String(one) < String(other) ? -1 : 1;
}
