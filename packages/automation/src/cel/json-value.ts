import { type CelValue, isCelList, isCelMap, isCelUint } from '@bufbuild/cel';
import type { Json } from '@portcullis/policy';
import { CEL_LIMITS } from './limits.ts';

/** What an expression came to, as JSON. Throws on what JSON has no place for, and on what is too much. */
export function jsonOf(value: CelValue): Json {
  return convert(value, { items: 0, text: 0 });
}

interface Size {
  items: number;
  text: number;
}

function convert(value: CelValue, size: Size): Json {
  count(size, typeof value === 'string' ? value.length : 0);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return finite(value);
  if (typeof value === 'bigint') return exact(value);
  if (isCelUint(value)) return exact(value.value);
  if (isCelList(value)) return Array.from(value, (item) => convert(item, size));
  if (isCelMap(value))
    return Object.fromEntries(Array.from(value, ([key, item]) => [keyOf(key, size), convert(item, size)]));
  throw new TypeError('this kind of value has no place in JSON');
}

function count(size: Size, text: number): void {
  size.items += 1;
  size.text += text;
  if (size.items > CEL_LIMITS.items) throw new RangeError(`more than ${CEL_LIMITS.items} values`);
  if (size.text > CEL_LIMITS.text) throw new RangeError(`a value of more than ${CEL_LIMITS.text} characters`);
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new TypeError(`${value} is no JSON value`);
}

function exact(value: bigint): number {
  const number = Number(value);
  if (BigInt(number) === value) return number;
  throw new TypeError(`${value} does not fit a JSON number`);
}

function keyOf(key: unknown, size: Size): string {
  if (typeof key !== 'string') throw new TypeError('the keys of an object are texts');
  count(size, key.length);
  return key;
}
