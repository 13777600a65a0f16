import type { AccessSettings, Features } from '../access.ts';

/** Everything offered, what is for servers by default for servers. */
export const FEATURES: Features = {
  presence: true,
  history: true,
  deleteHistory: true,
  groups: true,
  appContext: true,
  files: true,
  reactions: true,
  signals: true,
  wildcards: true,
  revoke: true,
  globalHereNow: 'server',
  listAll: 'server',
};

/** The configuration's defaults for an app with a connection hash: rules on, grants off. Tests change what they are about. */
export const SETTINGS: AccessSettings = {
  enabled: true,
  rules: true,
  grants: false,
  open: false,
  patternMatch: 'full',
  unboundTokens: 'stated',
  groupAdd: 'covered',
  explainToClients: 'full',
  historyMax: 1_000,
  historyDefault: 1_000,
  historyWiden: false,
  wildcardDots: 2,
  features: FEATURES,
};
