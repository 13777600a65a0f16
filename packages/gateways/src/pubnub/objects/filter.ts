import type { Json, JsonObject } from '@portcullis/policy';
import { type Expression, isBinaryOperator } from '../filter/expression.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import { indexOfText, isLike } from '../filter/text-search.ts';
import { plainString } from '../filter/tokens.ts';
import type { PubNubSettings } from '../http/settings.ts';
import { type BadInput, bad } from './object-answers.ts';

/** A row as filters and sorts read it: its fields by name, those of the other side of a membership under that side's. */
export type Facts = JsonObject;
export type Filter = { readonly ok: true; readonly wants: (facts: Facts) => boolean } | BadInput;

/**
 * The filter of app context: comparisons (`==`, `!=`, `<`, `<=`, `>`, `>=`, `LIKE` with `*`, `contains`), `&&`, `||`, `!`
 * and parentheses over fields, strings, numbers, `true`, `false` and `null`. What is not set is null. `fields`: the names
 * that may be asked about; below `custom` any name may.
 */
export function readFilter(
  text: string,
  fields: ReadonlySet<string>,
  { filterLength, filterTerms }: Pick<PubNubSettings, 'filterLength' | 'filterTerms'>,
): Filter {
  const problem = (message: string, code: 'request.malformed' | 'limit.filterLength' = 'request.malformed') =>
    bad('filter', message, { in: 'query', code });
  if (text.length > filterLength) return problem(`Longer than ${filterLength} characters`, 'limit.filterLength');
  const parsed = parseFilter(text, { length: filterLength, terms: filterTerms });
  if (!parsed.ok) return problem(`At ${parsed.at}: ${parsed.problem}`);
  const foreign = notAsked(parsed.expression, fields);
  if (foreign !== undefined) return problem(foreign);
  return { ok: true, wants: (facts) => evaluate(parsed.expression, facts) === true };
}

/** What of the expression means nothing here. */
function notAsked(expression: Expression, fields: ReadonlySet<string>): string | undefined {
  switch (expression.type) {
    case 'literal':
      return undefined;
    case 'variable': {
      const { of, path } = expression;
      const name = pathOf(path);
      if (of !== 'meta' || !(fields.has(name) || isBelowCustom(name, fields))) return `No field ${name}`;
      return undefined;
    }
    case 'unary':
      if (expression.operator === '~') return 'No operator ~';
      return notAsked(expression.of, fields);
    case 'binary':
      if (!OPERATORS.has(expression.operator)) return `No operator ${expression.operator}`;
      return notAsked(expression.left, fields) ?? notAsked(expression.right, fields);
  }
}

const OPERATORS = new Set(['||', '&&', '==', '!=', '<', '<=', '>', '>=', 'like', 'contains'].filter(isBinaryOperator));

const pathOf = (path: readonly (string | number)[]): string => path.map(String).map(plainString).join('.');

function isBelowCustom(name: string, fields: ReadonlySet<string>): boolean {
  const at = name.startsWith('custom.') ? 0 : name.indexOf('.custom.');
  if (at < 0) return false;
  return fields.has(at === 0 ? 'custom' : name.slice(0, at + '.custom'.length));
}

function evaluate(expression: Expression, facts: Facts): Json {
  switch (expression.type) {
    case 'literal':
      return typeof expression.value === 'string' ? plainString(expression.value) : expression.value;
    case 'variable':
      return fact(facts, expression.path.map(String).map(plainString));
    case 'unary': {
      const value = evaluate(expression.of, facts);
      if (expression.operator === '-') return typeof value === 'number' ? -value : null;
      return value !== true;
    }
    case 'binary':
      return binary(expression, facts);
  }
}

function binary({ operator, left, right }: Extract<Expression, { type: 'binary' }>, facts: Facts): boolean {
  if (operator === '&&') return evaluate(left, facts) === true && evaluate(right, facts) === true;
  if (operator === '||') return evaluate(left, facts) === true || evaluate(right, facts) === true;
  const one = evaluate(left, facts);
  // The stars of a pattern are told from plain ones by the backslashes that `plainString` takes off.
  const other = operator === 'like' && right.type === 'literal' ? right.value : evaluate(right, facts);
  if (operator === '==') return one === other;
  if (operator === '!=') return one !== other;
  if (operator === 'like') return typeof one === 'string' && typeof other === 'string' && isLike(one, other);
  if (operator === 'contains') {
    return typeof one === 'string' && typeof other === 'string' && indexOfText(one, other) >= 0;
  }
  const isOrdered =
    (typeof one === 'number' && typeof other === 'number') || (typeof one === 'string' && typeof other === 'string');
  if (!isOrdered) return false;
  if (operator === '<') return one < other;
  if (operator === '<=') return one <= other;
  return operator === '>' ? one > other : one >= other;
}

/** The value of a field by its path; null when it is not set. */
export function fact(facts: Facts, path: readonly string[]): Json {
  let value: Json = facts;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return null;
    value = (value as JsonObject)[part] ?? null;
  }
  return value;
}
