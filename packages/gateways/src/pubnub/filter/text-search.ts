/** Where `needle` begins in `text` at or after `from`, or -1. Time grows with the two lengths together, whatever they hold. */
export function indexOfText(text: string, needle: string, from = 0): number {
  if (needle === '') return from;
  const borders = bordersOf(needle);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && needle.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (needle.charCodeAt(matched) === code) matched += 1;
    if (matched === needle.length) return at - matched + 1;
  }
  return -1;
}

/** Knuth, Morris and Pratt: for each prefix, its longest proper beginning that is also its end. */
function bordersOf(needle: string): Uint16Array {
  const borders = new Uint16Array(needle.length);
  let length = 0;
  for (let at = 1; at < needle.length; at++) {
    while (length > 0 && needle.charCodeAt(at) !== needle.charCodeAt(length)) length = borders[length - 1] ?? 0;
    if (needle.charCodeAt(at) === needle.charCodeAt(length)) length += 1;
    borders[at] = length;
  }
  return borders;
}

/**
 * Whether the whole of `text` is what `pattern` says: `*` stands for any characters, `\*` for a star, `\\` for a
 * backslash. The pieces between stars are looked for from left to right, so nothing is ever tried twice.
 */
export function isLike(text: string, pattern: string): boolean {
  const pieces = piecesOf(pattern);
  const [first = '', ...rest] = pieces;
  if (rest.length === 0) return text === first;
  const last = rest.pop() ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = indexOfText(text, piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return at <= end;
}

function piecesOf(pattern: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '\\' && at + 1 < pattern.length) {
      at += 1;
      piece += pattern[at];
    } else if (char === '*') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += char;
    }
  }
  return [...pieces, piece];
}
