import type { Grant, GrantEntries, GrantSection } from '../grant/grant.ts';
import { escapesStar, PatternMatcher } from '../grant/pattern.ts';

/** Answers kept per generation, over all grants of an app. */
const CACHED_ANSWERS = 20_000;
/** Kept where the grant does not cover the name: no mask is negative. */
const NOT_COVERED = -1;

/** By token id, then name. A token has answers in a section or two: each is made when the first is kept. */
type Answers = { readonly [section in GrantSection]: Map<string, Map<string, number>> };

/**
 * What grants give on names. The only thing of a grant that is cached, by the tuple (token id, section, name), for one
 * app: whether the grant still holds is looked at on every request.
 */
export class GrantBits {
  readonly mode: 'full' | 'search';
  readonly #matcher: PatternMatcher;
  #young = noAnswers();
  #old = noAnswers();
  #kept = 0;

  constructor(mode: 'full' | 'search') {
    this.mode = mode;
    this.#matcher = new PatternMatcher(mode);
  }

  /** The mask on the name, or `undefined` where the grant does not cover it. */
  of(grant: Grant, section: GrantSection, name: string): number | undefined {
    const known = this.#young[section].get(grant.id)?.get(name) ?? this.#old[section].get(grant.id)?.get(name);
    const bits = known ?? this.#look(grant, section, name) ?? NOT_COVERED;
    if (known === undefined) this.#keep(grant.id, section, name, bits);
    return bits === NOT_COVERED ? undefined : bits;
  }

  /**
   * Whether the mask on a wildcard name is meant for wildcards: the name is listed, or a pattern with an escaped star
   * covers it.
   */
  meantAsWildcard(grant: Grant, wildcard: string, mask: number): boolean {
    const listed = grant.resources.channels.get(wildcard);
    if (listed !== undefined) return (listed & mask) !== 0;
    for (const [pattern, bits] of grant.patterns.channels) {
      if ((bits & mask) !== 0 && escapesStar(pattern) && this.#matcher.matches(pattern, wildcard)) return true;
    }
    return false;
  }

  #look(grant: Grant, section: GrantSection, name: string): number | undefined {
    // Groups are spelled with and without a colon before them; both are one group.
    const names = section === 'groups' ? [name, name.startsWith(':') ? name.slice(1) : `:${name}`] : [name];
    for (const spelling of names) {
      const listed = grant.resources[section].get(spelling);
      if (listed !== undefined) return listed;
    }
    return this.#joined(grant.patterns[section], names);
  }

  #joined(patterns: GrantEntries, names: readonly string[]): number | undefined {
    let joined: number | undefined;
    for (const [pattern, bits] of patterns) {
      if (names.some((name) => this.#matcher.matches(pattern, name))) joined = (joined ?? 0) | bits;
    }
    return joined;
  }

  #keep(token: string, section: GrantSection, name: string, bits: number): void {
    if (this.#kept >= CACHED_ANSWERS) {
      this.#old = this.#young;
      this.#young = noAnswers();
      this.#kept = 0;
    }
    let answers = this.#young[section].get(token);
    if (answers === undefined) {
      answers = new Map();
      this.#young[section].set(token, answers);
    }
    answers.set(name, bits);
    this.#kept++;
  }
}

function noAnswers(): Answers {
  return { channels: new Map(), groups: new Map(), uuids: new Map() };
}
