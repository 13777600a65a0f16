/**
 * What an app's tokens are verified with, as the configuration hands it over. One entry, one algorithm: the token never
 * chooses between two.
 */
export type IdentityKeyConfig =
  | SecretKeyConfig
  | PemKeyConfig
  | JwksKeyConfig
  | SymmetricJweConfig
  | AsymmetricJweConfig;

/** What a key may vouch for. */
export interface KeyScope {
  /** `iss` has to be this. */
  readonly issuer?: string;
  /** `aud` has to name one of these. */
  readonly audience?: readonly string[];
  /** Namespace of the key's users and tables (`NAME:`), so that two issuers cannot speak for one user. */
  readonly users?: string;
}

interface KeyCommon extends KeyScope {
  /** Unique among the app's keys and grant secrets: what a revocation by key names. Holds no `/`. */
  readonly id: string;
  /** When given, a token that names a key id has to name this one. */
  readonly kid?: string;
}

/** `text`: the bytes of the string in UTF-8. `base64`: either alphabet, padded or not. */
export type SecretEncoding = 'text' | 'base64';

export interface SecretKeyConfig extends KeyCommon {
  readonly kind: 'secret';
  readonly alg: 'HS256';
  /** At least 32 bytes; not a PEM, which is what a confusion of shared secret and public key would look like. */
  readonly secret: string;
  readonly encoding?: SecretEncoding;
}

export type PublicAlgorithm = 'RS256' | 'ES256';

export interface PemKeyConfig extends KeyCommon {
  readonly kind: 'pem';
  readonly alg: PublicAlgorithm;
  /** Public key (SPKI or PKCS#1) or certificate. */
  readonly pem: string;
}

export interface JwksKeyConfig extends KeyCommon {
  readonly kind: 'jwks';
  readonly alg: PublicAlgorithm;
  /** `https:` URL; `http:` to a loopback address when `server.outbound.private` is `allow`. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: readonly string[];
}

export const SYMMETRIC_JWE = ['dir', 'A128KW', 'A192KW', 'A256KW', 'A128GCMKW', 'A192GCMKW', 'A256GCMKW'] as const;
export type SymmetricJwe = (typeof SYMMETRIC_JWE)[number];
export const ASYMMETRIC_JWE = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'] as const;
export type AsymmetricJwe = (typeof ASYMMETRIC_JWE)[number];
/** Content encryption to the length of its key in bytes (RFC 7518 §5.1). */
export const JWE_CONTENT_KEY = {
  'A128CBC-HS256': 32,
  'A192CBC-HS384': 48,
  'A256CBC-HS512': 64,
  A128GCM: 16,
  A192GCM: 24,
  A256GCM: 32,
} as const;
export type JweContent = keyof typeof JWE_CONTENT_KEY;

/** The holder of the secret vouches for the claims: encryption with it is authenticated. */
export interface SymmetricJweConfig extends KeyCommon {
  readonly kind: 'jwe';
  readonly alg: SymmetricJwe;
  readonly enc: JweContent;
  /** Exactly as many bytes as `alg` (for `dir`: `enc`) takes. */
  readonly secret: string;
  readonly encoding?: SecretEncoding;
}

/** Anyone can encrypt to a public key, so what is inside has to be a JWT signed by another key of the app. */
export interface AsymmetricJweConfig extends Omit<KeyCommon, keyof KeyScope> {
  readonly kind: 'jwe-private';
  readonly alg: AsymmetricJwe;
  readonly enc: JweContent;
  /** Private key, PKCS#8. */
  readonly pem: string;
}

/** Bounds of one app's tokens. Sizes in bytes. */
export interface IdentityLimits {
  /** One token as text, and what a compressed one unpacks to. */
  readonly token: number;
  /** JSON text of `extras`. */
  readonly extras: number;
  /** Levels of nesting in `extras`. */
  readonly messageDepth: number;
  /** One user id, also as a row or table. */
  readonly userId: number;
  /** Verified tokens remembered, so that the next request with one of them answers without cryptography. */
  readonly verifiedTokens: number;
}

/** As the configuration has them by default, under `limits`. */
export const IDENTITY_LIMITS: IdentityLimits = {
  token: 65_536,
  extras: 2_048,
  messageDepth: 32,
  userId: 255,
  verifiedTokens: 10_000,
};

/** How proofs become principals in one app. */
export interface IdentityConfig {
  readonly app: string;
  readonly keys: readonly IdentityKeyConfig[];
  /** Signing secrets of permission tokens: the active one and, while rotating, its predecessor. */
  readonly grantSecrets: readonly { readonly id: string; readonly secret: string }[];
  readonly limits: IdentityLimits;
}
