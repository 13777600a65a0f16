export { checkKeys, type KeyProblem } from './check-keys.ts';
export type * from './identified.ts';
export { type CredentialsOutcome, Identifier, type IdentifierDeps, type OutboundLimits } from './identifier.ts';
export { JWKS_TIMING } from './jwks/jwks-source.ts';
export * from './key-config.ts';
export * from './mint-user-token.ts';
export type * from './outbound/fetch-document.ts';
export { createGuardedFetch, type OutboundPolicy } from './outbound/guarded-fetch.ts';
