import { mintGrant, verifyGrant } from '@portcullis/policy';
import { describe, expect, test } from 'vitest';
import { nodeHashing } from './hashing.ts';

const secret = { id: 'k1', secret: 'correct horse battery staple 0123456789' };
const minted = (app: string, channels: number) =>
  mintGrant(
    { ttl: 60, resources: { channels: new Map(Array.from({ length: channels }, (_, i) => [`room-${i}`, 3])) } },
    { app, secret, now: 1_700_000_000_000, nonce: '0123456789abcdef' },
  );

describe('the hash functions of Node', () => {
  test.each([1, 5, 6, 7, 100])('verify and name a token of %i channels as those of the policy do', (channels) => {
    const outcome = minted('demo', channels);
    const token = outcome.ok ? outcome.token : '';
    const ours = verifyGrant(token, { app: 'demo', secrets: [secret] });
    expect(ours).toMatchObject({ ok: true, grant: { id: outcome.ok ? outcome.id : '' } });
    expect(verifyGrant(token, { app: 'demo', secrets: [secret], hashing: nodeHashing })).toEqual(ours);
  });

  test('refuse a token of another app, and one that was altered', () => {
    const outcome = minted('other', 1);
    const token = outcome.ok ? outcome.token : '';
    const context = { app: 'demo', secrets: [secret], hashing: nodeHashing };
    expect(verifyGrant(token, context)).toMatchObject({ code: 'identity.bad-signature' });
    const altered = `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`;
    expect(verifyGrant(altered, { ...context, app: 'other' })).toMatchObject({ code: 'identity.bad-signature' });
  });
});
