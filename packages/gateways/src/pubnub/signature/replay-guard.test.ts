import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPEATS_FOR, ReplayGuard, type SignatureUse } from './replay-guard.ts';

const START = 1_700_000_000_400;
const SECOND = 1_700_000_000;
const use = (more: Partial<SignatureUse> = {}): SignatureUse => ({
  signature: 's',
  seconds: SECOND,
  once: true,
  now: START,
  window: 60_000,
  most: 100,
  ...more,
});

describe('a signature', () => {
  it('counts once where its request is the only one of its kind', () => {
    const guard = new ReplayGuard(START);
    expect(guard.use('a', use())).toBe('taken');
    for (const later of [0, 1, REPEATS_FOR, 59_000]) {
      expect(guard.use('a', use({ now: START + later }))).toBe('replayed');
    }
    expect(guard.use('b', use())).toBe('taken');
  });

  it('may come again for a moment where nothing tells two equal calls apart, and never after', () => {
    const guard = new ReplayGuard(START);
    for (const later of [0, 1, 1_000, REPEATS_FOR]) {
      expect(guard.use('a', use({ once: false, now: START + later }))).toBe('taken');
    }
    expect(guard.use('a', use({ once: false, now: START + REPEATS_FOR + 1 }))).toBe('replayed');
    expect(guard.use('a', use({ once: false, now: START + 59_000 }))).toBe('replayed');
  });

  it('of before its time is not taken, and one of its first second is', () => {
    const guard = new ReplayGuard(START);
    expect(guard.use('a', use({ seconds: SECOND - 1 }))).toBe('too-early');
    expect(guard.use('a', use({ seconds: SECOND }))).toBe('taken');
  });

  it('is forgotten to make room, with all of its second and of those before', () => {
    const guard = new ReplayGuard(START);
    expect(guard.use('a', use({ signature: '1', most: 2 }))).toBe('taken');
    expect(guard.use('a', use({ signature: '2', seconds: SECOND + 6, most: 2 }))).toBe('taken');
    const later = { now: START + 6_000, most: 2 };
    expect(guard.use('a', use({ signature: '3', seconds: SECOND + 6, ...later }))).toBe('taken');
    expect(guard.use('a', use({ signature: '1', ...later }))).toBe('too-early');
    expect(guard.use('a', use({ signature: '4', ...later }))).toBe('too-early');
    expect(guard.use('a', use({ signature: '5', seconds: SECOND + 6, ...later }))).toBe('full');
    expect(guard.use('a', use({ signature: '5', seconds: SECOND + 12, now: START + 12_000, most: 2 }))).toBe('taken');
  });

  it('does not come back when the window is widened', () => {
    const guard = new ReplayGuard(START);
    expect(guard.use('a', use({ window: 1_000 }))).toBe('taken');
    expect(guard.use('a', use({ signature: 't', seconds: SECOND + 5, now: START + 5_000, window: 1_000 }))).toBe(
      'taken',
    );
    expect(guard.use('a', use({ now: START + 5_000, window: 60_000 }))).toBe('too-early');
  });
});

it('whatever comes when: one that counts once is taken once, and any other only for a moment', () => {
  const step = fc.record({
    signature: fc.constantFrom('1', '2', '3', '4', '5', '6'),
    skew: fc.integer({ min: -70, max: 70 }),
    wait: fc.integer({ min: 0, max: 4_000 }),
    window: fc.constantFrom(1_000, 10_000, 60_000),
    most: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, once) => {
      const guard = new ReplayGuard(START);
      const first = new Map<string, number>();
      let now = START;
      for (const { signature, skew, wait, window, most } of steps) {
        now += wait;
        const seconds = Math.floor(now / 1_000) + skew;
        if (Math.abs(now - seconds * 1_000) > window) continue;
        // A signature covers its timestamp: another second is another signature.
        const text = `${signature} ${seconds}`;
        if (guard.use('a', { signature: text, seconds, once, now, window, most }) !== 'taken') continue;
        const before = first.get(text);
        if (before === undefined) first.set(text, now);
        else expect(!once && now - before <= REPEATS_FOR).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(Math.floor(START / 1_000));
      }
    }),
    { numRuns: 500 },
  );
});
