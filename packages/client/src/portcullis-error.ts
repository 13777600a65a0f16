/** What can go wrong on this side of the wire. Whatever the server refuses has a code of `docs/codes.md`. */
const OWN = {
  'client.closed': ['The client was closed.', 'Call `open()`, or make another client.'],
  'client.left': ['The channel was left before this was answered.', 'Join it again.'],
  'client.offline': [
    'There is no connection, and nothing is queued.',
    'Wait for the state `connected`, or set `queue` to keep what is published meanwhile.',
  ],
  'client.queue-full': [
    'More is waiting to be published than `queue` allows.',
    'Publish less while there is no connection, or raise `queue`.',
  ],
  'client.buffer-full': [
    'The reader of this iterator is slower than its channel.',
    'Read faster, or ask for a larger buffer: `channel.stream("message", { buffer: 10_000 })`.',
  ],
  'client.unanswered': [
    'The server did not answer before `retryFor` was over; it may have been done or not.',
    'Read the history of the channel before you do it again.',
  ],
  'client.connection-lost': ['The connection was lost.', 'Nothing: the client comes back by itself.'],
  'client.silent': ['The server was silent for too long.', 'Nothing: the client comes back by itself.'],
  'client.token-unavailable': [
    '`getToken` failed.',
    'See `cause` for what it threw; it is asked again before each attempt.',
  ],
  'client.no-websocket': [
    'There is no global WebSocket.',
    'In Node before 22 give one: `connect({ …, WebSocket })` with `WebSocket` of the package `ws`.',
  ],
} as const;

type OwnCode = keyof typeof OWN;
export const OWN_CODES = Object.keys(OWN);

/** Everything that fails here fails as this: a stable code, a sentence, and what to do about it where that is known. */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError';
  readonly code: string;
  readonly reason: string;
  readonly fix: string | undefined;
  readonly channel: string | undefined;

  constructor(code: string, reason: string, more: { fix?: string; channel?: string; cause?: unknown } = {}) {
    super(`${code}: ${reason}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.reason = reason;
    this.fix = more.fix;
    this.channel = more.channel;
  }
}

export function ownError(code: OwnCode, channel?: string, cause?: unknown): PortcullisError {
  const [reason, fix] = OWN[code];
  return new PortcullisError(code, reason, { fix, ...(channel === undefined ? {} : { channel }), cause });
}

/** The server's words for a refusal. */
export function refusal(told: {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly channel?: string;
}): PortcullisError {
  const { code, message, fix, channel } = told;
  return new PortcullisError(code, message, {
    ...(fix === undefined ? {} : { fix }),
    ...(channel === undefined ? {} : { channel }),
  });
}

/** Refusals of a join that another attempt may well survive. */
export function passesByItself(code: string): boolean {
  return /^limit\.(rate|pendingCommands|connections)|^(store\.unavailable|server\.|session\.restarting|trigger\.stale)/.test(
    code,
  );
}

/** The token, and not what was asked for, is what no longer holds. */
export function isOfToken(code: string): boolean {
  return /^identity\.(expired|revoked|bad-signature|malformed|not-yet-valid|wrong-audience)$/.test(code);
}

/** As the server would say it, without the way there and back. */
export function tooLarge(channel: string, max: number): PortcullisError {
  const fix = `Send at most ${max} bytes of JSON.`;
  return new PortcullisError('limit.message', 'The message is too large.', { fix, channel });
}
