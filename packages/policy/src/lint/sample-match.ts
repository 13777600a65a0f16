import { PatternMatcher, pieces } from '../grant/pattern.ts';

const BY_ESCAPE = new Map([
  ['\\d', '1'],
  ['\\w', 'w'],
  ['\\S', 's'],
  ['\\D', 'd'],
  ['\\W', '-'],
  ['\\s', ' '],
]);
const MAX_REPEATS = 50;
const QUANTIFIER = /^(?:[*+?]|\{\d*,?\d*\})\??/;

/**
 * A name that the whole pattern matches, for examples; `undefined` where none is easily made up. Patterns with groups
 * or alternatives are tried as they are.
 */
export function sampleMatch(pattern: string): string | undefined {
  const matcher = new PatternMatcher('full');
  return [spellOut(pattern), pattern.replace(/[\^$\\]/g, ''), 'x'].find(
    (name) => name !== '' && matcher.matches(pattern, name),
  );
}

function spellOut(pattern: string): string {
  let name = '';
  let at = 0;
  let read = 0;
  for (const { text, kind } of pieces(pattern)) {
    const isRead = at < read;
    at += text.length;
    if (isRead) continue;
    const quantifier = QUANTIFIER.exec(pattern.slice(at))?.[0] ?? '';
    read = at + quantifier.length;
    const least = /^\{(\d+)/.exec(quantifier)?.[1];
    name += oneOf(text, kind).repeat(Math.min(least === undefined ? 1 : Number(least), MAX_REPEATS));
  }
  return name;
}

function oneOf(text: string, kind: string): string {
  if (kind === 'escape') return BY_ESCAPE.get(text) ?? text.slice(1).replace(/^[A-Za-z]$/, '');
  if (kind === 'quote') return text.replace(/^\\Q|\\E$/g, '');
  if (kind === 'class') return text.startsWith('[^') ? '_' : text.slice(1, 2).replace('\\', '1');
  if (text === '.') return 'x';
  return '^$()|'.includes(text) ? '' : text;
}
