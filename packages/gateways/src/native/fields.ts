import type { JsonObject } from '@portcullis/policy';

/** Own properties of parsed JSON: a key `__proto__` is one like any other there, and inherits nothing. */
export type Raw = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of a stranger's name, so much is shown back. */
const SHOWN = 40;

/**
 * Reads the fields of one object, each by its name and form. The first that is wrong is kept as `fault`; a reader that
 * has one gives harmless values. What nobody asked for is a fault as well, found by `end`.
 */
export class Fields {
  readonly #raw: Raw;
  readonly #of: string;
  /** A handful: looking through them is quicker than hashing them. */
  readonly #asked: string[] = [];
  fault: string | undefined;

  constructor(raw: Raw, of: string) {
    this.#raw = raw;
    this.#of = of;
  }

  /** Names what was not asked for, or what was wrong. */
  end(): string | undefined {
    if (this.fault !== undefined) return this.fault;
    for (const name in this.#raw) {
      if (!this.#asked.includes(name)) return `\`${this.#of}\` has no field ${JSON.stringify(name.slice(0, SHOWN))}.`;
    }
    return undefined;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#raw, name);
  }

  take(name: string): unknown {
    this.#asked.push(name);
    return this.has(name) ? this.#raw[name] : undefined;
  }

  text(name: string, form = TEXT): string {
    const value = this.take(name);
    if (typeof value === 'string' && form.test(value)) return value;
    return this.wrong(name, `has to be ${form.of}`, '');
  }

  flag(name: string): boolean {
    const value = this.take(name);
    if (value === undefined || typeof value === 'boolean') return value === true;
    return this.wrong(name, 'has to be true or false', false);
  }

  /** A whole number from `min` to `max`. */
  count(name: string, min: number, max: number): number {
    const value = this.take(name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    return this.wrong(name, `has to be a whole number from ${min} to ${max}`, min);
  }

  object(name: string): JsonObject {
    const value = this.take(name);
    return isObject(value) ? (value as JsonObject) : this.wrong(name, 'has to be an object', {});
  }

  /** A field of several, read by `read` if it is there. */
  optional<T, K extends string>(name: K, read: (fields: this) => T): { readonly [key in K]?: T } {
    return this.has(name) ? ({ [name]: read(this) } as { readonly [key in K]?: T }) : {};
  }

  wrong<T>(name: string, why: string, harmless: T): T {
    this.fault ??= `\`${this.#of}.${name}\` ${this.has(name) ? why : 'is missing'}.`;
    return harmless;
  }
}

/** What a text may look like, and what a problem says it should. */
export interface Form {
  readonly test: (text: string) => boolean;
  readonly of: string;
}

const TEXT: Form = { test: () => true, of: 'text' };
export const KEY: Form = { test: (text) => text.length >= 1 && text.length <= 64, of: '1 to 64 characters' };
export const TIMETOKEN: Form = { test: (text) => /^\d{17}$/.test(text), of: '17 digits, as text' };
export const RESUME: Form = { test: (text) => text.length >= 1 && text.length <= 128, of: '1 to 128 characters' };
export const EPOCH: Form = { test: (text) => text.length >= 1 && text.length <= 64, of: '1 to 64 characters' };
