import { deflateRawSync } from 'node:zlib';
import { CompactEncrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  type AsymmetricJweConfig,
  IDENTITY_LIMITS,
  JWE_CONTENT_KEY,
  type JweContent,
  SYMMETRIC_JWE,
  type SymmetricJweConfig,
} from './key-config.ts';
import { encryptedTokenId, signedTokenId } from './token-id.ts';
import {
  claims,
  ecPair,
  hs256,
  identifierWith,
  outcome,
  privatePemOf,
  rsaPair,
  SHARED,
  userOf,
} from './tokens.fixture.ts';

const XANO: SymmetricJweConfig = {
  kind: 'jwe',
  id: 'xano',
  alg: 'A256KW',
  enc: 'A256CBC-HS512',
  secret: '0123456789abcdef0123456789abcdef',
};
const bytesOf = ({ secret }: SymmetricJweConfig) => new TextEncoder().encode(secret);

function seal(text: string, config: SymmetricJweConfig = XANO, header: object = {}): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: config.alg, enc: config.enc, ...header })
    .encrypt(bytesOf(config));
}

const sealed = (more: object = {}, header: object = {}) => seal(JSON.stringify(claims(more)), XANO, header);

describe('encrypted with a symmetric key', () => {
  const sizes = { dir: 0, A128KW: 16, A192KW: 24, A256KW: 32, A128GCMKW: 16, A192GCMKW: 24, A256GCMKW: 32 };
  const contents = Object.keys(JWE_CONTENT_KEY) as JweContent[];
  const pairs = SYMMETRIC_JWE.flatMap((alg) => contents.map((enc) => [alg, enc] as const));
  test.each(pairs)('%s and %s: claims prove the user', async (alg, enc) => {
    const secret = 's'.repeat(alg === 'dir' ? JWE_CONTENT_KEY[enc] : sizes[alg]);
    const config: SymmetricJweConfig = { ...XANO, alg, enc, secret };
    const token = await seal(JSON.stringify(claims()), config);
    expect(await outcome(identifierWith([config]), token)).toBe('user alice');
    const other = { ...config, secret: 'o'.repeat(secret.length) };
    expect(await outcome(identifierWith([other]), token)).toBe('identity.bad-signature');
  });

  test('a compressed token of the shape Xano makes: A256KW, A256CBC-HS512, DEF', async () => {
    const token = await sealed({ dbo_id: 12, row_id: 7, extras: { role: 'host' }, jti: 'x' }, { zip: 'DEF' });
    const user = await userOf(identifierWith([XANO]), token);
    expect(user).toMatchObject({ user: 'alice', table: 12, row: 7, extras: { role: 'host' } });
    expect(user.credentials).toEqual([
      expect.objectContaining({ id: encryptedTokenId(token), key: 'xano', jti: 'x', type: 'jwt' }),
    ]);
  });

  test('one that unpacks to more than `limits.token` is refused', async () => {
    const limits = { ...IDENTITY_LIMITS, token: 2_000 };
    const identifier = identifierWith([XANO], { config: { limits } });
    const fits = JSON.stringify(claims({ pad: 'x'.repeat(1_900) }));
    expect(Buffer.byteLength(fits)).toBeLessThan(2_000);
    expect(await outcome(identifier, await seal(fits, XANO, { zip: 'DEF' }))).toBe('user alice');
    const bomb = JSON.stringify(claims({ pad: 'x'.repeat(20_000_000) }));
    const token = await seal(bomb, XANO, { zip: 'DEF' });
    expect(await outcome(identifierWith([XANO]), token)).toBe('identity.malformed');
    expect(deflateRawSync(bomb).byteLength).toBeLessThan(IDENTITY_LIMITS.token);
  });

  test('one that says it is compressed and is not is malformed', async () => {
    const zipped = await sealed({}, { zip: 'DEF' });
    const segments = zipped.split('.');
    const header = Buffer.from(JSON.stringify({ alg: XANO.alg, enc: XANO.enc })).toString('base64url');
    expect(await outcome(identifierWith([XANO]), [header, ...segments.slice(1)].join('.'))).toBe(
      'identity.bad-signature',
    );
  });

  test('algorithms other than the configured pair are refused', async () => {
    const identifier = identifierWith([XANO]);
    const cases: SymmetricJweConfig[] = [
      { ...XANO, enc: 'A256GCM' },
      { ...XANO, alg: 'A256GCMKW' },
      { ...XANO, alg: 'dir', enc: 'A256GCM' },
    ];
    for (const config of cases) {
      expect(await outcome(identifier, await seal(JSON.stringify(claims()), config))).toBe('identity.bad-signature');
    }
  });

  test('password-based wrapping is refused before it costs anything', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'PBES2-HS512+A256KW', enc: XANO.enc, p2c: 1e9, p2s: 'AAAA' }));
    const token = `${header.toString('base64url')}.AAAA.AAAA.AAAA.AAAA`;
    expect(await outcome(identifierWith([XANO]), token)).toBe('identity.bad-signature');
  });

  test('claims are held to the same rules as those of a JWT', async () => {
    const identifier = identifierWith([{ ...XANO, audience: ['rt'], users: 'x' }]);
    expect(await outcome(identifier, await sealed())).toBe('identity.wrong-audience');
    expect(await outcome(identifier, await sealed({ aud: 'rt' }))).toBe('user x:alice');
    expect(await outcome(identifier, await sealed({ aud: 'rt', exp: 1 }))).toBe('identity.expired');
    expect(await outcome(identifier, await sealed({ aud: 'rt', exp: undefined }))).toBe('identity.malformed');
  });

  test('a signed JWT inside is vouched for by its own key', async () => {
    const inner = hs256(claims());
    const token = await seal(inner, XANO, { cty: 'JWT' });
    const user = await userOf(identifierWith([XANO, SHARED]), token);
    expect(user.credentials).toEqual([expect.objectContaining({ id: signedTokenId(inner), key: 'main' })]);
    expect(await outcome(identifierWith([XANO]), token)).toBe('identity.bad-signature');
  });

  test.each([['null'], ['[]'], ['"x"'], ['a.b'], ['a..'], ['']])(
    'what is neither claims nor a JWT is malformed: %j',
    async (text) => {
      expect(await outcome(identifierWith([XANO, SHARED]), await seal(text))).toBe('identity.malformed');
    },
  );

  test('a JWE inside a JWE is malformed', async () => {
    expect(await outcome(identifierWith([XANO]), await seal(await sealed()))).toBe('identity.malformed');
  });
});

