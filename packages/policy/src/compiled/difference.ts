/** What two lists do not share. */
export interface Difference<T> {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

/** Which items are in one list alone. Looked for between those with which both begin, and those with which both end. */
export function difference<T>(before: readonly T[], after: readonly T[]): Difference<T> {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const left = before.slice(start, before.length - end);
  const right = after.slice(start, after.length - end);
  return { gone: notIn(left, right), come: notIn(right, left) };
}

function notIn<T>(items: readonly T[], others: readonly T[]): readonly T[] {
  if (items.length === 0 || others.length === 0) return items;
  const there = new Set(others);
  return items.filter((item) => !there.has(item));
}
