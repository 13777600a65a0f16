import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { CEL_LIMITS } from './limits.ts';

/** The library has to be asked: this is not what a shortcut knows, or it errs. */
export const UNSURE = Symbol('unsure');

type Bindings = Readonly<Record<string, unknown>>;
type Names = ReadonlyMap<string, unknown>;

/** What an expression comes to over JSON, exactly as the library says it, or `UNSURE`. Its values are JSON. */
export type Shortcut = (bindings: Bindings) => unknown;

const unsure: Shortcut = () => UNSURE;

/**
 * The parts of the language that most conditions are made of, as closures over JSON: names, fields, constants, comparisons,
 * `&&`, `||`, `!`, `?:`, `in`, and what is asked of texts. They answer where they are certain; of everything else (other
 * parts, values of other kinds, every error) they say so, and the library decides. `null`: nothing of it is known here.
 */
export function shortcutOf(expr: Expr | undefined, names: Names): Shortcut | null {
  const compiled = compile(expr, names);
  return compiled === unsure ? null : compiled;
}

function compile(expr: Expr | undefined, names: Names): Shortcut {
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case 'constExpr':
      return constant(kind.value.constantKind);
    case 'identExpr': {
      const { name } = kind.value;
      return names.has(name) ? (bindings) => known(bindings[name]) : unsure;
    }
    case 'selectExpr': {
      const of = compile(kind.value.operand, names);
      if (of === unsure) return unsure;
      return kind.value.testOnly ? presence(of, kind.value.field) : field(of, kind.value.field);
    }
    case 'callExpr': {
      const { function: name, target, args } = kind.value;
      const parts = [...(target ? [target] : []), ...args];
      if (name === '@in' && args[1]?.exprKind.case === 'listExpr') {
        const { elements } = args[1].exprKind.value;
        return among(compile(args[0], names), all(elements, names));
      }
      return call(name, target !== undefined, all(parts, names));
    }
    default:
      return unsure;
  }
}

const all = (parts: readonly Expr[], names: Names) => parts.map((part) => compile(part, names));

const known = (value: unknown): unknown => (value === undefined ? UNSURE : value);

/** Whole numbers are doubles here: nothing that a shortcut knows tells one from the other where both are exact. */
function constant(of: { readonly case?: string | undefined; readonly value?: unknown }): Shortcut {
  const { case: type, value } = of;
  if (type === 'nullValue') return () => null;
  if (type === 'stringValue' || type === 'boolValue') return () => value;
  const number = type === 'int64Value' || type === 'doubleValue' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && (type === 'doubleValue' || Number.isSafeInteger(number)) ? () => number : unsure;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names of what is sent are chosen by strangers: own fields alone. */
function field(of: Shortcut, name: string): Shortcut {
  return (bindings) => {
    const object = of(bindings);
    return isFields(object) && Object.hasOwn(object, name) ? known(object[name]) : UNSURE;
  };
}

function presence(of: Shortcut, name: string): Shortcut {
  return (bindings) => {
    const object = of(bindings);
    if (!isFields(object)) return UNSURE;
    return Object.hasOwn(object, name) && object[name] !== undefined && object[name] !== null;
  };
}

function call(name: string, method: boolean, args: readonly Shortcut[]): Shortcut {
  const [a = unsure, b = unsure, c = unsure] = args;
  switch (name) {
    case '_&&_':
      return logical(args, false);
    case '_||_':
      return logical(args, true);
    case '!_':
      return not(a);
    case '_?_:_':
      return choice(a, b, c);
    case '_==_':
      return equality(a, b, true);
    case '_!=_':
      return equality(a, b, false);
  }
  const ask = args.length === 2 ? (method ? OF_TEXTS : COMPARED).get(name) : undefined;
  if (ask) return comparison(a, b, ask, !method);
  if (name === 'replace' && method && args.length === 3) return replaced(a, b, c);
  return unsure;
}

type Ask = (a: string, b: string) => boolean;
const OF_TEXTS: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ['contains', (a, b) => a.includes(b)],
  ['startsWith', (a, b) => a.startsWith(b)],
  ['endsWith', (a, b) => a.endsWith(b)],
]);

/** Of two numbers as of two texts. */
const COMPARED: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ['_<_', (a, b) => a < b],
  ['_<=_', (a, b) => a <= b],
  ['_>_', (a, b) => a > b],
  ['_>=_', (a, b) => a >= b],
]);

/** `decides`: the truth value that settles it, whatever stands behind, errors included. */
function logical(args: readonly Shortcut[], decides: boolean): Shortcut {
  if (args[0] === unsure) return unsure;
  return (bindings) => {
    for (const arg of args) {
      const value = arg(bindings);
      if (value === decides) return decides;
      if (value !== !decides) return UNSURE;
    }
    return !decides;
  };
}

function not(of: Shortcut): Shortcut {
  if (of === unsure) return unsure;
  return (bindings) => {
    const value = of(bindings);
    return typeof value === 'boolean' ? !value : UNSURE;
  };
}

function choice(condition: Shortcut, yes: Shortcut, no: Shortcut): Shortcut {
  if (condition === unsure) return unsure;
  return (bindings) => {
    const value = condition(bindings);
    if (value === true) return yes(bindings);
    return value === false ? no(bindings) : UNSURE;
  };
}

const isScalar = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function equality(a: Shortcut, b: Shortcut, equal: boolean): Shortcut {
  if (a === unsure || b === unsure) return unsure;
  return (bindings) => {
    const left = a(bindings);
    if (!isScalar(left)) return UNSURE;
    const right = b(bindings);
    return isScalar(right) ? (left === right) === equal : UNSURE;
  };
}

function among(of: Shortcut, list: readonly Shortcut[]): Shortcut {
  if (of === unsure || list.includes(unsure)) return unsure;
  return (bindings) => {
    const value = of(bindings);
    if (!isScalar(value)) return UNSURE;
    let found = false;
    for (const item of list) {
      const other = item(bindings);
      if (!isScalar(other)) return UNSURE;
      found ||= other === value;
    }
    return found;
  };
}

function comparison(a: Shortcut, b: Shortcut, ask: Ask, numbers: boolean): Shortcut {
  if (a === unsure || b === unsure) return unsure;
  return (bindings) => {
    const left = a(bindings);
    const right = b(bindings);
    const texts = typeof left === 'string' && typeof right === 'string';
    if (texts || (numbers && typeof left === 'number' && typeof right === 'number'))
      return ask(left as string, right as string);
    return UNSURE;
  };
}

/** As long as no text can come of it that is longer than one may be. */
function replaced(a: Shortcut, b: Shortcut, c: Shortcut): Shortcut {
  if ([a, b, c].includes(unsure)) return unsure;
  return (bindings) => {
    const [text, from, to] = [a(bindings), b(bindings), c(bindings)];
    if (typeof text !== 'string' || typeof from !== 'string' || typeof to !== 'string' || from === '') return UNSURE;
    return text.length * (to.length + 1) > CEL_LIMITS.text ? UNSURE : text.replaceAll(from, () => to);
  };
}