describe('encrypted to a public key', () => {
  const rsa = rsaPair();
  const ec = ecPair();
  const wraps: readonly (readonly [AsymmetricJweConfig, typeof rsa])[] = [
    [{ kind: 'jwe-private', id: 'in', alg: 'RSA-OAEP-256', enc: 'A256GCM', pem: privatePemOf(rsa.privateKey) }, rsa],
    [{ kind: 'jwe-private', id: 'in', alg: 'ECDH-ES', enc: 'A256GCM', pem: privatePemOf(ec.privateKey) }, ec],
    [{ kind: 'jwe-private', id: 'in', alg: 'ECDH-ES+A256KW', enc: 'A128GCM', pem: privatePemOf(ec.privateKey) }, ec],
  ];
  test.each(wraps)('a signed JWT proves its user, bare claims prove nothing', async (config, pair) => {
    const wrap = (text: string) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: config.alg, enc: config.enc })
        .encrypt(pair.publicKey);
    const identifier = identifierWith([config, SHARED]);
    expect(await outcome(identifier, await wrap(hs256(claims())))).toBe('user alice');
    expect(await outcome(identifier, await wrap(JSON.stringify(claims())))).toBe('identity.bad-signature');
    expect(await outcome(identifier, await wrap(hs256(claims(), 'a-secret-that-nobody-configured-here')))).toBe(
      'identity.bad-signature',
    );
  });

  test('wrapping a revoked JWT anew does not give it another id', async () => {
    const [config, pair] = wraps[0] ?? [];
    if (!config || !pair) throw new Error('no case');
    const identifier = identifierWith([config, SHARED]);
    const inner = hs256(claims());
    const wrap = () =>
      new CompactEncrypt(new TextEncoder().encode(inner))
        .setProtectedHeader({ alg: config.alg, enc: config.enc })
        .encrypt(pair.publicKey);
    const users = [
      await userOf(identifier, await wrap()),
      await userOf(identifier, await wrap()),
      await userOf(identifier, inner),
    ];
    expect(new Set(users.map((user) => user.credentials[0]?.id)).size).toBe(1);
  });
});
