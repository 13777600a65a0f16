import * as v from 'valibot';
import { ASYMMETRIC_JWE, JWE_CONTENT_KEY, type JweContent, SYMMETRIC_JWE } from '../../identity/key-config.ts';
import { choice, leaf, text, url } from '../leaf.ts';
import { listKey, optionalKey, requiredKey } from '../section.ts';
import { KEY, USER_PREFIX } from './forms.ts';

const pem = leaf<string>('PEM text', (input) => {
  if (typeof input !== 'string') return { fault: 'expected PEM text' };
  const value = input.replaceAll('\\n', '\n').trim();
  return /^-----BEGIN [A-Z ]+-----/.test(value)
    ? { value }
    : { fault: 'expected PEM text that begins with -----BEGIN' };
});

const audience = leaf<readonly string[]>('text or list of texts', (input) => {
  const list = typeof input === 'string' ? [input] : input;
  const right = Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string' && item !== '');
  return right ? { value: list } : { fault: 'expected one audience or a list of them' };
});

const CONTENT = Object.keys(JWE_CONTENT_KEY) as readonly JweContent[];

/** One key, with exactly one algorithm. Which keys go together is checked in `checks/identity.ts`. */
export const jwtSchema = v.object({
  id: optionalKey(text('name', KEY), 'What a revocation by key names.', 'made from the key itself'),
  alg: requiredKey(
    choice(['HS256', 'RS256', 'ES256', ...SYMMETRIC_JWE, ...ASYMMETRIC_JWE]),
    'The one algorithm that is accepted with this key. `HS256` needs `secret`, `RS256` and `ES256` need `pem` or `jwks`. The others are JWE: the symmetric ones need `secret`, the asymmetric ones a private `pem`, and then only a JWT signed with another key is accepted inside.',
  ),
  enc: optionalKey(choice(CONTENT), 'JWE: the one content encryption accepted.', '`A256CBC-HS512`, JWE only'),
  secret: optionalKey(text('secret'), 'Shared secret: at least 32 bytes; for JWE exactly as many as `alg` takes.'),
  encoding: optionalKey(choice(['text', 'base64']), 'How `secret` is written.', '`text`'),
  pem: optionalKey(pem, 'Public key; for an asymmetric JWE the private key (PKCS#8).'),
  jwks: optionalKey(url(), 'Where the issuer publishes its keys; `issuer` and `audience` are then required.'),
  kid: optionalKey(text('text', { max: 256 }), 'A token that names a key id has to name this one.', 'not checked'),
  issuer: optionalKey(text('text', { max: 1_024 }), 'What `iss` must be.', 'not checked'),
  audience: optionalKey(audience, 'What `aud` must name one of.', 'not checked'),
  users: optionalKey(text('name', USER_PREFIX), 'Prefix of all its users: `sub` `7` becomes the user `NAME:7`.'),
});

export const identitySchema = v.object({
  jwt: listKey(jwtSchema, 'Keys that clients’ JWTs verify with.'),
});
