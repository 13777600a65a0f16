import { BINDING, type Expression, isBinaryOperator, isUnaryOperator } from './expression.ts';
import { type FilterProblem, type Token, tokenise } from './tokens.ts';

export interface FilterLimits {
  /** Characters. */
  readonly length: number;
  /** Operators, brackets and parts of names: a filter never nests deeper than this. */
  readonly terms: number;
}

export type ParsedFilter = { readonly ok: true; readonly expression: Expression } | FilterProblem;

/**
 * Reads a stream filter: comparisons (`==`, `!=`, `<`, `<=`, `>`, `>=`, `contains`, `LIKE`), `&&`, `||`, `!`, arithmetic,
 * bitwise operators and parentheses, over strings, numbers, `true`, `false`, `null` and variables. `meta.x` and a bare `x`
 * read the publisher's meta, `data.x` the payload; parts go on as `.name`, `["name"]` or `[0]`.
 */
export function parseFilter(text: string, limits: FilterLimits): ParsedFilter {
  if (text.length > limits.length) {
    return { ok: false, limit: 'filterLength', problem: `longer than ${limits.length} characters`, at: limits.length };
  }
  const split = tokenise(text);
  if (!split.ok) return split;
  const parser = new Parser(split.tokens, text.length, limits.terms);
  try {
    return { ok: true, expression: parser.filter() };
  } catch (error) {
    if (error instanceof TooManyTerms) return { ok: false, limit: 'filterTerms', problem: error.message, at: error.at };
    if (error instanceof NotAFilter) return { ok: false, problem: error.message, at: error.at };
    throw error;
  }
}

class NotAFilter extends Error {
  readonly at: number;

  constructor(problem: string, at: number) {
    super(problem);
    this.at = at;
  }
}

class TooManyTerms extends NotAFilter {}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  readonly #terms: number;
  #next = 0;
  #used = 0;

  constructor(tokens: readonly Token[], length: number, terms: number) {
    this.#tokens = tokens;
    this.#length = length;
    this.#terms = terms;
  }

  filter(): Expression {
    const whole = this.#expression(0);
    if (this.#next < this.#tokens.length) throw this.#problem('an operator is missing');
    return whole;
  }

  /** Everything that binds more strongly than `above`. */
  #expression(above: number): Expression {
    let left = this.#operand();
    for (;;) {
      const operator = this.#binaryOperator();
      const binding = operator === undefined ? 0 : (BINDING.get(operator) ?? 0);
      if (operator === undefined || binding <= above) return left;
      this.#take();
      this.#spend();
      left = { type: 'binary', operator, left, right: this.#expression(binding) };
    }
  }

  #operand(): Expression {
    const token = this.#take();
    switch (token?.type) {
      case 'string':
      case 'number':
        return { type: 'literal', value: token.value };
      case 'word':
        return this.#word(token.value);
      case 'symbol':
        return this.#symbol(token.value);
      case undefined:
        throw new NotAFilter('something is missing at the end', this.#length);
    }
  }

  #symbol(symbol: string): Expression {
    if (isUnaryOperator(symbol)) {
      this.#spend();
      return { type: 'unary', operator: symbol, of: this.#operand() };
    }
    if (symbol !== '(') throw this.#problem(`a value was expected, not ${symbol}`, 1);
    this.#spend();
    const inner = this.#expression(0);
    this.#expect(')');
    return inner;
  }

  #word(word: string): Expression {
    if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true' };
    if (word === 'null') return { type: 'literal', value: null };
    const path = this.#path();
    if ((word === 'meta' || word === 'data') && path.length > 0) return { type: 'variable', of: word, path };
    return { type: 'variable', of: 'meta', path: [word, ...path] };
  }

  #path(): readonly (string | number)[] {
    const path: (string | number)[] = [];
    for (;;) {
      if (this.#skip('.')) {
        const part = this.#take();
        if (part?.type !== 'word') throw this.#problem('a name was expected after the dot', 1);
        path.push(part.value);
      } else if (this.#skip('[')) {
        const part = this.#take();
        if (part?.type !== 'string' && part?.type !== 'number') throw this.#problem('a name or number was expected', 1);
        path.push(part.value);
        this.#expect(']');
      } else {
        return path;
      }
      this.#spend();
    }
  }

  #binaryOperator() {
    const token = this.#tokens[this.#next];
    if (token === undefined) return undefined;
    const text = token.type === 'word' ? token.value.toLowerCase() : token.type === 'symbol' ? token.value : '';
    return isBinaryOperator(text) ? text : undefined;
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#next];
    this.#next += 1;
    return token;
  }

  #skip(symbol: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.type !== 'symbol' || token.value !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#skip(symbol)) throw this.#problem(`${symbol} is missing`);
  }

  #spend(): void {
    this.#used += 1;
    if (this.#used > this.#terms) throw new TooManyTerms(`more than ${this.#terms} operators`, this.#at());
  }

  #problem(problem: string, back = 0): NotAFilter {
    return new NotAFilter(problem, this.#at(back));
  }

  #at(back = 0): number {
    return this.#tokens[this.#next - back]?.at ?? this.#length;
  }
}
