import type { Rule } from '../rule.ts';

/**
 * The reference model's own reading of names and targets: slow, obvious, written from `docs/securing-channels.md` and
 * the specification of matching, sharing nothing with the code that decides.
 */

export function isChannelName(name: string): boolean {
  if (!isText(name)) return false;
  if (name !== name.normalize('NFC')) return false;
  for (const character of name) {
    if (/\p{Cc}|\p{Cf}/u.test(character)) return false;
    if (character === ',' || character === '*') return false;
  }
  return !name.endsWith('-pnpres');
}

/** 1 to 255 bytes of well-formed UTF-8. */
function isText(name: string): boolean {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length < 1 || bytes.length > 255) return false;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) === name;
}

/** With as many dots as you like: how many an app allows is counted apart. */
export function isWildcardName(name: string): boolean {
  if (!name.endsWith('.*')) return false;
  const head = name.slice(0, name.length - 2);
  const segments = head.split('.');
  return isChannelName(head) && segments.every((segment) => segment.length > 0);
}

export function targetMatches(rule: Pick<Rule, 'target' | 'nested'>, name: string): boolean {
  if (!rule.nested) return rule.target === name;
  const characters = [...rule.target];
  if (!characters.includes('*')) {
    return name === rule.target || new RegExp(`^${literally(rule.target)}/.+$`, 'su').test(name);
  }
  let expression = '';
  for (const [i, character] of characters.entries()) {
    if (character !== '*') expression += literally(character);
    else expression += i === characters.length - 1 ? '.+' : '[^/]+';
  }
  return new RegExp(`^${expression}$`, 'su').test(name);
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Of the enabled rules that match, the one that applies: exact, longer literal prefix, more literal characters, lower id. */
export function applyingRule(rules: readonly Rule[], name: string): Rule | undefined {
  let best: Rule | undefined;
  for (const rule of rules) {
    if (!rule.enabled || !targetMatches(rule, name)) continue;
    if (best === undefined || goesBefore(rule, best)) best = rule;
  }
  return best;
}

function goesBefore(a: Rule, b: Rule): boolean {
  if (a.nested !== b.nested) return !a.nested;
  if (prefixLength(a) !== prefixLength(b)) return prefixLength(a) > prefixLength(b);
  if (literalCount(a) !== literalCount(b)) return literalCount(a) > literalCount(b);
  return a.id < b.id;
}

function prefixLength(rule: Rule): number {
  let length = 0;
  for (const character of rule.target) {
    if (rule.nested && character === '*') return length;
    length++;
  }
  return length;
}

function literalCount(rule: Rule): number {
  let count = 0;
  for (const character of rule.target) {
    if (!(rule.nested && character === '*')) count++;
  }
  return count;
}
