import { expect, test } from 'vitest';
import type { Claims } from './claims.ts';
import type { SigningKey } from './trusted-key.ts';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.ts';

const key: SigningKey = { type: 'signing', id: 'k', alg: 'HS256', key: new Uint8Array(32), scope: {} };
const claims: Claims = { user: 'a', table: 1, row: 'a', extras: {}, issuedAt: 0, notBefore: 0, expiresAt: 1 };
const token = (id: string): VerifiedToken => ({ id, keys: [key], claims });

test('remembers so many, and forgets the longest unused first', () => {
  const tokens = new VerifiedTokens(3);
  for (const id of ['a', 'b', 'c']) tokens.add(id, 100, token(id));
  expect(tokens.get('a')?.id).toBe('a');
  tokens.add('d', 100, token('d'));
  expect(['a', 'b', 'c', 'd'].filter((id) => tokens.get(id))).toEqual(['a', 'c', 'd']);
  for (let n = 0; n < 1_000; n++) tokens.add(`n${n}`, 100, token(`n${n}`));
  expect(tokens.size).toBe(3);
});

test('remembers no token that is long, and none at all without room', () => {
  const tokens = new VerifiedTokens(3);
  tokens.add('long', 4_097, token('long'));
  expect(tokens.size).toBe(0);
  const none = new VerifiedTokens(0);
  none.add('a', 100, token('a'));
  expect(none.size).toBe(0);
});
