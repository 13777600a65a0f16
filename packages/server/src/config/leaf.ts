import { didYouMean } from '@portcullis/policy';
import * as v from 'valibot';
import { formatDuration, parseDuration } from './duration.ts';
import { parseSize } from './size.ts';

/** What a value that was read turned out to be. */
export type Read<T> = { readonly value: T } | { readonly fault: string };

/** What the reference page says of a value, and which words its documentation may name. */
export interface LeafNotes {
  readonly shape: string;
}

/** One value of the configuration: how it is read from YAML or from an environment variable's text, and its shape in the reference. */
export function leaf<T>(shape: string, read: (input: unknown) => Read<T>) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const result = read(dataset.value);
      if ('value' in result) return result.value;
      addIssue({ message: result.fault });
      return NEVER;
    }),
    v.metadata({ shape } satisfies LeafNotes),
  );
}

const expected = (what: string) => ({ fault: `expected ${what}` });

interface TextBounds {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** What the pattern asks for, in words. */
  readonly of?: string;
}

export function text(shape: string, { min = 1, max = 4096, pattern, of = shape }: TextBounds = {}) {
  return leaf<string>(shape, (input) => {
    if (input === null || input === '')
      return min === 0 && input === '' ? { value: '' } : { fault: `is empty, expected ${of}` };
    if (typeof input === 'number' || typeof input === 'boolean')
      return { fault: `expected text: put quotes around it` };
    if (typeof input !== 'string') return expected(of);
    if (input.length < min || input.length > max) return expected(`${min} to ${max} characters`);
    return pattern === undefined || pattern.test(input) ? { value: input } : expected(of);
  });
}

export function url() {
  return leaf<string>('URL', (input) => {
    const fits = typeof input === 'string' && input.length <= 2_048 && /^https?:\/\/[^\s@]+$/i.test(input);
    return fits && URL.canParse(input) ? { value: input } : expected('an http(s) URL');
  });
}

export function choice<const W extends string>(words: readonly W[]) {
  const shape = words.map((word) => `\`${word}\``).join(', ');
  return leaf<W>(shape, (input) => {
    const asked = typeof input === 'boolean' ? (input ? 'on' : 'off') : input;
    const word = words.find((candidate) => candidate === asked);
    if (word !== undefined) return { value: word };
    return { fault: `expected one of ${words.join(', ')}${typeof input === 'string' ? didYouMean(input, words) : ''}` };
  });
}

/** `on`, `off`, `true`, `false`. */
export function readSwitch(input: unknown): boolean | undefined {
  if (input === true || input === 'on' || input === 'true') return true;
  if (input === false || input === 'off' || input === 'false') return false;
  return undefined;
}

export function onOff() {
  return leaf<boolean>('switch', (input) => {
    const value = readSwitch(input);
    return value === undefined ? expected('on, off, true or false') : { value };
  });
}

export function onOffOr<const W extends string>(word: W) {
  return leaf<boolean | W>(`switch or \`${word}\``, (input) => {
    const value = input === word ? word : readSwitch(input);
    return value === undefined ? expected(`on, off or ${word}`) : { value };
  });
}

interface NumberBounds {
  readonly min: number;
  readonly max: number;
}

const WHOLE = /^\d{1,15}$/;

export function count(shape: string, { min, max }: NumberBounds) {
  return leaf<number>(shape, (input) => {
    const value = typeof input === 'string' && WHOLE.test(input) ? Number(input) : input;
    const right = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
    return right ? { value } : expected(`a whole number from ${min} to ${max}`);
  });
}

/** A bound that may be `off`. */
export function countOrOff(shape: string, bounds: NumberBounds) {
  const inner = count(shape, bounds);
  return leaf<number>(`${shape} or \`off\``, (input) => {
    if (input === 'off' || input === false) return { value: Number.POSITIVE_INFINITY };
    const result = v.safeParse(inner, input);
    return result.success
      ? { value: result.output }
      : expected(`a whole number from ${bounds.min} to ${bounds.max}, or off`);
  });
}

export function duration({ min, max }: NumberBounds) {
  return leaf<number>('duration', (input) => {
    const value = input === 0 ? 0 : typeof input === 'string' ? parseDuration(input) : undefined;
    if (value === undefined) return expected('a duration like 30s, 15m or 1h30m');
    return value >= min && value <= max
      ? { value }
      : expected(`a duration from ${formatDuration(min)} to ${formatDuration(max)}`);
  });
}

export function durationOrOff(bounds: NumberBounds) {
  const inner = duration(bounds);
  return leaf<number>('duration or `off`', (input) => {
    if (input === 'off' || input === false) return { value: Number.POSITIVE_INFINITY };
    const result = v.safeParse(inner, input);
    return result.success
      ? { value: result.output }
      : expected(`a duration from ${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}, or off`);
  });
}

export function size({ min, max }: NumberBounds) {
  return leaf<number>('size', (input) => {
    const value =
      typeof input === 'number' ? parseSize(String(input)) : typeof input === 'string' ? parseSize(input) : undefined;
    if (value === undefined) return expected('a size like 32KiB or 1MiB');
    return value >= min && value <= max ? { value } : expected(`a size from ${min} to ${max} bytes`);
  });
}
