import { type CelResult, type CelValue, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import type { Expr, ParsedExpr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import type { Json } from '@portcullis/policy';
import { Budget } from './budget.ts';
import { fromJson } from './from-json.ts';
import { boundedFunctions } from './functions.ts';
import { jsonOf } from './json-value.ts';
import { CEL_LIMITS } from './limits.ts';
import { boundLoops } from './loops.ts';
import { type Shortcut, shortcutOf, UNSURE } from './shortcuts.ts';
import { type Finding, fieldsReached, type Names, unknownWord, usesName } from './vocabulary.ts';

/** What is wrong with an expression, and where in its text. */
export interface ExpressionProblem {
  readonly message: string;
  /** Both from 1 on. */
  readonly line: number;
  readonly column: number;
}

export type Compilation =
  | {
      readonly ok: true;
      readonly expression: Expression;
      /** The fields of a name that it asks for; `null`: the name as a whole. */
      readonly reached: (name: string) => ReadonlySet<string> | null;
    }
  | { readonly ok: false; readonly problem: ExpressionProblem };

export type Evaluated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** What the names of an expression stand for. JSON values are taken as they are: numbers are doubles. */
export type Bindings = Record<string, unknown>;

/** A condition or value, compiled once. Never throws; bounded in what it costs. */
export interface Expression {
  /** Anything but a truth value is an error. */
  test(bindings: Bindings): Evaluated<boolean>;
  value(bindings: Bindings): Evaluated<Json>;
}

/** CEL as this product speaks it: the standard functions and those for strings, checked when compiled, bounded when run. */
export class Language {
  readonly #budget: Budget;
  readonly #env;
  readonly #functions: ReadonlySet<string>;

  /** `now`: ms of a clock that only measures. */
  constructor(now: () => number) {
    this.#budget = new Budget(now);
    this.#env = celEnv({ funcs: [...boundedFunctions(this.#budget)] });
    this.#functions = new Set(Array.from(this.#env.funcs, ({ name }) => name));
  }

  compile(text: string, names: Names): Compilation {
    if (text.length > CEL_LIMITS.length) {
      const message = `an expression has at most ${CEL_LIMITS.length} characters`;
      return { ok: false, problem: { message, ...positionOf(text, CEL_LIMITS.length) } };
    }
    let parsed: ReturnType<typeof parse>;
    try {
      parsed = parse(text);
    } catch (error) {
      return { ok: false, problem: syntaxProblem(error) };
    }
    const unknown = unknownWord(parsed.expr, names, this.#functions);
    if (unknown) return { ok: false, problem: { message: unknown.message, ...placeOf(text, parsed, unknown) } };
    const used = [...names.keys()].filter((name) => usesName(parsed.expr, name));
    const shortcut = shortcutOf(parsed.expr, names);
    const loops = boundLoops(parsed.expr);
    const run = plan(this.#env, parsed.expr);
    const planned = new Planned(run, { used, loops: loops > 0, budget: this.#budget });
    return {
      ok: true,
      expression: shortcut ? new Shortened(shortcut, planned) : planned,
      reached: (name) => fieldsReached(parsed.expr as Expr, name),
    };
  }
}

const YES: Evaluated<boolean> = { ok: true, value: true };
const NO: Evaluated<boolean> = { ok: true, value: false };

/** An expression whose answer is mostly known without the library; where it is not, the library is asked. */
class Shortened implements Expression {
  readonly #shortcut: Shortcut;
  readonly #planned: Planned;

  constructor(shortcut: Shortcut, planned: Planned) {
    this.#shortcut = shortcut;
    this.#planned = planned;
  }

  test(bindings: Bindings): Evaluated<boolean> {
    const value = this.#ask(bindings);
    if (typeof value === 'boolean') return value ? YES : NO;
    return this.#planned.test(bindings);
  }

  value(bindings: Bindings): Evaluated<Json> {
    const value = this.#ask(bindings);
    if (typeof value === 'string' ? value.length <= CEL_LIMITS.text : value === null || SHORT.has(typeof value)) {
      return { ok: true, value: value as Json };
    }
    return this.#planned.value(bindings);
  }

  #ask(bindings: Bindings): unknown {
    try {
      return this.#shortcut(bindings);
    } catch {
      return UNSURE;
    }
  }
}

const SHORT: ReadonlySet<string> = new Set(['boolean', 'number']);

class Planned implements Expression {
  readonly #run: (bindings: never) => CelResult;
  readonly #used: readonly string[];
  readonly #loops: boolean;
  readonly #budget: Budget;

  constructor(
    run: (bindings: never) => CelResult,
    { used, loops, budget }: { readonly used: readonly string[]; readonly loops: boolean; readonly budget: Budget },
  ) {
    this.#run = run;
    this.#used = used;
    this.#loops = loops;
    this.#budget = budget;
  }

  test(bindings: Bindings): Evaluated<boolean> {
    const result = this.#evaluate(bindings);
    if (!result.ok) return result;
    if (typeof result.value === 'boolean') return { ok: true, value: result.value };
    return { ok: false, error: 'a condition is true or false, and this is neither' };
  }

  value(bindings: Bindings): Evaluated<Json> {
    const result = this.#evaluate(bindings);
    if (!result.ok) return result;
    try {
      return { ok: true, value: jsonOf(result.value) };
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  }

  #evaluate(bindings: Bindings): Evaluated<CelValue> {
    if (this.#loops) this.#budget.begin();
    else this.#budget.exceeded = null;
    let result: CelResult;
    try {
      const bound: Bindings = {};
      for (const name of this.#used) bound[name] = fromJson(bindings[name]);
      result = this.#run(bound as never);
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
    // An error can be swallowed by an `||`; a budget that is spent cannot.
    if (this.#budget.exceeded !== null) return { ok: false, error: this.#budget.exceeded };
    return isCelError(result) ? { ok: false, error: messageOf(result) } : { ok: true, value: result };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error);
}

interface Located {
  readonly message: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

function syntaxProblem(error: unknown): ExpressionProblem {
  if (isLocated(error)) {
    const { line, column } = error.location.start;
    return { message: error.message.replace(/^<input>:\d+:\d+: /, ''), line, column };
  }
  return { message: error instanceof RangeError ? 'it is nested too deeply' : messageOf(error), line: 1, column: 1 };
}

function isLocated(error: unknown): error is Located {
  return error instanceof Error && 'location' in error && typeof error.location === 'object' && error.location !== null;
}

function placeOf(text: string, { sourceInfo }: ParsedExpr, { id, word }: Finding) {
  const begin = sourceInfo?.positions[String(id)] ?? 0;
  return positionOf(text, Math.max(begin, text.indexOf(word, begin)));
}

function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
