export type { Bindings, Compilation, Evaluated, Expression, ExpressionProblem } from './language.ts';
export { Language } from './language.ts';
export { CEL_LIMITS } from './limits.ts';
export type { Names } from './vocabulary.ts';
