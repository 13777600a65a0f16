import { EVENT_TYPES, type EventType, isEventType } from '@portcullis/engine';
import { didYouMean } from '@portcullis/policy';

const ALL = Object.keys(EVENT_TYPES).filter(isEventType);
const PREFIXES = [...new Set(ALL.map((type) => `${type.split('.')[0]}.*`))];

/** The types that a word of `on` stands for: one, all of a prefix (`presence.*`), or all (`*`). None: it is unknown. */
export function typesOf(word: string): readonly EventType[] {
  if (word === '*') return ALL;
  if (word.endsWith('.*')) return ALL.filter((type) => type.startsWith(word.slice(0, -1)));
  return isEventType(word) ? [word] : [];
}

export const unknownEvent = (word: string): string =>
  `is no event${didYouMean(word, [...ALL, ...PREFIXES, '*'])}; docs/events.md lists them`;
