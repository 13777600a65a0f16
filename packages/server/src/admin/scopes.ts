/** What an API key may be allowed, one word per kind of call. The admin token has all of them. */
export const SCOPES = {
  read: 'Read settings and rules of apps.',
  apps: 'Make, change and delete apps.',
  rules: 'Make, change and delete rules.',
  triggers: 'Make, change, try and delete triggers, and see their runs.',
  publish: 'Send server events.',
  grants: 'Mint permission tokens.',
  tokens: 'Mint tokens that prove a user.',
  revoke: 'Revoke and ban, and take either back.',
  live: 'See channels and sessions.',
  kick: 'Cut sessions and take users off channels.',
  explain: 'Ask for a decision and its steps.',
  actions: 'Make, change and delete listeners, and see and replay what they could not hand over.',
  audit: 'Read the trail and the counts of refusals.',
  metrics: 'Read the metrics.',
  keys: 'Make, list and revoke API keys, with no more than its own scopes.',
  act: 'Be a server on the doors of its app, and send server events.',
} as const;

export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/** Who makes a management call. */
export interface Actor {
  /** As the audit trail names it: `admin`, or `key:` and the key's id. */
  readonly name: string;
  /** The one app it may touch; `null`: all. */
  readonly app: string | null;
  readonly scopes: ReadonlySet<Scope>;
}

/** Whether the actor has the scope, by itself or within a wider one. */
export function may({ scopes }: Actor, scope: Scope): boolean {
  return scopes.has(scope) || (scope === 'publish' && scopes.has('act'));
}

export const ADMIN: Actor = { name: 'admin', app: null, scopes: new Set(SCOPE_NAMES) };
