import { likelyGlob } from '../grant/likely-glob.ts';
import { checkPattern, escapesStar, PatternMatcher } from '../grant/pattern.ts';
import type { Lint } from './lint.ts';
import { sampleMatch } from './sample-match.ts';

/** Names that no pattern with an intent of its own would cover. */
const STRANGERS = ['\u{1f5ff}', 'q/z-7.k', 'Zz'];

/** What is probably not meant about the patterns of grants, and where `full` and `search` matching differ. */
export function lintPatterns(patterns: readonly string[]): readonly Lint[] {
  const full = new PatternMatcher('full');
  const search = new PatternMatcher('search');
  return patterns.flatMap((pattern) => {
    const valid = checkPattern(pattern);
    if (!valid.ok) {
      const message = `${pattern}: ${valid.message} (at ${valid.position})`;
      return [{ level: 'warning' as const, kind: 'pattern-invalid' as const, pattern, message }];
    }
    return [...lintMeaning(pattern, full), ...lintModes(pattern, full, search)];
  });
}

function* lintMeaning(pattern: string, full: PatternMatcher): Generator<Lint> {
  if (STRANGERS.every((name) => full.matches(pattern, name))) {
    yield { level: 'warning', kind: 'pattern-covers-everything', pattern, message: `${pattern} covers every name` };
    return;
  }
  const glob = likelyGlob(pattern);
  if (glob !== undefined) {
    const message = `${pattern} looks like a glob. ${glob.message} (at ${glob.position})`;
    yield { level: 'warning', kind: 'pattern-likely-glob', pattern, message };
  }
  const dot = /^\^?([A-Za-z0-9_/:-]*[A-Za-z0-9])\.[*+]\$?$/.exec(pattern);
  const head = dot?.[1];
  if (head !== undefined && !escapesStar(pattern)) {
    const example = `${head}x`;
    const message = `${pattern} also matches ${example}: for names below ${head}. write ${head}\\..*`;
    yield { level: 'note', kind: 'pattern-dot-before-star', pattern, example, message };
  }
}

/** With `patternMatch: search` a pattern that is not anchored also covers names that merely contain it. */
function* lintModes(pattern: string, full: PatternMatcher, search: PatternMatcher): Generator<Lint> {
  const sample = sampleMatch(pattern);
  if (sample === undefined) return;
  const around = [`${sample}-x`, `x-${sample}`, `x-${sample}-x`];
  const example = around.find((name) => search.matches(pattern, name) && !full.matches(pattern, name));
  if (example === undefined) return;
  const message = `${pattern} covers ${example} with patternMatch: search, and not with full`;
  yield { level: 'note', kind: 'pattern-search-differs', pattern, example, message };
}
