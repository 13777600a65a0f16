const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NO_VALUE = 64;
/** By character code; whatever is not of the alphabet has no value. */
const VALUES = new Uint8Array(128).fill(NO_VALUE);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/** RFC 4648 §5, without padding unless asked for. */
export function encodeBase64url(bytes: Uint8Array, pad = false): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += PIECE) text += encodePiece(bytes.subarray(from, from + PIECE));
  return pad ? text + '=='.slice(0, (3 - (bytes.length % 3)) % 3) : text;
}

/** Whole groups of three, and no more than a call takes arguments. */
const PIECE = 3 * 1024;

/** Made in one piece: a text that is added to letter by letter takes thirty times the memory, for as long as it is kept. */
function encodePiece(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    codes.push(ALPHABET.charCodeAt(group >> 18), ALPHABET.charCodeAt((group >> 12) & 63));
    if (left > 1) codes.push(ALPHABET.charCodeAt((group >> 6) & 63));
    if (left > 2) codes.push(ALPHABET.charCodeAt(group & 63));
  }
  return String.fromCharCode(...codes);
}

/** Reads unpadded base64url. Strict: bits that no byte uses are zero, so that bytes have one spelling. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const tail = text.length % 4;
  if (tail === 1) return undefined;
  const whole = text.length - tail;
  const bytes = new Uint8Array((whole >> 2) * 3 + (tail === 0 ? 0 : tail - 1));
  let at = 0;
  // Of values that are none, the one bit above the six stays in sight to the end.
  let seen = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = valueAt(text, i);
    const b = valueAt(text, i + 1);
    const c = valueAt(text, i + 2);
    const d = valueAt(text, i + 3);
    seen |= a | b | c | d;
    const group = (a << 18) | (b << 12) | (c << 6) | d;
    bytes[at++] = group >> 16;
    bytes[at++] = group >> 8;
    bytes[at++] = group;
  }
  if (tail > 0) {
    const a = valueAt(text, whole);
    const b = valueAt(text, whole + 1);
    const c = tail === 3 ? valueAt(text, whole + 2) : 0;
    seen |= a | b | c;
    const group = (a << 18) | (b << 12) | (c << 6);
    bytes[at++] = group >> 16;
    if (tail === 3) bytes[at] = group >> 8;
    if ((group & (tail === 3 ? 0xff : 0xffff)) !== 0) return undefined;
  }
  return (seen & NO_VALUE) === 0 ? bytes : undefined;
}

const valueAt = (text: string, at: number): number => VALUES[text.charCodeAt(at)] ?? NO_VALUE;
