const UNITS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** `15m`, `1h30m`, `250ms`, `0` in milliseconds; `undefined` for anything else. A bare number has no unit and is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!WHOLE.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(PART)) sum += Number(amount) * (UNITS.get(unit ?? '') ?? Number.NaN);
  return Number.isSafeInteger(sum) ? sum : undefined;
}

/** The shortest way to write it: `900000` is `15m`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  for (const [unit, size] of [...UNITS].reverse()) if (ms % size === 0) return `${ms / size}${unit}`;
  return `${ms}ms`;
}
