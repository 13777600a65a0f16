export { appDefinition, type SigningSecret, signingSecrets } from './app-definition.ts';
export { checkUniqueness } from './checks/uniqueness.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { type Flags, type Loaded, loadConfig, loadText } from './load.ts';
export { isLoopback } from './loopback.ts';
export { type Parsed, parseAppSettings, parseRuleSpec } from './parse-request.ts';
export { formatProblem, type Problem } from './problem.ts';
export { parseSize } from './size.ts';
export type * from './types.ts';
