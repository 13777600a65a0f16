import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ban, Revocation, RevocationSubject } from '../standing.ts';
import { StandingIndex } from './standing-index.ts';

const few = (prefix: string) => fc.nat(3).map((n) => `${prefix}${n}`);
const seconds = fc.nat(6);
const subject: fc.Arbitrary<RevocationSubject> = fc.oneof(
  fc.record({ type: fc.constant('token' as const), token: few('t') }),
  fc.record({ type: fc.constant('key' as const), key: few('k') }),
  fc.record({ type: fc.constant('jti' as const), jti: few('j') }),
  fc.record({ type: fc.constant('user' as const), user: few('u'), issuedBefore: seconds }),
  fc.record({ type: fc.constant('user-channel' as const), user: few('u'), channel: few('c'), issuedBefore: seconds }),
  fc.record({ type: fc.constant('issued-before' as const), issuedBefore: fc.nat(2) }),
);
const banned = fc.record(
  { user: few('u'), channel: few('c'), until: fc.nat(5), hold: fc.boolean() },
  { requiredKeys: ['user', 'hold'] },
);
/** What an edit adds, and which of what stands it takes away. */
const edit = fc.record({
  revoke: fc.array(subject, { maxLength: 3 }),
  ban: fc.array(banned, { maxLength: 3 }),
  lift: fc.array(fc.nat(1_000), { maxLength: 3 }),
  /** Now and then most of it goes at once. */
  most: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

test('after any edits it says what one says that was made of the same revocations and bans', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 25 }), (edits) => {
      let id = 0;
      let revocations: readonly Revocation[] = [];
      let bans: readonly Ban[] = [];
      let index = StandingIndex.of(revocations, bans);
      const earlier = { index, said: sayings(index) };
      for (const { revoke, ban, lift, most } of edits) {
        revocations = [
          ...without(revocations, lift, most),
          ...revoke.map((each): Revocation => ({ ...each, id: ++id, reason: '', keepUntil: 9 })),
        ];
        bans = [...without(bans, lift, most), ...ban.map((each): Ban => ({ ...each, id: ++id, reason: '' }))];
        index = index.next(revocations, bans);
        expect(sayings(index)).toEqual(sayings(StandingIndex.of(revocations, bans)));
      }
      expect(sayings(earlier.index)).toEqual(earlier.said);
    }),
    { numRuns: 200 },
  );
});

test('the same revocations and bans are no other index', () => {
  const ban: Ban = { id: 1, user: 'u', reason: '', hold: false };
  const bans = [ban];
  const index = StandingIndex.of([], bans);
  expect(index.next([], bans)).toBe(index);
});

function without<T>(items: readonly T[], lift: readonly number[], most: boolean): readonly T[] {
  if (most) return items.slice(-1);
  const gone = new Set(lift.map((at) => (items.length === 0 ? -1 : at % items.length)));
  return items.filter((_, i) => !gone.has(i));
}

/** Every answer there is to have about the few names above. */
function sayings(index: StandingIndex) {
  const four = [0, 1, 2, 3];
  const said: unknown[] = [];
  for (const n of four) {
    for (const channel of [undefined, ...four.map((c) => `c${c}`)]) {
      for (const issuedAt of [0, 2, 4, 6]) {
        const credential = { id: `t${n}`, key: `k${n}`, jti: `j${n}`, issuedAt, expiresAt: 9 } as never;
        said.push(index.revokes(credential, `u${n}`, channel), index.revokesUser(`u${n}`, channel, issuedAt));
      }
      for (const now of [0, 3]) {
        for (const connecting of [true, false]) said.push(index.banOf({ user: `u${n}`, channel, now, connecting })?.id);
      }
    }
  }
  return said;
}
