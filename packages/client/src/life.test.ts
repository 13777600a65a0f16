import { describe, expect, it } from 'vitest';
import { after, type ConnectionState, type Happening, LIFE } from './life.ts';

const STATES = Object.keys(LIFE) as ConnectionState[];
const EVENTS: Happening[] = ['open', 'token', 'welcome', 'lost', 'retry', 'end'];

describe('the life of a connection', () => {
  it('reaches every state from the first, and from every state the end', () => {
    const reach = (from: ConnectionState): Set<ConnectionState> => {
      const seen = new Set([from]);
      for (const state of seen) {
        for (const event of EVENTS) {
          const to = after(state, event);
          if (to) seen.add(to);
        }
      }
      return seen;
    };
    for (const state of STATES) expect([...reach(state)].sort()).toEqual([...STATES].sort());
  });

  it('ends at once from everywhere, and begins again only where it ended', () => {
    for (const state of STATES) {
      expect(after(state, 'end')).toBe(state === 'closed' ? undefined : 'closed');
      expect(after(state, 'open')).toBe(state === 'closed' ? 'authorising' : undefined);
    }
  });
});
