/** Throws with both values unless they are the same in depth (`bigint` included, order of keys aside). */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [show(actual), show(expected)];
  if (is !== should) throw new Error(`${what}:\n  expected ${should}\n  but got  ${is}`);
}

export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Does not hold: ${what}`);
}

/** The error a promise is rejected with; throws when it is not. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: expected a rejection, but got ${show(answer)}`);
}

function show(value: unknown): string {
  return JSON.stringify(value, canonical) ?? 'undefined';
}

function canonical(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
