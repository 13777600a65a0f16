/** The five templates in the order of the page, with the one sentence each that a newcomer needs. */
export const templates = [
  { template: 'open-chat', title: 'Open chat', sentence: 'Anybody comes in, sees who is here and speaks to everyone.' },
  {
    template: 'read-open-write-signed-in',
    title: 'Read openly, write signed in',
    sentence: 'Anybody comes in and reads along. Only the signed-in speak.',
  },
  {
    template: 'notifications',
    title: 'Notifications',
    sentence: 'The server speaks, everybody listens. No client can send.',
  },
  {
    template: 'members-only',
    title: 'Members only',
    sentence: 'Only the signed-in come in, and they speak among themselves.',
  },
  {
    template: 'members-with-direct-messages',
    title: 'Members and direct messages',
    sentence: 'As members only; and any two of them can speak in private.',
  },
];

/** The switches of a rule, as lamps; `codes` are the refusals that each one answers for. */
export const switches = [
  { key: 'anonymousClients', label: 'Anonymous clients', codes: ['channel.anonymous-not-allowed'] },
  { key: 'presence', label: 'Presence', codes: ['channel.presence-off'] },
  {
    key: 'publicMessaging',
    label: 'Public messages',
    codes: ['channel.public-messaging-off', 'channel.public-messaging-authenticated-only'],
  },
  {
    key: 'authenticatedMessaging',
    label: 'Authenticated messages',
    codes: ['channel.authenticated-messaging-off', 'channel.authenticated-messaging-authenticated-only'],
  },
  {
    key: 'privateMessaging',
    label: 'Private messages',
    codes: ['channel.private-messaging-off', 'channel.private-messaging-authenticated-only'],
  },
];
