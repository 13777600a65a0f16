// One app with one open channel, as an operator's file would give it.
export const LIMITS = {
  message: 32 * 1024,
  messageDepth: 64,
  channelsPerConnection: 2000,
  sendBuffer: 1024 * 1024,
  inSocket: 64 * 1024,
  joinTimeout: 30_000,
  rosterMax: 1000,
  extras: 2048,
  pendingCommands: 1000,
  ratePerConnection: Number.POSITIVE_INFINITY,
  ratePerUser: Number.POSITIVE_INFINITY,
  ratePerChannel: Number.POSITIVE_INFINITY,
  ratePerApp: Number.POSITIVE_INFINITY,
};

export const SETTINGS = {
  enabled: true,
  rules: true,
  grants: false,
  open: false,
  patternMatch: 'full',
  unboundTokens: 'stated',
  groupAdd: 'covered',
  explainToClients: 'short',
  historyMax: 1000,
  historyDefault: 0,
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

export function openRule(target) {
  const open = { enabled: true, authenticatedOnly: false };
  return {
    id: 1,
    version: 1,
    target,
    nested: target.includes('*'),
    enabled: true,
    description: '',
    anonymousClients: true,
    presence: true,
    publicMessaging: open,
    authenticatedMessaging: true,
    privateMessaging: open,
    history: 0,
    origin: 'file',
  };
}
