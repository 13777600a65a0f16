import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { verifyWebhook } from './verify-webhook.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"type":"access.denied","ü":1}';
const NOW = 1_764_000_000_000;

function signed(body = BODY, at = NOW, secret = SECRET) {
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(at / 1_000),
    'webhook-signature': new Webhook(secret).sign('evt_1', new Date(at), body),
  };
}

test('what was signed with the secret is verified, whoever else signed it as well', async () => {
  const verified = { ok: true, id: 'evt_1', payload: JSON.parse(BODY) };
  expect(await verifyWebhook(SECRET, signed(), BODY, { now: NOW })).toEqual(verified);
  expect(await verifyWebhook(SECRET, new Headers(signed()), BODY, { now: NOW })).toEqual(verified);
  const several = { ...signed(), 'webhook-signature': `v1a,abc v1,AAAA ${signed()['webhook-signature']}` };
  expect(await verifyWebhook(SECRET, several, BODY, { now: NOW })).toEqual(verified);
});

test.each([
  ['a body that was changed', signed(), `${BODY} `, {}],
  ['another secret', signed(BODY, NOW, 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), BODY, {}],
  ['another id', { ...signed(), 'webhook-id': 'evt_2' }, BODY, {}],
  ['a time that was changed', { ...signed(), 'webhook-timestamp': String(NOW / 1_000 + 1) }, BODY, {}],
  ['an old one', signed(BODY, NOW - 301_000), BODY, {}],
  ['one from the future', signed(BODY, NOW + 301_000), BODY, {}],
  ['no signature', { ...signed(), 'webhook-signature': undefined }, BODY, {}],
  ['a signature that is no base64', { ...signed(), 'webhook-signature': 'v1,???' }, BODY, {}],
  ['a time that is none', { ...signed(), 'webhook-timestamp': 'soon' }, BODY, {}],
])('%s is refused', async (_, headers, body, options) => {
  expect(await verifyWebhook(SECRET, headers, body, { now: NOW, ...options })).toMatchObject({ ok: false });
});

test('a secret that is none is the caller’s fault', async () => {
  await expect(verifyWebhook('whsec_???', signed(), BODY, { now: NOW })).rejects.toThrow(TypeError);
});
