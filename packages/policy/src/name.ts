/** The most bytes a channel name may have on any door. An operator may set less (`limits.channelName`). */
export const NAME_MAX_BYTES = 255;

export type ParsedName = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string };

const PRESENCE_SUFFIX = '-pnpres';
const CONTROL_OR_FORMAT = /[\p{Cc}\p{Cf}]/u;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Reads a channel name as the client spelled it, decoded once from the request. A name is 1–255 bytes of well-formed
 * UTF-8 in NFC, without control or format characters, `,` or `*`, and does not end in `-pnpres`. A name that is not is
 * refused, never repaired.
 */
export function parseName(raw: string): ParsedName {
  if (raw === '') return bad('a name has at least one character');
  if (raw.length > NAME_MAX_BYTES) return bad(`a name has at most ${NAME_MAX_BYTES} bytes`);
  const kind = kindOf(raw);
  if (kind === 'other') {
    if (LONE_SURROGATE.test(raw)) return bad('a name is well-formed Unicode');
    if (utf8Length(raw) > NAME_MAX_BYTES) return bad(`a name has at most ${NAME_MAX_BYTES} bytes`);
    if (CONTROL_OR_FORMAT.test(raw)) return bad('a name has no control or format characters');
    if (raw.normalize('NFC') !== raw) return bad('a name is in Unicode normalisation form C');
  }
  // Nearly every name is known to have neither.
  if (kind !== 'plain') {
    if (raw.includes(',')) return bad('a name has no comma');
    if (raw.includes('*')) return bad('a name has no star');
  }
  if (raw.endsWith(PRESENCE_SUFFIX)) return bad('names ending in -pnpres are reserved');
  return { ok: true, name: raw };
}

/** The name of a channel's presence events, where a wire addresses them by name. */
export const presenceName = (name: string): string => name + PRESENCE_SUFFIX;

/** The name without `-pnpres`, or `undefined` if it does not end so. */
export function baseOfPresence(name: string): string | undefined {
  return name.endsWith(PRESENCE_SUFFIX) ? name.slice(0, -PRESENCE_SUFFIX.length) : undefined;
}

/** Bytes of the text in UTF-8; a surrogate without its partner counts as the three bytes of what it is replaced by. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

const COMMA = 0x2c;
const STAR = 0x2a;

/**
 * Printable ASCII is well-formed, normalised and free of control characters by itself: `plain` where it has neither comma
 * nor star, `marked` where it has one.
 */
function kindOf(text: string): 'plain' | 'marked' | 'other' {
  let marked = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) return 'other';
    if (unit === COMMA || unit === STAR) marked = true;
  }
  return marked ? 'marked' : 'plain';
}

const bad = (reason: string): ParsedName => ({ ok: false, reason });
