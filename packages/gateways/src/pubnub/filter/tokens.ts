export type Token =
  | { readonly type: 'string'; readonly value: string; readonly at: number }
  | { readonly type: 'number'; readonly value: number; readonly at: number }
  | { readonly type: 'word'; readonly value: string; readonly at: number }
  | { readonly type: 'symbol'; readonly value: string; readonly at: number };

export interface FilterProblem {
  readonly ok: false;
  /** The limit that the filter is over, if that is what is wrong. */
  readonly limit?: 'filterLength' | 'filterTerms';
  /** In words for the client; `at` counts characters from 0. */
  readonly problem: string;
  readonly at: number;
}

const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const SPACE = /[\s]+/y;
const SYMBOLS = ['||', '&&', '==', '!=', '<=', '>=', ...'<>!~|^&+-*/%().[]'] as const;

/** Splits a filter into words, numbers, strings and symbols, in one pass. */
export function tokenise(text: string): { readonly ok: true; readonly tokens: readonly Token[] } | FilterProblem {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
    } else if (char === '"' || char === "'") {
      const string = readString(text, at, char);
      if (!string.ok) return string;
      tokens.push({ type: 'string', value: string.value, at });
      at = string.end;
    } else {
      const token = readToken(text, at);
      if (token === undefined) return { ok: false, problem: 'unexpected character', at };
      tokens.push(token.token);
      at += token.length;
    }
  }
  return { ok: true, tokens };
}

function readToken(text: string, at: number): { readonly token: Token; readonly length: number } | undefined {
  const number = match(NUMBER, text, at);
  if (number !== undefined) return { token: { type: 'number', value: Number(number), at }, length: number.length };
  const word = match(WORD, text, at);
  if (word !== undefined) return { token: { type: 'word', value: word, at }, length: word.length };
  const symbol = SYMBOLS.find((one) => text.startsWith(one, at));
  return symbol === undefined ? undefined : { token: { type: 'symbol', value: symbol, at }, length: symbol.length };
}

/**
 * A backslash takes the next character as it is; before a star it stays, for `LIKE` to see, and in a string that is not a
 * pattern the star counts alone.
 */
function readString(
  text: string,
  start: number,
  quote: string,
): { readonly ok: true; readonly value: string; readonly end: number } | FilterProblem {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === quote) return { ok: true, value, end: at + 1 };
    if (char === '\\' && at + 1 < text.length) {
      at += 1;
      value += text[at] === '*' || text[at] === '\\' ? `\\${text[at]}` : text[at];
    } else {
      value += char;
    }
  }
  return { ok: false, problem: 'the string does not end', at: start };
}

/** A string as `LIKE` reads it, without the backslashes that only `LIKE` needs. */
export function plainString(value: string): string {
  return value.replace(/\\([*\\])/g, '$1');
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
