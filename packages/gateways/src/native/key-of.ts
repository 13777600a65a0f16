/** The subscribe key of a request target; `undefined` when there is none or more than one. */
export function keyOf(target: string): string | undefined {
  const at = target.indexOf('?');
  const keys = new URLSearchParams(at < 0 ? '' : target.slice(at)).getAll('key');
  return keys.length === 1 ? keys[0] : undefined;
}
