import { RE2JS } from 're2js';
import { CEL_LIMITS } from './limits.ts';

/** Compiled regular expressions, those used last. All of them run in linear time. */
export class Patterns {
  readonly #compiled = new Map<string, RE2JS>();

  /** Throws on one that is none, or is too long. */
  find(pattern: string, text: string): boolean {
    return this.#of(pattern).matcher(text).find();
  }

  #of(pattern: string): RE2JS {
    const known = this.#compiled.get(pattern);
    if (known) return known;
    if (pattern.length > CEL_LIMITS.pattern) {
      throw new RangeError(`a regular expression has at most ${CEL_LIMITS.pattern} characters`);
    }
    const compiled = RE2JS.compile(pattern);
    this.#compiled.set(pattern, compiled);
    if (this.#compiled.size > CEL_LIMITS.patterns) {
      for (const oldest of this.#compiled.keys()) {
        this.#compiled.delete(oldest);
        break;
      }
    }
    return compiled;
  }
}
