import { type ParsedName, parseName } from './name.ts';

/** Segments before the star of a wildcard name, as PubNub allows: `a.*` and `a.b.*`. */
const MAX_SEGMENTS = 2;

/** Reads a wildcard name, which exists only as an argument of a PubNub subscribe: `a.*` or `a.b.*`. */
export function parseWildcard(raw: string): ParsedName {
  if (!raw.endsWith('.*')) return { ok: false, reason: 'a wildcard name ends in .*' };
  const head = parseName(raw.slice(0, -2));
  if (!head.ok) return head;
  const segments = head.name.split('.');
  if (segments.length > MAX_SEGMENTS) {
    return { ok: false, reason: `a wildcard name has at most ${MAX_SEGMENTS} segments before the star` };
  }
  if (segments.includes('')) return { ok: false, reason: 'a wildcard name has no empty segment' };
  return { ok: true, name: raw };
}

/** Whether a channel is one of those a wildcard name stands for. */
export function wildcardHolds(wildcard: string, channel: string): boolean {
  return channel.length > wildcard.length - 1 && channel.startsWith(wildcard.slice(0, -1));
}
