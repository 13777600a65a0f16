import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { BoundedCache } from '../compiled/bounded-cache.ts';
import { GRANT_LIMITS } from './grant-limits.ts';

/** Compiled patterns kept per generation. */
const CACHED_PATTERNS = 1000;

export type PatternCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly position: number; readonly message: string };

/** Whether a pattern may be granted: RE2 syntax, non-capturing groups only, and no larger than the limits. */
export function checkPattern(pattern: string): PatternCheck {
  if (pattern === '') return { ok: false, position: 0, message: 'A pattern has at least one character.' };
  if (pattern.length > GRANT_LIMITS.patternLength) {
    return {
      ok: false,
      position: GRANT_LIMITS.patternLength,
      message: `A pattern has at most ${GRANT_LIMITS.patternLength} characters (grant.patternLength).`,
    };
  }
  const surrogate = pattern.search(/\p{Cs}/u);
  if (surrogate >= 0) return { ok: false, position: surrogate, message: 'A pattern is well-formed Unicode.' };
  if (pattern.startsWith('\ufeff')) {
    return {
      ok: false,
      position: 0,
      message: 'A pattern does not begin with U+FEFF, which readers of UTF-8 leave out.',
    };
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (problem) {
    if (problem instanceof RE2JSSyntaxException) return syntaxProblem(pattern, problem);
    if (problem instanceof RE2JSException)
      return { ok: false, position: 0, message: `Syntax error: ${problem.message}.` };
    throw problem;
  }
  if (compiled.groupCount() > 0) {
    return {
      ok: false,
      position: capturingGroup(pattern),
      message: 'Only non-capturing groups are allowed. Try replacing `(` with `(?:`.',
    };
  }
  if (compiled.programSize() > GRANT_LIMITS.patternProgram) {
    return { ok: false, position: 0, message: 'The pattern repeats too much (grant.patternProgram).' };
  }
  return { ok: true };
}

function syntaxProblem(pattern: string, problem: RE2JSSyntaxException): PatternCheck {
  const fragment = problem.getPattern() ?? '';
  const position = Math.max(0, fragment === '' ? 0 : pattern.indexOf(fragment));
  const near = fragment === '' || fragment === pattern ? '' : ` at \`${fragment}\``;
  return { ok: false, position, message: `Syntax error: ${problem.getDescription()}${near}.` };
}

/** Where the first capturing group opens. */
function capturingGroup(pattern: string): number {
  let at = 0;
  for (const { text, kind } of pieces(pattern)) {
    const named =
      pattern.startsWith('(?P<', at) || (pattern.startsWith('(?<', at) && !/^\(\?<[=!]/.test(pattern.slice(at)));
    if (kind === 'plain' && text === '(' && (pattern[at + 1] !== '?' || named)) return at;
    at += text.length;
  }
  return 0;
}

/** Whether the pattern was written with wildcard names in mind: a `\*` outside of character classes and quotes. */
export function escapesStar(pattern: string): boolean {
  for (const { text, kind } of pieces(pattern)) {
    if (kind === 'escape' && text === '\\*') return true;
  }
  return false;
}

type Piece = { readonly text: string; readonly kind: 'plain' | 'escape' | 'class' | 'quote' };

/** The pattern in pieces: escapes, characters of a class, quoted text, and the rest one by one. */
export function* pieces(pattern: string): Generator<Piece> {
  let at = 0;
  while (at < pattern.length) {
    const piece = pieceAt(pattern, at);
    yield piece;
    at += piece.text.length;
  }
}

function pieceAt(pattern: string, at: number): Piece {
  if (pattern.startsWith('\\Q', at)) {
    const end = pattern.indexOf('\\E', at + 2);
    return { text: pattern.slice(at, end < 0 ? undefined : end + 2), kind: 'quote' };
  }
  if (pattern[at] === '\\') return { text: pattern.slice(at, at + 2), kind: 'escape' };
  if (pattern[at] === '[') return { text: pattern.slice(at, classEnd(pattern, at)), kind: 'class' };
  return { text: pattern.slice(at, at + 1), kind: 'plain' };
}

function classEnd(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === '^') at++;
  // The first bracket of a class is a character of it.
  if (pattern[at] === ']') at++;
  while (at < pattern.length) {
    if (pattern[at] === ']') return at + 1;
    if (pattern.startsWith('[:', at)) {
      const end = pattern.indexOf(':]', at + 2);
      if (end >= 0) at = end + 1;
    } else if (pattern[at] === '\\') at++;
    at++;
  }
  return pattern.length;
}

/**
 * Matches names against the patterns of grants, in linear time. A pattern is compiled alone, when it is first asked
 * for, and anchored by the engine. One that cannot be compiled matches nothing.
 */
export class PatternMatcher {
  readonly #mode: 'full' | 'search';
  readonly #compiled = new BoundedCache<string, RE2JS | typeof UNUSABLE>(CACHED_PATTERNS);

  constructor(mode: 'full' | 'search') {
    this.#mode = mode;
  }

  matches(pattern: string, name: string): boolean {
    const compiled = this.#compile(pattern);
    if (compiled === UNUSABLE) return false;
    return this.#mode === 'full' ? compiled.testExact(name) : compiled.test(name);
  }

  #compile(pattern: string): RE2JS | typeof UNUSABLE {
    const known = this.#compiled.get(pattern);
    if (known !== undefined) return known;
    const compiled = checkPattern(pattern).ok ? RE2JS.compile(pattern) : UNUSABLE;
    this.#compiled.set(pattern, compiled);
    return compiled;
  }
}

const UNUSABLE = Symbol('unusable pattern');
