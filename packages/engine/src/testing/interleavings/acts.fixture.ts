import fc from 'fast-check';

/** Clients by number: the first two of each app are anonymous, the others are users. */
export const CLIENTS = 6;
export const ANONYMOUS_CLIENTS = 2;
export const APPS = ['a', 'b'] as const;
export const ROOMS = ['room/1', 'room/2'] as const;

export type AppId = (typeof APPS)[number];
export type Room = (typeof ROOMS)[number];

interface Who {
  readonly app: AppId;
  readonly client: number;
}

/** What can happen between any two others. */
export type Act =
  | (Who & { readonly do: 'join'; readonly room: Room; readonly presence: boolean; readonly history: boolean })
  | (Who & { readonly do: 'leave' | 'publish'; readonly room: Room })
  | (Who & { readonly do: 'whisper'; readonly room: Room; readonly to: number })
  | (Who & { readonly do: 'stall' | 'drain' | 'close' })
  /** A new connection where the last one has ended; its proof holds for `holds` ms. */
  | (Who & { readonly do: 'connect'; readonly holds: number })
  | {
      readonly do: 'rule';
      readonly app: AppId;
      readonly enabled: boolean;
      readonly anonymous: boolean;
      readonly presence: boolean;
      readonly history: number;
    }
  | (Who & { readonly do: 'revoke' | 'lift' })
  | (Who & { readonly do: 'ban'; readonly ms: number })
  | (Who & { readonly do: 'kick'; readonly hold: number })
  | (Who & { readonly do: 'unsubscribe'; readonly room: Room; readonly hold: number })
  /** Time passes, and timers ring. */
  | { readonly do: 'wait'; readonly ms: number }
  /** The store answers the oldest so many calls. */
  | { readonly do: 'store'; readonly answers: number }
  | { readonly do: 'read' | 'turn' }
  /** Time passes, and the timers are late. */
  | { readonly do: 'lag'; readonly ms: number };

const app = fc.constantFrom(...APPS, 'a' as const, 'a' as const);
const room = fc.constantFrom(...ROOMS);
const client = fc.integer({ min: 0, max: CLIENTS - 1 });
const user = fc.integer({ min: ANONYMOUS_CLIENTS, max: CLIENTS - 1 });
const FOREVER = Number.POSITIVE_INFINITY;

function acts<const K extends string, T extends object>(kind: K, shape: { [P in keyof T]: fc.Arbitrary<T[P]> }) {
  return fc.record<T>(shape).map((rest) => ({ do: kind, ...rest }));
}

export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: acts('join', { app, client, room, presence: fc.boolean(), history: fc.boolean() }) },
  { weight: 2, arbitrary: acts('leave', { app, client, room }) },
  { weight: 12, arbitrary: acts('publish', { app, client, room }) },
  { weight: 4, arbitrary: acts('whisper', { app, client, room, to: client }) },
  { weight: 2, arbitrary: acts('stall', { app, client }) },
  { weight: 2, arbitrary: acts('drain', { app, client }) },
  { weight: 1, arbitrary: acts('close', { app, client }) },
  { weight: 4, arbitrary: acts('connect', { app, client, holds: fc.constantFrom(FOREVER, 900, 2_000) }) },
  {
    weight: 5,
    arbitrary: acts('rule', {
      app,
      enabled: fc.constantFrom(true, true, false),
      anonymous: fc.constantFrom(true, true, false),
      presence: fc.boolean(),
      history: fc.constantFrom(0, 3, 10),
    }),
  },
  { weight: 1, arbitrary: acts('revoke', { app, client: user }) },
  { weight: 2, arbitrary: acts('ban', { app, client: user, ms: fc.constantFrom(FOREVER, 1_000) }) },
  { weight: 3, arbitrary: acts('lift', { app, client: user }) },
  { weight: 1, arbitrary: acts('kick', { app, client, hold: fc.constantFrom(0, 1_000) }) },
  { weight: 2, arbitrary: acts('unsubscribe', { app, client: user, room, hold: fc.constantFrom(0, 0, 1_000) }) },
  { weight: 3, arbitrary: acts('wait', { ms: fc.constantFrom(0, 1, 900, 1_100) }) },
  { weight: 12, arbitrary: acts('store', { answers: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: acts('read', {}) },
  { weight: 2, arbitrary: acts('lag', { ms: fc.constantFrom(5, 900, 1_100) }) },
  { weight: 8, arbitrary: acts('turn', {}) },
);
