/**
 * How a client's connection lives. A row says what may happen while it is so, and what it is then; whatever a row does
 * not name changes nothing.
 */
export const LIFE = {
  /** Not begun, or over for good: closed by its owner, or refused by the server. */
  closed: { open: 'authorising' },
  /** Waits for the app's `getToken`. */
  authorising: { token: 'connecting', lost: 'waiting', end: 'closed' },
  /** The socket opens, and the server is asked to let it in. */
  connecting: { welcome: 'connected', lost: 'waiting', end: 'closed' },
  /** Channels are joined, messages flow. */
  connected: { lost: 'waiting', end: 'closed' },
  /** A random while, longer each time, until it tries again. */
  waiting: { retry: 'authorising', end: 'closed' },
} as const;

export type ConnectionState = keyof typeof LIFE;
export type Happening = 'open' | 'token' | 'welcome' | 'lost' | 'retry' | 'end';

const TABLE: { readonly [state in ConnectionState]: { readonly [event in Happening]?: ConnectionState } } = LIFE;

export function after(state: ConnectionState, event: Happening): ConnectionState | undefined {
  return TABLE[state][event];
}
