/** A value of XanoScript, as far as realtime blocks use them. Objects are maps: their keys are strangers' text. */
export type XsValue = string | number | boolean | null | readonly XsValue[] | XsObject;
export type XsObject = ReadonlyMap<string, XsValue>;

/** `realtime_channel "room/*" { … }` */
export interface XsBlock {
  readonly kind: string;
  readonly name: string;
  readonly fields: XsObject;
  /** 1-based. */
  readonly line: number;
}

export class XanoScriptError extends Error {
  override readonly name = 'XanoScriptError';
}

const TOKEN = /\s+|\/\/[^\n]*|#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}[\]=:,]|[^\s{}[\]=:,"']+/gy;
const DEEPEST = 32;

interface Token {
  readonly text: string;
  readonly line: number;
}

/**
 * Reads the top-level blocks of a XanoScript file. Written for `realtime_channel` and `realtime_trigger`; of what it does not
 * know it only asks that brackets balance.
 */
export function parseXanoScript(source: string): readonly XsBlock[] {
  const tokens = new Tokens(tokenise(source));
  const blocks: XsBlock[] = [];
  for (let kind = tokens.next(); kind !== undefined; kind = tokens.next()) {
    const name = tokens.peek() === '{' ? '' : unquote(tokens.expect('a name'));
    tokens.skip('{');
    blocks.push({ kind: kind.text, name, fields: readObject(tokens, 0), line: kind.line });
  }
  return blocks;
}

function tokenise(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  for (const [text] of source.matchAll(TOKEN)) {
    at += text.length;
    if (!/^(?:\s|\/\/|#)/.test(text)) tokens.push({ text, line });
    line += text.split('\n').length - 1;
  }
  if (at < source.length) throw new XanoScriptError(`line ${line}: a text without its end`);
  return tokens;
}

class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): string | undefined {
    return this.#tokens[this.#at]?.text;
  }

  next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  expect(what: string): string {
    const token = this.next();
    if (token === undefined) throw new XanoScriptError(`the file ends where ${what} is expected`);
    return token.text;
  }

  skip(text: string): void {
    const token = this.next();
    if (token?.text !== text) throw new XanoScriptError(`line ${token?.line ?? 'last'}: expected ${text}`);
  }
}

/** After `{`. Fields are `key = value`, `key: value`, or `key { … }`. */
function readObject(tokens: Tokens, depth: number): XsObject {
  if (depth > DEEPEST) throw new XanoScriptError(`nested deeper than ${DEEPEST} levels`);
  const fields = new Map<string, XsValue>();
  for (let text = tokens.expect('}'); text !== '}'; text = tokens.expect('}')) {
    // A bracket that follows no key belongs to an expression we do not read.
    if (text === '{') readObject(tokens, depth + 1);
    else if (text === '[') readList(tokens, depth + 1);
    const next = tokens.peek();
    if (next === '=' || next === ':') {
      tokens.next();
      fields.set(unquote(text), readValue(tokens, depth));
    } else if (next === '{') {
      tokens.next();
      fields.set(unquote(text), readObject(tokens, depth + 1));
    }
  }
  return fields;
}

function readValue(tokens: Tokens, depth: number): XsValue {
  const text = tokens.expect('a value');
  if (text === '{') return readObject(tokens, depth + 1);
  if (text === '[') return readList(tokens, depth + 1);
  if (/^["']/.test(text)) return unquote(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

function readList(tokens: Tokens, depth: number): readonly XsValue[] {
  if (depth > DEEPEST) throw new XanoScriptError(`nested deeper than ${DEEPEST} levels`);
  const items: XsValue[] = [];
  while (tokens.peek() !== ']') {
    if (tokens.peek() === undefined) throw new XanoScriptError('the file ends where ] is expected');
    if (tokens.peek() === ',') tokens.next();
    else items.push(readValue(tokens, depth));
  }
  tokens.next();
  return items;
}

function unquote(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}
