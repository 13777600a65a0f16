import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';

/** Visits an expression and all it is made of, with the names that loops around it define. */
export function walk(
  expr: Expr | undefined,
  visit: (expr: Expr, loopNames: ReadonlySet<string>) => void,
  loopNames: ReadonlySet<string> = new Set(),
): void {
  if (!expr) return;
  visit(expr, loopNames);
  const kind = expr.exprKind;
  switch (kind.case) {
    case 'selectExpr':
      walk(kind.value.operand, visit, loopNames);
      return;
    case 'callExpr':
      for (const part of [kind.value.target, ...kind.value.args]) walk(part, visit, loopNames);
      return;
    case 'listExpr':
      for (const part of kind.value.elements) walk(part, visit, loopNames);
      return;
    case 'structExpr':
      for (const { keyKind, value } of kind.value.entries) {
        if (keyKind.case === 'mapKey') walk(keyKind.value, visit, loopNames);
        walk(value, visit, loopNames);
      }
      return;
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result, iterVar, iterVar2, accuVar } = kind.value;
      walk(iterRange, visit, loopNames);
      walk(accuInit, visit, loopNames);
      const inside = new Set([...loopNames, iterVar, iterVar2, accuVar]);
      for (const part of [loopCondition, loopStep, result]) walk(part, visit, inside);
      return;
    }
    case 'identExpr':
    case 'constExpr':
    case undefined:
      return;
  }
}
