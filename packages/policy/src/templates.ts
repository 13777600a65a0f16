import type { RuleSpec } from './rule.ts';

/** The switches a template sets; all that is not named has its default. */
export type Template = Pick<
  RuleSpec,
  'anonymousClients' | 'presence' | 'publicMessaging' | 'authenticatedMessaging' | 'privateMessaging'
> & { readonly description: string };

const off = { enabled: false, authenticatedOnly: false };
const on = { enabled: true, authenticatedOnly: false };
const signedIn = { enabled: true, authenticatedOnly: true };

/** The five ready-made permission sets (`authority.md` §4), offered by the API, the CLI and the console. */
export const TEMPLATES = {
  'open-chat': {
    description: 'Everyone connects and sends, anonymously too',
    anonymousClients: true,
    presence: true,
    publicMessaging: on,
    authenticatedMessaging: false,
    privateMessaging: off,
  },
  'read-open-write-signed-in': {
    description: 'Everyone connects, only signed-in clients send',
    anonymousClients: true,
    presence: true,
    publicMessaging: signedIn,
    authenticatedMessaging: false,
    privateMessaging: off,
  },
  notifications: {
    description: 'Everyone connects, only the server sends',
    anonymousClients: true,
    presence: false,
    publicMessaging: off,
    authenticatedMessaging: false,
    privateMessaging: off,
  },
  'members-only': {
    description: 'Only signed-in clients connect and send',
    anonymousClients: false,
    presence: true,
    publicMessaging: off,
    authenticatedMessaging: true,
    privateMessaging: off,
  },
  'members-with-direct-messages': {
    description: 'Only signed-in clients connect and send, also to one another',
    anonymousClients: false,
    presence: true,
    publicMessaging: off,
    authenticatedMessaging: true,
    privateMessaging: signedIn,
  },
} as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof TEMPLATES;
