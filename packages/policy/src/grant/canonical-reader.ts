import { decode, encode } from 'cborg';
import type { Json } from '../principal.ts';
import { NotAToken } from './not-a-token.ts';
import { STRICT } from './strict-cbor.ts';

/** Major types of CBOR (RFC 8949 §3.1), where they stand in an item's first byte. */
const MAJOR = { count: 0x00, negative: 0x20, text: 0x60, map: 0xa0, simple: 0xe0 } as const;
const MAJOR_BITS = 0xe0;
/** Bytes that follow the first one, by its lower five bits; beyond these nothing is read. */
const ARGUMENT_BYTES = [1, 2, 4, 8] as const;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * Reads CBOR items in the one spelling that the encoder gives them; any other throws `NotAToken`. What is not text of
 * ASCII or a count of at most four bytes is read by the library, and written again to see whether it was spelled so.
 */
export class CanonicalReader {
  readonly #bytes: Uint8Array;
  /** The bytes as characters: what is ASCII is a part of it. */
  readonly #characters: string;
  #at = 0;

  /** `characters`: how bytes become characters of the same codes. */
  constructor(bytes: Uint8Array, characters: (bytes: Uint8Array) => string) {
    this.#bytes = bytes;
    this.#characters = characters(bytes);
  }

  /** These very bytes come next. */
  expect(expected: Uint8Array): void {
    if (!this.skip(expected)) throw new NotAToken('a field is missing, unknown or out of order');
  }

  /** Whether these very bytes come next; if so they are behind us. */
  skip(expected: Uint8Array): boolean {
    const at = this.#at;
    for (let i = 0; i < expected.length; i++) if (this.#bytes[at + i] !== expected[i]) return false;
    this.#at = at + expected.length;
    return true;
  }

  count(): number {
    return this.#head(MAJOR.count);
  }

  /** How many pairs follow. */
  map(): number {
    return this.#head(MAJOR.map);
  }

  text(): string {
    const from = this.#at;
    const length = this.#head(MAJOR.text);
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw new NotAToken('it ends too early');
    this.#at = end;
    let seen = 0;
    for (let i = start; i < end; i++) seen |= this.#bytes[i] ?? 0;
    return seen < 0x80 ? this.#characters.slice(start, end) : this.#byLibrary<string>(from, end);
  }

  scalar(): Json {
    const first = this.#bytes[this.#at];
    if (first === undefined) throw new NotAToken('it ends too early');
    if ((first & MAJOR_BITS) === MAJOR.text) return this.text();
    if (first < 0x18) return this.count();
    this.#at++;
    if (first === FALSE || first === TRUE) return first === TRUE;
    if (first === NULL) return null;
    const major = first & MAJOR_BITS;
    if (major !== MAJOR.count && major !== MAJOR.negative && major !== MAJOR.simple) {
      throw new NotAToken('a value is no scalar');
    }
    const from = this.#at - 1;
    const further = ARGUMENT_BYTES[(first & 0x1f) - 24] ?? 0;
    this.#at += further;
    return this.#byLibrary<number>(from, this.#at);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** An item's argument, in as few bytes as it takes. */
  #head(major: number): number {
    const first = this.#bytes[this.#at++] ?? MAJOR_BITS;
    if ((first & MAJOR_BITS) !== major) throw new NotAToken('a field has another type');
    const short = first & 0x1f;
    if (short < 24) return short;
    const bytes = ARGUMENT_BYTES[short - 24];
    if (bytes === undefined || this.left < bytes) throw new NotAToken('a number is not to be read');
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + (this.#bytes[this.#at++] ?? 0);
    if (value < LEAST[bytes] || !Number.isSafeInteger(value)) throw new NotAToken('a number is spelled at length');
    return value;
  }

  #byLibrary<T extends Json>(from: number, to: number): T {
    const item = this.#bytes.subarray(from, to);
    const value: T = decode(item, STRICT);
    const again = encode(value);
    if (again.length !== item.length || again.some((byte, i) => byte !== item[i])) {
      throw new NotAToken('a value is not spelled canonically');
    }
    return value;
  }
}

/** The least number that takes so many bytes. */
const LEAST = { 1: 24, 2: 0x100, 4: 0x1_0000, 8: TWO_TO_32 } as const;

/** As many as one call may have arguments on any engine. */
const AT_ONCE = 8_192;

/** One character for each byte, of the same code. */
export function latin1(bytes: Uint8Array): string {
  let characters = '';
  for (let from = 0; from < bytes.length; from += AT_ONCE) {
    characters += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(from, from + AT_ONCE));
  }
  return characters;
}
