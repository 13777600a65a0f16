import type { Json, JsonObject } from '@portcullis/policy';

/** The payload with one field set, the objects on the way made where they are missing; `undefined` where something else is there. */
export function withField(payload: Json, path: readonly string[], value: Json): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (!isObject(payload)) return undefined;
  const held = own(payload, key);
  const inner = rest.length === 0 ? value : withField(held ?? {}, rest, value);
  return inner === undefined ? undefined : put(payload, key, inner);
}

/** The payload without one field. What is not there is gone already. */
export function withoutField(payload: Json, path: readonly string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined || !isObject(payload)) return payload;
  const held = own(payload, key);
  if (held === undefined) return payload;
  if (rest.length > 0) return put(payload, key, withoutField(held, rest));
  const left = {};
  for (const name of Object.keys(payload)) if (name !== key) define(left, name, payload[name]);
  return left;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function put(object: JsonObject, key: string, value: Json): JsonObject {
  const copy = { ...object };
  define(copy, key, value);
  return copy;
}

/** A name of the payload is chosen by strangers: `__proto__` is a field like any other. */
function define(object: Record<string, Json>, key: string, value: Json | undefined): void {
  if (value === undefined) return;
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
