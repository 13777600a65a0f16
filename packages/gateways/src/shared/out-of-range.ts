/** Numbers past the largest double are read as infinite and would silently become `null`. Looks for the only spellings that can. */
export function mayHoldInfinity(text: string): boolean {
  return /[eE]\+?\d{3}|\d{200}/.test(text);
}

/** Whether a parsed value holds a number that JSON cannot say. Uses no stack. */
export function holdsInfinity(value: unknown): boolean {
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === Number.POSITIVE_INFINITY || next === Number.NEGATIVE_INFINITY) return true;
    if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) open.push(inner);
  }
  return false;
}
