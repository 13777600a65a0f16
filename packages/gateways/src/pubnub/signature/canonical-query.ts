import type { Parameter } from '../http/query.ts';

/** Keys whose values some clients encode twice before they sign. */
export type TwiceEncoded = ReadonlySet<string>;

const NONE: TwiceEncoded = new Set();

/**
 * The query as clients sign it: every parameter but the signature, sorted by name, each value encoded strictly. A
 * parameter that repeats has its values sorted. `earlier`: a signature that was signed like any other parameter.
 */
export function canonicalQuery(
  parameters: readonly Parameter[],
  { twice = NONE, earlier }: { readonly twice?: TwiceEncoded; readonly earlier?: string } = {},
): string {
  const byName = new Map<string, string[]>(earlier === undefined ? [] : [['signature', [earlier]]]);
  for (const { name, value, raw } of parameters) {
    if (name === 'signature') continue;
    const signed = twice.has(name) ? raw : value;
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [signed]);
    else same.push(signed);
  }
  return [...byName.keys()]
    .sort()
    .flatMap((name) => (byName.get(name) ?? []).sort().map((value) => `${name}=${encodeStrictly(value)}`))
    .join('&');
}

/** Names are signed as they are: one that holds what separates them would make two queries one text. */
export const isSignable = ({ name }: Parameter): boolean => /^[A-Za-z0-9_.-]+$/.test(name);

/** Leaves letters, digits and `-_.` as they are. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!~*'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
