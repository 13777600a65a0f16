import { type Expr, Expr_CallSchema, ExprSchema } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { create } from '@bufbuild/protobuf';
import { ROUND } from './functions.ts';
import { walk } from './walk.ts';

/** Has every loop spend a round before it goes round. Answers how many loops there are. */
export function boundLoops(expr: Expr): number {
  let loops = 0;
  walk(expr, ({ exprKind: kind, id }) => {
    if (kind.case !== 'comprehensionExpr' || !kind.value.loopCondition) return;
    loops += 1;
    kind.value.loopCondition = both(id, call(id, ROUND, []), kind.value.loopCondition);
  });
  return loops;
}

const both = (id: bigint, a: Expr, b: Expr) => call(id, '_&&_', [a, b]);

function call(id: bigint, name: string, args: Expr[]): Expr {
  const value = create(Expr_CallSchema, { function: name, args });
  return create(ExprSchema, { id, exprKind: { case: 'callExpr', value } });
}
