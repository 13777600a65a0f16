export type * from './access.ts';
export * from './audience.ts';
export * from './client-view.ts';
export * from './codes.ts';
export { compilePolicy, ruleFor, ruleWithTarget } from './compile-policy.ts';
export { RuleIndex } from './compiled/rule-index.ts';
export * from './decide.ts';
export type * from './decision.ts';
export { countsAsAuthenticated } from './gates/authenticated.ts';
export { PERMISSIONS } from './grant/check-grant.ts';
export * from './grant/grant.ts';
export { GRANT_LIMITS } from './grant/grant-limits.ts';
export { issuedAfter } from './grant/issued-after.ts';
export { type GlobWarning, likelyGlob } from './grant/likely-glob.ts';
export { mintGrant } from './grant/mint-grant.ts';
export { looksLikeGrant, parseGrant } from './grant/parse-grant.ts';
export { checkPattern, type PatternCheck } from './grant/pattern.ts';
export * from './grant/token.ts';
export { verifyGrant } from './grant/verify-grant.ts';
export { exampleName } from './lint/example-name.ts';
export type * from './lint/lint.ts';
export { lintPatterns } from './lint/lint-patterns.ts';
export { lintRules } from './lint/lint-rules.ts';
export { baseOfPresence, NAME_MAX_BYTES, type ParsedName, parseName, presenceName, utf8Length } from './name.ts';
export { didYouMean, nearest } from './nearest.ts';
export * from './operations.ts';
export type * from './policy.ts';
export * from './principal.ts';
export type * from './request.ts';
export type * from './rule.ts';
export { conflictingRule } from './rule-conflict.ts';
export * from './rule-spec.ts';
export type * from './standing.ts';
export {
  type CompiledTarget,
  capturesOf,
  compileTarget,
  matchesCompiled,
  matchesTarget,
  type Target,
  type TargetCheck,
  validateTarget,
} from './target.ts';
export * from './templates.ts';
export { uniformRule } from './uniform-rule.ts';
export { parseWildcard, wildcardHolds } from './wildcard.ts';
