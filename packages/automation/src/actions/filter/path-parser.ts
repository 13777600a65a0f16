import type { Json } from '@portcullis/policy';
import { RE2JS } from 're2js';
import { PathProblem, type Token } from './path-tokens.ts';

/** Answers of the event's item. `undefined` is what is not there. */
export type Read = (item: Json) => Json | undefined;
export type Test = (item: Json) => boolean;

const DEPTH = 64;
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', '=~', 'in', 'nin']);
type Operand = { readonly read: Read; readonly list?: readonly Json[] };

/** Reads `a || b && !c`, comparisons and paths from `@`. Throws a `PathProblem`. */
export class PathParser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  whole(): Test {
    const test = this.#any();
    const left = this.#peek();
    if (left) throw new PathProblem(`unexpected ${JSON.stringify(String(left.value))}`, left.at);
    return test;
  }

  #any(): Test {
    const tests = [this.#all()];
    while (this.#takes('||')) tests.push(this.#all());
    return tests.length === 1 && tests[0] ? tests[0] : (item) => tests.some((test) => test(item));
  }

  #all(): Test {
    const tests = [this.#one()];
    while (this.#takes('&&')) tests.push(this.#one());
    return tests.length === 1 && tests[0] ? tests[0] : (item) => tests.every((test) => test(item));
  }

  #one(): Test {
    if (++this.#depth > DEPTH) throw new PathProblem('nested too deeply', this.#at());
    try {
      if (this.#takes('!')) {
        const test = this.#one();
        return (item) => !test(item);
      }
      if (this.#takes('(')) {
        const test = this.#any();
        this.#expect(')');
        return test;
      }
      return this.#comparison();
    } finally {
      this.#depth -= 1;
    }
  }

  #comparison(): Test {
    const left = this.#operand();
    const sign = this.#peek();
    if (!sign || !COMPARISONS.has(String(sign.value)) || sign.type === 'text') {
      return (item) => left.read(item) !== undefined;
    }
    this.#next += 1;
    if (sign.value === '=~') return this.#matching(left.read);
    const right = this.#operand();
    if (sign.value === 'in' || sign.value === 'nin') {
      const has = holding(left.read, right);
      return sign.value === 'in' ? has : (item) => !has(item);
    }
    return compared(left.read, String(sign.value), right.read);
  }

  #matching(read: Read): Test {
    const pattern = this.#peek();
    if (pattern?.type !== 'pattern') throw new PathProblem('expected a pattern like /text/i after =~', this.#at());
    this.#next += 1;
    if (/[^ims]/.test(pattern.flags)) throw new PathProblem('a pattern has the flags i, m and s alone', pattern.at);
    let compiled: RE2JS;
    try {
      compiled = RE2JS.compile(pattern.flags === '' ? pattern.value : `(?${pattern.flags})${pattern.value}`);
    } catch {
      throw new PathProblem('a pattern that cannot be read', pattern.at);
    }
    return (item) => {
      const value = read(item);
      return typeof value === 'string' && compiled.matcher(value).find();
    };
  }

  #operand(): Operand {
    const token = this.#peek();
    if (!token) throw new PathProblem('expected a value or a path from @', this.#at());
    this.#next += 1;
    if (token.type === 'text' || token.type === 'number') return { read: () => token.value };
    if (token.value === '@') return { read: this.#path() };
    if (token.value === '[') return this.#list();
    if (token.type === 'word') {
      if (token.value === 'true' || token.value === 'false') return { read: () => token.value === 'true' };
      if (token.value === 'null') return { read: () => null };
    }
    throw new PathProblem(`unexpected ${JSON.stringify(String(token.value))}`, token.at);
  }

  #list(): Operand {
    const list: Json[] = [];
    if (!this.#takes(']')) {
      do list.push(this.#operand().read(null) ?? null);
      while (this.#takes(','));
      this.#expect(']');
    }
    return { read: () => list, list };
  }

  #path(): Read {
    const steps: (string | number)[] = [];
    for (;;) {
      if (this.#takes('.')) steps.push(this.#word());
      else if (this.#takes('[')) {
        steps.push(this.#subscript());
        this.#expect(']');
      } else break;
    }
    return (item) => {
      let at: Json | undefined = item;
      for (const step of steps) at = below(at, step);
      return at;
    };
  }

  #word(): string {
    const token = this.#peek();
    if (token?.type !== 'word') throw new PathProblem('expected a field’s name', this.#at());
    this.#next += 1;
    return token.value;
  }

  #subscript(): string | number {
    const token = this.#peek();
    if (token?.type !== 'text' && token?.type !== 'number') {
      throw new PathProblem('expected a number or a field’s name in quotes', this.#at());
    }
    this.#next += 1;
    return token.value;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #at(): number {
    return this.#peek()?.at ?? this.#end;
  }

  #takes(sign: string): boolean {
    const token = this.#peek();
    if (token?.type !== 'sign' || token.value !== sign) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) throw new PathProblem(`expected ${sign}`, this.#at());
  }
}

function below(at: Json | undefined, step: string | number): Json | undefined {
  if (Array.isArray(at)) return typeof step === 'number' ? at.at(step) : undefined;
  if (typeof at !== 'object' || at === null || typeof step === 'number') return undefined;
  return Object.hasOwn(at, step) ? (at as Readonly<Record<string, Json>>)[step] : undefined;
}

function holding(left: Read, right: Operand): Test {
  return (item) => {
    const value = left(item);
    const list = right.list ?? right.read(item);
    return value !== undefined && Array.isArray(list) && list.includes(value);
  };
}

/** Texts with texts, numbers with numbers; anything else is only equal or not. */
function compared(left: Read, sign: string, right: Read): Test {
  return (item) => {
    const [a, b] = [left(item), right(item)];
    if (sign === '==') return a !== undefined && a === b;
    if (sign === '!=') return a !== b;
    if (!((typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string')))
      return false;
    if (sign === '<') return a < b;
    if (sign === '<=') return a <= b;
    return sign === '>' ? a > b : a >= b;
  };
}
