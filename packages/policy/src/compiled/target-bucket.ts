import type { Rule } from '../rule.ts';
import { type CompiledTarget, compareSpecificity, matchesCompiled } from '../target.ts';

export interface Entry {
  readonly rule: Rule;
  readonly target: CompiledTarget;
}

/** Below this many, looking at each is quicker than looking them up. */
const FEW = 8;

/**
 * The nested targets that begin with one literal prefix. Of many, those are looked at whose next piece stands where the
 * name has it: a piece that begins with `/` follows the star at the next `/`, and a piece after the last star ends the name.
 */
export class TargetBucket {
  readonly entries: readonly Entry[];
  readonly #pieces: { readonly next: PieceMap; readonly last: PieceMap; readonly others: readonly Entry[] } | undefined;

  constructor(entries: readonly Entry[]) {
    this.entries = entries.length > 1 ? entries.toSorted(order) : entries;
    if (entries.length <= FEW) return;
    const [next, last, others]: [PieceMap, PieceMap, Entry[]] = [new PieceMap(), new PieceMap(), []];
    for (const entry of this.entries) {
      const { literals } = entry.target;
      const [second = '', final = ''] = [literals[1], literals.at(-1)];
      if (literals.length > 2 && second.startsWith('/')) next.add(second, entry);
      else if (literals.length > 1 && final !== '') last.add(final, entry);
      else others.push(entry);
    }
    this.#pieces = { next, last, others };
  }

  find(name: string, prefixLength: number): Rule | undefined {
    if (this.#pieces === undefined) return firstMatch(this.entries, name)?.rule;
    const { next, last, others } = this.#pieces;
    let best = firstMatch(others, name);
    const slash = name.indexOf('/', prefixLength);
    for (const length of next.lengths) {
      if (slash >= 0) best = better(best, firstMatch(next.get(name.slice(slash, slash + length)), name));
    }
    for (const length of last.lengths) best = better(best, firstMatch(last.get(name.slice(-length)), name));
    return best?.rule;
  }
}

/** Entries by a literal piece, and the lengths of pieces that occur. */
class PieceMap {
  readonly lengths = new Set<number>();
  readonly #entries = new Map<string, Entry[]>();

  add(piece: string, entry: Entry): void {
    this.lengths.add(piece.length);
    const others = this.#entries.get(piece);
    if (others === undefined) this.#entries.set(piece, [entry]);
    else others.push(entry);
  }

  get(piece: string): readonly Entry[] {
    return this.#entries.get(piece) ?? NOTHING;
  }
}

const NOTHING: readonly Entry[] = [];

const firstMatch = (entries: readonly Entry[], name: string): Entry | undefined =>
  entries.find((entry) => matchesCompiled(entry.target, name));

function better(a: Entry | undefined, b: Entry | undefined): Entry | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return order(a, b) <= 0 ? a : b;
}

const order = (a: Entry, b: Entry): number => compareSpecificity(a.target, b.target) || a.rule.id - b.rule.id;
