import { type ParsedName, parseName } from './name.ts';

/** `tooManyDots`: it would be a wildcard name if the app allowed more dots. */
export type ParsedWildcard = ParsedName & { readonly tooManyDots?: true };

/** Reads a wildcard name, which exists only as an argument of a PubNub subscribe: with two dots at most, `a.*` or `a.b.*`. */
export function parseWildcard(raw: string, mostDots: number): ParsedWildcard {
  if (!raw.endsWith('.*')) return { ok: false, reason: 'a wildcard name ends in .*' };
  const head = parseName(raw.slice(0, -2));
  if (!head.ok) return head;
  const segments = head.name.split('.');
  if (segments.includes('')) return { ok: false, reason: 'a wildcard name has no empty segment' };
  // One dot behind each segment.
  if (segments.length > mostDots) {
    return { ok: false, reason: `a wildcard name has at most ${mostDots} dots`, tooManyDots: true };
  }
  return { ok: true, name: raw };
}

/** Whether a channel is one of those a wildcard name stands for. */
export function wildcardHolds(wildcard: string, channel: string): boolean {
  return channel.length > wildcard.length - 1 && channel.startsWith(wildcard.slice(0, -1));
}
