const UNITS = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1_000],
  ['kib', 1_024],
  ['mb', 1_000_000],
  ['mib', 1_048_576],
  ['gb', 1_000_000_000],
  ['gib', 1_073_741_824],
]);
const SIZE = /^(\d+(?:\.\d+)?)\s?([kmg]?i?b?)$/i;

/** `32KiB`, `1MiB`, `10MB`, `65536` in bytes; `undefined` for anything else. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  const factor = UNITS.get((unit ?? '').toLowerCase());
  if (amount === undefined || factor === undefined) return undefined;
  const bytes = Number(amount) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
