import type { Json } from '@portcullis/policy';
import type { BinaryOperator, Expression, UnaryOperator } from './expression.ts';
import { indexOfText, isLike } from './text-search.ts';
import { plainString } from './tokens.ts';

/** What a filter reads of one item. Each is looked at only when the filter names it. */
export interface Facts {
  readonly meta: Json | undefined;
  readonly data: Json | undefined;
}

/** Characters that one evaluation may read in searches. */
const MOST_READ = 1 << 20;

/**
 * Whether the item is wanted. What a variable does not find is unknown, and so is whatever depends on it; an item of which
 * nothing better can be said than unknown is not wanted. Never throws, and reads no more than a bounded number of characters.
 */
export function isWanted(expression: Expression, facts: Facts): boolean {
  return truthOf(new Evaluation(facts).value(expression)) === true;
}

/** `undefined` is what cannot be known. */
type Value = Json | undefined;

class Evaluation {
  readonly #facts: Facts;
  #read = 0;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  value(expression: Expression): Value {
    switch (expression.type) {
      case 'literal':
        return typeof expression.value === 'string' ? plainString(expression.value) : expression.value;
      case 'variable':
        return lookUp(this.#facts[expression.of], expression.path);
      case 'unary':
        return unary(expression.operator, this.value(expression.of));
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right);
    }
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Value {
    if (operator === '&&' || operator === '||') return this.#both(operator, left, right);
    const one = this.value(left);
    if (operator === 'like') return this.#like(one, right.type === 'literal' ? right.value : this.value(right));
    const other = this.value(right);
    if (one === undefined || other === undefined) return undefined;
    switch (operator) {
      case '==':
        return same(one, other);
      case '!=':
        return negated(same(one, other));
      case 'contains':
        return this.#contains(one, other);
      default:
        return typeof one === 'number' && typeof other === 'number' ? numeric(operator, one, other) : undefined;
    }
  }

  /** One side that settles it is enough, whatever is unknown on the other. */
  #both(operator: '&&' | '||', left: Expression, right: Expression): Value {
    const settles = operator === '||';
    const one = truthOf(this.value(left));
    if (one === settles) return settles;
    const other = truthOf(this.value(right));
    if (other === settles) return settles;
    return one === undefined || other === undefined ? undefined : !settles;
  }

  #like(text: Value, pattern: Value): Value {
    if (typeof text !== 'string' || typeof pattern !== 'string') return undefined;
    return this.#mayRead(text.length + pattern.length) ? isLike(text, pattern) : undefined;
  }

  #contains(whole: Json, part: Json): Value {
    if (Array.isArray(whole)) {
      if (!this.#mayRead(whole.length)) return undefined;
      return whole.some((item: Json) => same(item, part) === true);
    }
    if (typeof whole !== 'string' || typeof part !== 'string') return undefined;
    return this.#mayRead(whole.length + part.length) ? indexOfText(whole, part) !== -1 : undefined;
  }

  #mayRead(characters: number): boolean {
    this.#read += characters;
    return this.#read <= MOST_READ;
  }
}

function lookUp(root: Value, path: readonly (string | number)[]): Value {
  let value: Value = root;
  for (const part of path) {
    if (value === null || typeof value !== 'object') return undefined;
    const key = typeof part === 'string' ? plainString(part) : String(part);
    if (!Object.hasOwn(value, key) || (Array.isArray(value) && typeof part !== 'number')) return undefined;
    value = (value as { readonly [key: string]: Json })[key];
  }
  return value;
}

function unary(operator: UnaryOperator, value: Value): Value {
  switch (operator) {
    case '!':
      return negated(truthOf(value));
    case '-':
      return typeof value === 'number' ? -value : undefined;
    case '~':
      return isBits(value) ? ~value : undefined;
  }
}

const negated = (truth: boolean | undefined): boolean | undefined => (truth === undefined ? undefined : !truth);

/** A number counts as true unless it is 0; a text, a list or nothing at all says neither. */
function truthOf(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' ? value !== 0 : undefined;
}

/** Values of different kinds differ; lists and objects are not compared. */
function same(one: Json, other: Json): boolean | undefined {
  const isStructure = (value: Json) => value !== null && typeof value === 'object';
  return isStructure(one) || isStructure(other) ? undefined : one === other;
}

function numeric(
  operator: Exclude<BinaryOperator, '&&' | '||' | '==' | '!=' | 'contains' | 'like'>,
  one: number,
  other: number,
): Value {
  switch (operator) {
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    case '>=':
      return one >= other;
    case '+':
      return finite(one + other);
    case '-':
      return finite(one - other);
    case '*':
      return finite(one * other);
    case '/':
      return finite(one / other);
    case '%':
      return finite(one % other);
    case '&':
      return isBits(one) && isBits(other) ? one & other : undefined;
    case '|':
      return isBits(one) && isBits(other) ? one | other : undefined;
    case '^':
      return isBits(one) && isBits(other) ? one ^ other : undefined;
  }
}

const finite = (value: number): Value => (Number.isFinite(value) ? value : undefined);
const isBits = (value: Value): value is number => typeof value === 'number' && (value | 0) === value;
