import { checkKeys } from '../../identity/check-keys.ts';
import { ASYMMETRIC_JWE, JWE_CONTENT_KEY, SYMMETRIC_JWE } from '../../identity/key-config.ts';
import { signingSecrets } from '../app-definition.ts';
import { resolveJwt } from '../jwt-key.ts';
import { isLoopback } from '../loopback.ts';
import type { SettingsInput } from '../resolve.ts';
import type { JwtInput } from '../schema/root.ts';
import type { Path } from '../source.ts';
import { error, type Finding, type Surroundings, warning } from './check.ts';

type Name = keyof JwtInput;
const MATERIAL = ['secret', 'pem', 'jwks'] as const;
const SHORTEST_SHARED = 32;

/** What an algorithm takes (one of `material`), and which further keys mean something beside it. */
interface Takes {
  readonly material: readonly (typeof MATERIAL)[number][];
  readonly beside: readonly Name[];
}

const CLAIMS: readonly Name[] = ['issuer', 'audience', 'users'];
const TAKES = new Map<string, Takes>([
  ['HS256', { material: ['secret'], beside: ['encoding', ...CLAIMS] }],
  ['RS256', { material: ['pem', 'jwks'], beside: CLAIMS }],
  ['ES256', { material: ['pem', 'jwks'], beside: CLAIMS }],
  ...SYMMETRIC_JWE.map((alg): [string, Takes] => [
    alg,
    { material: ['secret'], beside: ['enc', 'encoding', ...CLAIMS] },
  ]),
  ...ASYMMETRIC_JWE.map((alg): [string, Takes] => [alg, { material: ['pem'], beside: ['enc'] }]),
]);
const ALWAYS: readonly Name[] = ['id', 'alg', 'kid'];

/** The app's keys: first their shape, and when that is right, whether they can be read and are used only once. */
export function checkIdentity(app: SettingsInput, at: Path, server: Surroundings): Finding[] {
  const path = [...at, 'identity', 'jwt'];
  const findings = checkJwtKeys(app.identity.jwt, path, server);
  if (findings.some(({ level }) => level === 'error')) return findings;
  const keys = app.identity.jwt.map(resolveJwt);
  const problems = checkKeys({ keys, grantSecrets: signingSecrets(app), limits: app.limits }, server.outbound);
  return [
    ...findings,
    ...problems.map(({ key, message }) => error([...path, keys.findIndex(({ id }) => id === key)], message)),
  ];
}

/** One algorithm per key, with what that algorithm needs and nothing else. */
function checkJwtKeys(keys: readonly JwtInput[], at: Path, server: Surroundings): Finding[] {
  const ids = new Set<string>();
  return keys.flatMap((key, index) => {
    const path = [...at, index];
    const twice = key.id !== undefined && ids.has(key.id);
    if (key.id !== undefined) ids.add(key.id);
    return [
      ...(twice ? [error([...path, 'id'], 'is the id of another key')] : []),
      ...checkParts(key, path),
      ...checkSecret(key, [...path, 'secret']),
      ...checkPem(key, [...path, 'pem']),
      ...checkJwks(key, path, server),
      ...checkAudience(key, path),
    ];
  });
}

function checkParts(key: JwtInput, path: Path): Finding[] {
  const { material, beside } = TAKES.get(key.alg) ?? { material: [], beside: [] };
  const legal = new Set<string>([...ALWAYS, ...material, ...beside]);
  const strays = Object.keys(key).filter((name) => !legal.has(name));
  if (strays.length > 0) {
    return strays.map((name) =>
      error([...path, name], `does not go with ${key.alg}, which takes ${material.join(' or ')}`),
    );
  }
  const given = MATERIAL.filter((name) => key[name] !== undefined);
  if (given.length === 0) return [error(path, `${key.alg} needs ${material.join(' or ')}`)];
  return given.length > 1 ? [error(path, `${given.join(' and ')} exclude each other`)] : [];
}

function checkSecret({ alg, enc = 'A256CBC-HS512', secret, encoding }: JwtInput, path: Path): Finding[] {
  if (secret === undefined) return [];
  if (secret.includes('-----BEGIN')) return [error(path, 'is PEM: a public key is no shared secret')];
  if (encoding === 'base64' && !/^[A-Za-z0-9+/_-]+={0,2}$/.test(secret)) return [error(path, 'is not base64')];
  const bytes = Buffer.from(secret, encoding === 'base64' ? 'base64' : 'utf8').length;
  if (alg === 'HS256') {
    return bytes < SHORTEST_SHARED ? [error(path, `needs at least ${SHORTEST_SHARED} bytes, has ${bytes}`)] : [];
  }
  const needs = alg === 'dir' ? JWE_CONTENT_KEY[enc] : Number(/^A(\d+)/.exec(alg)?.[1]) / 8;
  const what = alg === 'dir' ? `dir with ${enc}` : alg;
  return bytes === needs || Number.isNaN(needs)
    ? []
    : [error(path, `needs exactly ${needs} bytes for ${what}, has ${bytes}`)];
}

function checkPem({ alg, pem }: JwtInput, path: Path): Finding[] {
  if (pem === undefined) return [];
  const isPrivate = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem);
  const wantsPrivate = ASYMMETRIC_JWE.some((name) => name === alg);
  if (isPrivate === wantsPrivate) return [];
  return [
    error(
      path,
      wantsPrivate ? `must be the private key for ${alg}` : 'is a private key; only the public one belongs here',
    ),
  ];
}

function checkJwks({ jwks, issuer, audience }: JwtInput, path: Path, { outbound }: Surroundings): Finding[] {
  if (jwks === undefined) return [];
  const findings: Finding[] = [];
  if (issuer === undefined) findings.push(error([...path, 'issuer'], 'is required with jwks'));
  if (audience === undefined) findings.push(error([...path, 'audience'], 'is required with jwks'));
  const { protocol, hostname } = new URL(jwks);
  const here = isLoopback(hostname);
  if (here && outbound.private !== 'allow') {
    findings.push(error([...path, 'jwks'], 'is on this machine, which needs server.outbound.private: allow'));
  } else if (!here && protocol !== 'https:') findings.push(error([...path, 'jwks'], 'must be https'));
  return findings;
}

function checkAudience({ pem, issuer, audience }: JwtInput, path: Path): Finding[] {
  const foreign = pem !== undefined && issuer !== undefined && audience === undefined;
  return foreign
    ? [warning([...path, 'audience'], 'is not checked: a token its issuer made for another service is accepted')]
    : [];
}
