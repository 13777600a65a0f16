import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { didYouMean } from '@portcullis/policy';
import { walk } from './walk.ts';

/** The names an expression may use, each with its fields where they are always the same; `null`: any. */
export type Names = ReadonlyMap<string, ReadonlySet<string> | null>;

export interface Finding {
  readonly message: string;
  /** Id of the part of the expression it is about. */
  readonly id: bigint;
  readonly word: string;
}

/** Names of types, which can be compared with `type(x)`. */
const TYPES = new Set(
  ['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint'].concat([
    'google.protobuf.Duration',
    'google.protobuf.Timestamp',
    'google',
  ]),
);

/** What the planner reads itself, without a function of the name. */
const OPERATORS = new Set(['_&&_', '_||_', '_?_:_', '_[_]', '@not_strictly_false', '!_', '-_']);

/** The first name, field or function that is not there: told at start-up, not when it is first met. */
export function unknownWord(expr: Expr, names: Names, functions: ReadonlySet<string>): Finding | undefined {
  let found: Finding | undefined;
  walk(expr, (part, loopNames) => {
    found ??=
      unknownName(part, names, loopNames) ?? unknownField(part, names, loopNames) ?? unknownFunction(part, functions);
  });
  return found;
}

/** Whether an expression asks for what stands under a name. */
export function usesName(expr: Expr, name: string): boolean {
  let used = false;
  walk(expr, ({ exprKind: kind }) => {
    used ||= kind.case === 'identExpr' && kind.value.name === name;
  });
  return used;
}

/** The fields of a name that an expression asks for; `null`: it asks for the name as a whole. */
export function fieldsReached(expr: Expr, name: string): ReadonlySet<string> | null {
  const fields = new Set<string>();
  let whole = 0;
  walk(expr, ({ exprKind: kind }) => {
    if (kind.case === 'identExpr' && kind.value.name === name) whole += 1;
    if (kind.case !== 'selectExpr' || kind.value.operand?.exprKind.case !== 'identExpr') return;
    if (kind.value.operand.exprKind.value.name !== name) return;
    fields.add(kind.value.field);
    whole -= 1;
  });
  return whole === 0 ? fields : null;
}

function unknownName({ exprKind: kind, id }: Expr, names: Names, loopNames: ReadonlySet<string>): Finding | undefined {
  if (kind.case !== 'identExpr') return undefined;
  const { name } = kind.value;
  if (names.has(name) || loopNames.has(name) || TYPES.has(name)) return undefined;
  return { id, word: name, message: `unknown name "${name}"${didYouMean(name, names.keys())}` };
}

function unknownField({ exprKind: kind, id }: Expr, names: Names, loopNames: ReadonlySet<string>): Finding | undefined {
  if (kind.case !== 'selectExpr' || kind.value.operand?.exprKind.case !== 'identExpr') return undefined;
  const { name } = kind.value.operand.exprKind.value;
  const fields = loopNames.has(name) ? null : names.get(name);
  const { field } = kind.value;
  if (!fields || fields.has(field)) return undefined;
  return { id, word: field, message: `"${name}" has no field "${field}"${didYouMean(field, fields)}` };
}

function unknownFunction({ exprKind: kind, id }: Expr, functions: ReadonlySet<string>): Finding | undefined {
  if (kind.case !== 'callExpr') return undefined;
  const name = kind.value.function;
  const qualified =
    kind.value.target?.exprKind.case === 'identExpr' ? `${kind.value.target.exprKind.value.name}.${name}` : name;
  if (OPERATORS.has(name) || functions.has(name) || functions.has(qualified)) return undefined;
  const spelt = [...functions].filter((one) => /^[a-zA-Z]/.test(one));
  return { id, word: name, message: `unknown function "${name}"${didYouMean(name, spelt)}` };
}
