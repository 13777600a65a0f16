/** What a filter is made of. */
export type Expression =
  | { readonly type: 'literal'; readonly value: string | number | boolean | null }
  | { readonly type: 'variable'; readonly of: 'meta' | 'data'; readonly path: readonly (string | number)[] }
  | { readonly type: 'unary'; readonly operator: UnaryOperator; readonly of: Expression }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

export type UnaryOperator = '!' | '-' | '~';
export type BinaryOperator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'contains'
  | 'like'
  | '|'
  | '^'
  | '&'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

/** How strongly each holds its operands; equals go from left to right. */
export const BINDING: ReadonlyMap<string, number> = new Map<BinaryOperator, number>([
  ['||', 1],
  ['&&', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 4],
  ['<=', 4],
  ['>', 4],
  ['>=', 4],
  ['contains', 4],
  ['like', 4],
  ['|', 5],
  ['^', 6],
  ['&', 7],
  ['+', 8],
  ['-', 8],
  ['*', 9],
  ['/', 9],
  ['%', 9],
]);

export function isBinaryOperator(text: string): text is BinaryOperator {
  return BINDING.has(text);
}

export function isUnaryOperator(text: string): text is UnaryOperator {
  return text === '!' || text === '-' || text === '~';
}
