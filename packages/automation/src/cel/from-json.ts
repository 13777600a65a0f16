/** Objects that were converted, for as long as somebody holds them. What is converted is not changed afterwards. */
const converted = new WeakMap<object, unknown>();

/**
 * JSON as the library takes it: objects as maps. Left as they are, objects would be looked at more closely, and a stranger's
 * `$typeName` or `constructor` would make something else of them than what their receivers see.
 */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = converted.get(value);
  if (known !== undefined) return known;
  const made = convert(value);
  converted.set(value, made);
  return made;
}

function convert(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(convert);
  const map = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) map.set(key, convert(item));
  return map;
}
