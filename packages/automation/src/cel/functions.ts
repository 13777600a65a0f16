import { type CelFunc, CelScalar, celFunc, celMethod, listType } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Budget } from './budget.ts';
import { Patterns } from './patterns.ts';

const { BOOL, DYN, INT, STRING } = CelScalar;

/** Spends one round; every loop asks it before a round. Its name is none that source text can spell. */
export const ROUND = '@round';

/** Cannot make a text longer than its input by more than a factor: the library's own serve. */
const AS_THEY_ARE = new Set([
  'strings.quote',
  'charAt',
  'indexOf',
  'lastIndexOf',
  'lowerAscii',
  'upperAscii',
  'split',
  'substring',
  'trim',
]);

/** The functions beside CEL's standard ones: those of the strings extension, all of them bounded in what they make. */
export function boundedFunctions(budget: Budget): readonly CelFunc[] {
  const patterns = new Patterns();
  const replaced = (text: string, from: string, to: string, most: number) => {
    const pieces = around(text, from);
    const places = Math.min(pieces.length - 1, Math.max(0, most));
    budget.checkText(text.length + places * Math.max(0, to.length - from.length));
    const rest = pieces.slice(places + 1).map((piece) => from + piece);
    return pieces.slice(0, places + 1).join(to) + rest.join('');
  };
  const joined = (list: Iterable<unknown>, separator: string) => {
    const texts = [...list].map(asText);
    budget.checkText(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
    return texts.join(separator);
  };
  return [
    ...strings.filter(({ name }) => AS_THEY_ARE.has(name)),
    celFunc(ROUND, [], BOOL, () => budget.spendRound()),
    celFunc('_+_', [STRING, STRING], STRING, (a, b) => {
      budget.checkText(a.length + b.length);
      return a + b;
    }),
    celMethod('replace', STRING, [STRING, STRING], STRING, function (from, to) {
      return replaced(String(this), from, to, Number.POSITIVE_INFINITY);
    }),
    celMethod('replace', STRING, [STRING, STRING, INT], STRING, function (from, to, most) {
      return replaced(String(this), from, to, most < 0n ? Number.POSITIVE_INFINITY : Number(most));
    }),
    celMethod('join', listType(DYN), [], STRING, function () {
      return joined(this, '');
    }),
    celMethod('join', listType(DYN), [STRING], STRING, function (separator) {
      return joined(this, separator);
    }),
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      return patterns.find(pattern, String(this));
    }),
  ];
}

function asText(item: unknown): string {
  if (typeof item === 'string') return item;
  throw new TypeError('only texts can be joined');
}

/** The pieces of a text around a part; around every character where the part is empty. */
function around(text: string, part: string): readonly string[] {
  return part === '' ? ['', ...text, ''] : text.split(part);
}
