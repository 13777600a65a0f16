/** One word of a path filter; `at` is its place in the text, for complaints. */
export type Token =
  | { readonly type: 'text' | 'sign' | 'word'; readonly value: string; readonly at: number }
  | { readonly type: 'number'; readonly value: number; readonly at: number }
  | { readonly type: 'pattern'; readonly value: string; readonly flags: string; readonly at: number };

export class PathProblem extends Error {
  constructor(message: string, at: number) {
    super(`${message} (column ${at + 1})`);
  }
}

/** Sticky, and without anything that could go back: reads in linear time. */
const SPACE = /\s+/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$-]*/y;
const SIGN = /==|!=|<=|>=|=~|&&|\|\||[<>!()[\],.@]/y;

export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const [token, length] = read(text, at, tokens.at(-1), take);
    tokens.push(token);
    at += length;
  }
  return tokens;
}

type Take = (pattern: RegExp) => string | undefined;

function read(text: string, at: number, before: Token | undefined, take: Take): readonly [Token, number] {
  const first = text[at] ?? '';
  if (first === '"' || first === "'") return readQuoted(text, at, first);
  if (first === '/' && before?.value === '=~') return readPattern(text, at);
  const number = take(NUMBER);
  if (number !== undefined) return [{ type: 'number', value: Number(number), at }, number.length];
  const word = take(WORD);
  if (word !== undefined) return [{ type: 'word', value: word, at }, word.length];
  const sign = take(SIGN);
  if (sign !== undefined) return [{ type: 'sign', value: sign, at }, sign.length];
  throw new PathProblem(`unexpected ${JSON.stringify(first)}`, at);
}

function readQuoted(text: string, at: number, quote: string): readonly [Token, number] {
  let value = '';
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character === quote) return [{ type: 'text', value, at }, index + 1 - at];
    if (character === '\\') index += 1;
    value += text[index] ?? '';
  }
  throw new PathProblem('a text that does not end', at);
}

function readPattern(text: string, at: number): readonly [Token, number] {
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '/') {
      const flags = /^[a-z]*/.exec(text.slice(index + 1))?.[0] ?? '';
      return [{ type: 'pattern', value: text.slice(at + 1, index), flags, at }, index + 1 + flags.length - at];
    }
  }
  throw new PathProblem('a pattern that does not end', at);
}
