import type { Publication } from '@portcullis/engine';
import { isWanted } from './evaluate.ts';
import type { Expression } from './expression.ts';
import { ItemFacts } from './item-facts.ts';
import { type FilterLimits, parseFilter } from './parse-filter.ts';
import type { FilterProblem } from './tokens.ts';

/** Filters that are remembered: many readers send the same one with every poll. */
const MOST_KEPT = 256;

export type CompiledFilter =
  | { readonly ok: true; readonly wants: (publication: Publication) => boolean }
  | FilterProblem;

/** Stream filters, each read once, over publications, each parsed once. */
export class Filters {
  readonly #expressions = new Map<string, Expression>();
  readonly #facts = new WeakMap<Publication, ItemFacts>();

  compile(text: string, limits: FilterLimits): CompiledFilter {
    const known = text.length <= limits.length ? this.#expressions.get(text) : undefined;
    if (known) return this.#compiled(known);
    const parsed = parseFilter(text, limits);
    if (!parsed.ok) return parsed;
    this.#keep(text, parsed.expression);
    return this.#compiled(parsed.expression);
  }

  #compiled(expression: Expression): CompiledFilter {
    return { ok: true, wants: (publication) => isWanted(expression, this.#factsOf(publication)) };
  }

  #keep(text: string, expression: Expression): void {
    const [oldest] = this.#expressions.keys();
    if (this.#expressions.size >= MOST_KEPT && oldest !== undefined) this.#expressions.delete(oldest);
    this.#expressions.set(text, expression);
  }

  #factsOf(publication: Publication): ItemFacts {
    let facts = this.#facts.get(publication);
    if (facts === undefined) {
      facts = new ItemFacts(publication);
      this.#facts.set(publication, facts);
    }
    return facts;
  }
}
