import type { AccessSettings } from '@portcullis/policy';

/** What an app has that says nothing: rules on, grants off, all features, refusals told exactly. */
export const SETTINGS: AccessSettings = {
  enabled: true,
  rules: true,
  grants: false,
  open: false,
  patternMatch: 'full',
  unboundTokens: 'stated',
  groupAdd: 'covered',
  wildcardDots: 2,
  explainToClients: 'full',
  historyMax: 1_000,
  historyDefault: 1_000,
  historyWiden: false,
  features: {
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
  },
};
