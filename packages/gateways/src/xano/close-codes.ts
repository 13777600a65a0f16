import type { Code } from '@portcullis/policy';

/**
 * How a connection ends. The SDK connects again after 1006, 1011, 1012, 1013, 1014 and 4000, with a growing pause and for
 * ever, and after no other code until its page opens a new channel. So: one of these where the same client may succeed
 * later without anybody's doing, another where it would only knock again in vain.
 */
export interface Farewell {
  readonly code: number;
  /** Whether an `error` frame goes before the close frame. Not where clients come back by themselves and have nothing to tell their user. */
  readonly told: boolean;
}

const COMES_BACK: Farewell = { code: 1013, told: false };
const UNKNOWN: Farewell = { code: 4404, told: true };
const UNPROVEN: Farewell = { code: 4401, told: true };
const FORBIDDEN: Farewell = { code: 4403, told: true };

const FAREWELLS = new Map<Code, Farewell>([
  // A wrong hash stays wrong: anything the SDK reads as a failed connection would be a storm of retries.
  ['app.unknown-key', UNKNOWN],
  ['app.disabled', FORBIDDEN],
  // The same token would be refused again: the page has to get a new one and open its channels anew.
  ['identity.malformed', UNPROVEN],
  ['identity.bad-signature', UNPROVEN],
  ['identity.expired', UNPROVEN],
  ['identity.revoked', UNPROVEN],
  ['identity.user-mismatch', UNPROVEN],
  ['identity.banned', FORBIDDEN],
  ['identity.held-off', FORBIDDEN],
  // Kicked means away: coming back by itself within a second would undo it.
  ['session.kicked', FORBIDDEN],
  ['identity.keys-unavailable', COMES_BACK],
  ['session.restarting', { code: 1012, told: false }],
  ['server.not-ready', COMES_BACK],
  ['store.unavailable', COMES_BACK],
  ['store.full', COMES_BACK],
  ['limit.connections', COMES_BACK],
  ['limit.ratePerAddress', COMES_BACK],
  // Too slow a reader may do better on a new connection, and history on join repairs what it missed.
  ['limit.sendBuffer', { code: 1013, told: true }],
  ['limit.joinTimeout', { code: 4408, told: true }],
  ['limit.beforeJoin', { code: 4429, told: true }],
  ['limit.message', { code: 1009, told: true }],
  ['request.malformed', { code: 1002, told: true }],
  ['server.fault', { code: 1011, told: true }],
]);

/** Whatever else an operator's change ends a connection with: it would be refused again. */
const OTHERWISE = FORBIDDEN;

export function farewellFor(code: Code): Farewell {
  return FAREWELLS.get(code) ?? OTHERWISE;
}
