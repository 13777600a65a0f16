import { describe, expect, test } from 'vitest';
import { checkKeys } from './check-keys.ts';
import type { IdentityKeyConfig } from './key-config.ts';
import { ecPair, identifierWith, identityOf, pemOf, privatePemOf, rsaPair, SHARED } from './tokens.fixture.ts';

const JWKS: IdentityKeyConfig = {
  kind: 'jwks',
  id: 'idp',
  alg: 'RS256',
  jwks: 'https://id.example/keys',
  issuer: 'https://id.example',
  audience: ['rt'],
};
const JWE: IdentityKeyConfig = { kind: 'jwe', id: 'jwe', alg: 'A256KW', enc: 'A256GCM', secret: 'k'.repeat(32) };
const rsa = rsaPair();
const ec = ecPair();
const problems = (keys: readonly IdentityKeyConfig[], outbound: 'deny' | 'allow' = 'deny') =>
  checkKeys(identityOf(keys, { grantSecrets: [{ id: 'grants', secret: 's' }] }), { private: outbound });

test('keys that are in order have no problems', () => {
  const rsaPkcs1 = rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  expect(
    problems([
      SHARED,
      JWKS,
      JWE,
      { kind: 'pem', id: 'rsa', alg: 'RS256', pem: pemOf(rsa.publicKey) },
      { kind: 'pem', id: 'rsa1', alg: 'RS256', pem: rsaPkcs1 },
      { kind: 'pem', id: 'ec', alg: 'ES256', pem: pemOf(ec.publicKey) },
      { ...JWE, id: 'dir', alg: 'dir', enc: 'A256CBC-HS512', secret: 'k'.repeat(64) },
    ]),
  ).toEqual([]);
});

describe('a problem is found with', () => {
  const pem = (alg: 'RS256' | 'ES256', text: string): IdentityKeyConfig => ({ kind: 'pem', id: 'k', alg, pem: text });
  const cases: readonly (readonly [string, IdentityKeyConfig, RegExp])[] = [
    ['a short secret', { ...SHARED, secret: 'x'.repeat(31) }, /at least 32 bytes/],
    ['a short secret in base64', { ...SHARED, secret: 'x'.repeat(40), encoding: 'base64' }, /at least 32 bytes/],
    ['a secret that is not base64', { ...SHARED, secret: `${'x'.repeat(50)}!`, encoding: 'base64' }, /not base64/],
    ['a PEM as a secret', { ...SHARED, secret: pemOf(rsa.publicKey) }, /not a PEM/],
    [
      'a PEM as a secret in base64',
      { ...SHARED, secret: Buffer.from(pemOf(rsa.publicKey)).toString('base64'), encoding: 'base64' },
      /not a PEM/,
    ],
    ['a JWK as a secret', { ...SHARED, secret: JSON.stringify(rsa.publicKey.export({ format: 'jwk' })) }, /not a JWK/],
    ['a private PEM', pem('RS256', privatePemOf(rsa.privateKey)), /private key/],
    ['a PEM that is none', pem('RS256', 'hello'), /no public key/],
    ['a small RSA key', pem('RS256', pemOf(rsaPair(1_024).publicKey)), /2048 bits/],
    ['an EC key for RS256', pem('RS256', pemOf(ec.publicKey)), /RSA key/],
    ['an RSA key for ES256', pem('ES256', pemOf(rsa.publicKey)), /P-256/],
    ['a key on another curve', pem('ES256', pemOf(ecPair('P-384').publicKey)), /P-256/],
    ['a key set over http', { ...JWKS, jwks: 'http://id.example/keys' }, /https/],
    ['a key set over http on this machine', { ...JWKS, jwks: 'http://127.0.0.1/keys' }, /https/],
    ['a key set with a password', { ...JWKS, jwks: 'https://a:b@id.example/keys' }, /password/],
    ['a key set that is a file', { ...JWKS, jwks: 'file:///etc/passwd' }, /https/],
    ['a key set that is no URL', { ...JWKS, jwks: 'keys' }, /no URL/],
    ['a key set for every audience', { ...JWKS, audience: [] }, /issuer and an audience/],
    ['a key set of any issuer', { ...JWKS, issuer: '' }, /issuer and an audience/],
    ['a JWE secret of the wrong length', { ...JWE, secret: 'k'.repeat(33) }, /exactly 32 bytes/],
    [
      'a JWE private key of the wrong kind',
      { kind: 'jwe-private', id: 'k', alg: 'RSA-OAEP-256', enc: 'A256GCM', pem: privatePemOf(ec.privateKey) },
      /RSA key/,
    ],
    ['a users name with a colon', { ...SHARED, users: 'a:b' }, /":"/],
    ['an empty users name', { ...SHARED, users: '' }, /empty/],
    ['an id with a slash', { ...SHARED, id: 'a/b' }, /"\/"/],
    ['the id of a grant secret', { ...SHARED, id: 'grants' }, /id of another/],
  ];
  test.each(cases)('%s', (_, config, message) => {
    const found = problems([config]);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(message);
    expect(() => identifierWith([config], { config: { grantSecrets: [{ id: 'grants', secret: 's' }] } })).toThrow(
      TypeError,
    );
  });

  test('two keys of one id', () => {
    expect(problems([SHARED, { ...JWE, id: 'main' }]).map(({ key }) => key)).toEqual(['main', 'main']);
  });
});

test('http is for key sets on this machine, where the operator lets requests go there', () => {
  for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:99', '127.9.9.9']) {
    expect(problems([{ ...JWKS, jwks: `http://${host}/keys` }], 'allow')).toEqual([]);
  }
  for (const host of ['10.0.0.1', 'id.example', 'localhost.example', '[fd00::1]']) {
    expect(problems([{ ...JWKS, jwks: `http://${host}/keys` }], 'allow')).toHaveLength(1);
  }
});

test('no problem repeats what it is about', () => {
  const secret = 'zebra-secret-zebra';
  for (const { message } of problems([
    { ...SHARED, secret },
    { ...SHARED, id: 'x', secret: `${secret}!`, encoding: 'base64' },
  ])) {
    expect(message).not.toContain('zebra');
  }
});
