import { createHmac, randomBytes } from 'node:crypto';
import { mintGrant, verifyGrant } from '@portcullis/policy';
import { describe, expect, test } from 'vitest';
import { nodePlatform } from './platform.ts';

const secret = { id: 'k1', secret: 'correct horse battery staple 0123456789' };
const minted = (app: string, channels: number) =>
  mintGrant(
    { ttl: 60, resources: { channels: new Map(Array.from({ length: channels }, (_, i) => [`room-${i}`, 3])) } },
    { app, secret, now: 1_700_000_000_000, nonce: '0123456789abcdef' },
  );

describe('what Node does for tokens', () => {
  test.each([1, 5, 6, 7, 100, 400])(
    'verifies and names a token of %i channels as the policy alone does',
    (channels) => {
      const outcome = minted('demo', channels);
      const token = outcome.ok ? outcome.token : '';
      const ours = verifyGrant(token, { app: 'demo', secrets: [secret] });
      expect(ours).toMatchObject({ ok: true, grant: { id: outcome.ok ? outcome.id : '' } });
      expect(verifyGrant(token, { app: 'demo', secrets: [secret], platform: nodePlatform })).toEqual(ours);
    },
  );

  test('signs bytes of any length as RFC 2104 has it, with keys of up to one block', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1_000, 8_191, 8_192, 8_193, 40_000]) {
      for (const keyLength of [0, 1, 32, 63, 64]) {
        const bytes = randomBytes(length);
        const key = randomBytes(keyLength);
        const signed = Buffer.from(nodePlatform.hmacSha256(key, bytes));
        expect(signed.equals(createHmac('sha256', key).update(bytes).digest())).toBe(true);
      }
    }
    expect(() => nodePlatform.hmacSha256(randomBytes(65), randomBytes(1))).toThrow(RangeError);
  });

  test('reads the one spelling of bytes, and no other', () => {
    for (let length = 0; length < 50; length++) {
      const bytes = randomBytes(length);
      const text = bytes.toString('base64url');
      expect(Buffer.from(nodePlatform.fromBase64url(text) ?? []).equals(bytes)).toBe(true);
      for (const other of [`${text}=`, `${text} `, `\n${text}`, `${text}+`, `${text}/A`, `${text}é`, `${text}A`]) {
        const read = nodePlatform.fromBase64url(other);
        expect(read === undefined || Buffer.from(read).toString('base64url') === other).toBe(true);
      }
    }
    for (const wrong of ['AB', 'AAB', 'A', 'AAAAA', 'AA+A', 'AA/A', 'AA==', 'AA A', 'AAA\u0141', 'ＡＡＡＡ']) {
      expect([wrong, nodePlatform.fromBase64url(wrong)]).toEqual([wrong, undefined]);
    }
  });

  test('refuses a token of another app, and one that was altered', () => {
    const outcome = minted('other', 1);
    const token = outcome.ok ? outcome.token : '';
    const context = { app: 'demo', secrets: [secret], platform: nodePlatform };
    expect(verifyGrant(token, context)).toMatchObject({ code: 'identity.bad-signature' });
    const altered = `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`;
    expect(verifyGrant(altered, { ...context, app: 'other' })).toMatchObject({ code: 'identity.bad-signature' });
  });
});
