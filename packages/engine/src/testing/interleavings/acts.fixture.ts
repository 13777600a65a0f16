import { Random } from './random.fixture.ts';

/** Clients by number: the first two of each app are anonymous, the others are users. */
export const CLIENTS = 5;
export const ANONYMOUS_CLIENTS = 2;
/** Clients from this one on may wait for another token when theirs has ended. */
export const PATIENT_CLIENTS = 3;
export const APPS = ['a', 'b'] as const;
export const ROOMS = ['room/1', 'room/2'] as const;
export const TABLES = [1, 2] as const;
const FOREVER = Number.POSITIVE_INFINITY;

export type AppId = (typeof APPS)[number];
export type Room = (typeof ROOMS)[number];

interface Who {
  readonly app: AppId;
  readonly client: number;
}

interface InRoom extends Who {
  readonly room: Room;
}

/** What can happen between any two others. */
export type Act =
  | (InRoom & { readonly do: 'join'; readonly presence: boolean; readonly history: boolean | number })
  /** Comes back, by a new connection where the last one has ended, with the position it saw last. */
  | (InRoom & { readonly do: 'return'; readonly presence: boolean; readonly history: boolean })
  | (InRoom & { readonly do: 'leave' | 'state' | 'roster' | 'page' })
  | (InRoom & { readonly do: 'publish'; readonly keyed: boolean })
  /** Says the last thing said under a key once more. */
  | (InRoom & { readonly do: 'retry' })
  | (InRoom & { readonly do: 'whisper' | 'tell'; readonly to: number })
  /** By a server, to a table's users or to everyone. */
  | (InRoom & { readonly do: 'event'; readonly table: number })
  /** By another node, under the newest policy of all. */
  | (InRoom & { readonly do: 'elsewhere' })
  | (Who & { readonly do: 'stall' | 'fill' | 'drain' | 'close' })
  /** A new connection where the last one has ended; its proof holds for `holds` ms. */
  | (Who & { readonly do: 'connect'; readonly holds: number; readonly table: number })
  | (Who & { readonly do: 'swap'; readonly holds: number; readonly table: number; readonly other: boolean })
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
  | (InRoom & { readonly do: 'unsubscribe'; readonly hold: number })
  /** Time passes, and timers ring. */
  | { readonly do: 'wait'; readonly ms: number }
  /** The store, or the broker, answers the oldest so many calls. */
  | { readonly do: 'store' | 'broker'; readonly answers: number }
  | { readonly do: 'read' | 'turn' }
  /** Time passes, and the timers are late. */
  | { readonly do: 'lag'; readonly ms: number }
  /** The triggers answer the oldest so many questions alike. */
  | { readonly do: 'trigger'; readonly app: AppId; readonly answers: number; readonly says: Saying }
  /** Another stack of triggers, or with 0 none. */
  | { readonly do: 'stack'; readonly app: AppId; readonly stack: number };

/** What a trigger makes of a message: it lets it pass as it is or with another payload, narrows it, refuses it or breaks. */
export type Saying = 'pass' | 'block' | 'break' | 'replace' | 'authenticated' | 'table' | 'user';

/** A world, and what happens in it. */
export interface Schedule {
  readonly seed: number;
  readonly apps: readonly AppId[];
  /** The broker answers when it is told to, as one on another machine would. */
  readonly farBroker: boolean;
  /** Readers may owe little before they are cut. */
  readonly tight: boolean;
  /** Channels keep history from the beginning. */
  readonly keeps: boolean;
  /** Triggers are asked about joins and messages, and answer when they are told to. */
  readonly triggers: boolean;
  /** Who breaks off is expected back: `presenceGrace`. */
  readonly expects: boolean;
  readonly acts: readonly Act[];
}

type Make = (random: Random, who: Who, room: Room) => Act;

const user = (random: Random): number => ANONYMOUS_CLIENTS + random.int(CLIENTS - ANONYMOUS_CLIENTS);
const holds = (random: Random): number => random.pick([FOREVER, FOREVER, FOREVER, 900, 2_000]);

const TABLE: readonly (readonly [weight: number, make: Make])[] = [
  [
    8,
    (r, who, room) => ({
      do: 'join',
      ...who,
      room,
      presence: r.yes(),
      history: r.pick([false, false, true, 2] as const),
    }),
  ],
  [14, (r, who, room) => ({ do: 'return', ...who, room, presence: r.yes(0.3), history: r.yes(0.2) })],
  [2, (_, who, room) => ({ do: 'leave', ...who, room })],
  [1, (_, who, room) => ({ do: 'state', ...who, room })],
  [1, (_, who, room) => ({ do: 'roster', ...who, room })],
  [2, (_, who, room) => ({ do: 'page', ...who, room })],
  [22, (r, who, room) => ({ do: 'publish', ...who, room, keyed: r.yes(0.4) })],
  [6, (_, who, room) => ({ do: 'retry', ...who, room })],
  [3, (r, who, room) => ({ do: 'whisper', ...who, room, to: r.int(CLIENTS) })],
  [2, (r, who, room) => ({ do: 'tell', ...who, room, to: user(r) })],
  [4, (r, who, room) => ({ do: 'event', ...who, room, table: r.int(3) })],
  [2, (_, who, room) => ({ do: 'elsewhere', ...who, room })],
  [4, (_, who) => ({ do: 'stall', ...who })],
  [4, (_, who) => ({ do: 'fill', ...who })],
  [4, (_, who) => ({ do: 'drain', ...who })],
  [5, (_, who) => ({ do: 'close', ...who })],
  [2, (r, who) => ({ do: 'connect', ...who, holds: holds(r), table: r.pick(TABLES) })],
  [
    5,
    (r, { app }) => ({ do: 'swap', app, client: user(r), holds: holds(r), table: r.pick(TABLES), other: r.yes(0.05) }),
  ],
  [
    4,
    (r, { app }) => ({
      do: 'rule',
      app,
      enabled: r.yes(0.85),
      anonymous: r.yes(0.75),
      presence: r.yes(),
      history: r.pick([0, 0, 3, 10]),
    }),
  ],
  [1, (r, { app }) => ({ do: 'revoke', app, client: user(r) })],
  [1, (r, { app }) => ({ do: 'ban', app, client: user(r), ms: r.pick([FOREVER, 1_000]) })],
  [3, (r, { app }) => ({ do: 'lift', app, client: user(r) })],
  [1, (r, who) => ({ do: 'kick', ...who, hold: r.pick([0, 1_000]) })],
  [1, (r, { app }, room) => ({ do: 'unsubscribe', app, client: user(r), room, hold: r.pick([0, 0, 1_000]) })],
  [3, (r) => ({ do: 'wait', ms: r.pick([0, 1, 900, 1_100]) })],
  [12, (r) => ({ do: 'store', answers: 1 + r.int(4) })],
  [5, (r) => ({ do: 'broker', answers: 1 + r.int(3) })],
  [4, () => ({ do: 'read' })],
  [2, (r) => ({ do: 'lag', ms: r.pick([5, 900, 1_100]) })],
  [9, () => ({ do: 'turn' })],
];

/** Where triggers are asked, their answers come now and then, and what they are is changed. */
const TRIGGERS: typeof TABLE = [
  ...TABLE,
  [
    14,
    (r, { app }) => ({
      do: 'trigger',
      app,
      answers: 1 + r.int(3),
      says: r.pick([
        'pass',
        'pass',
        'pass',
        'pass',
        'replace',
        'replace',
        'authenticated',
        'table',
        'user',
        'block',
        'break',
      ]),
    }),
  ],
  [3, (r, { app }) => ({ do: 'stack', app, stack: r.pick([0, 1, 2, 3]) })],
  [4, (r, { app }, room) => ({ do: 'unsubscribe', app, client: user(r), room, hold: 0 })],
  [8, (r, { app }, room) => ({ do: 'join', app, client: user(r), room, presence: r.yes(), history: false })],
  [12, (r, who, room) => ({ do: 'publish', ...who, room, keyed: r.yes(0.4) })],
];
/** In so many schedules. They are chosen apart: the others are what they would be without. */
const SHARE_WITH_TRIGGERS = 0.3;
const TRIGGERS_SALT = 0x5bd1e995;
/** Likewise. */
const SHARE_THAT_EXPECTS = 0.3;
const EXPECTS_SALT = 0x27d4eb2f;

export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const both = random.yes(0.15);
  const acts: Act[] = [];
  const length = 10 + random.int(50);
  const triggers = new Random(seed ^ TRIGGERS_SALT).yes(SHARE_WITH_TRIGGERS);
  const worlds = { farBroker: random.yes(0.25), tight: random.yes(0.25), keeps: random.yes(0.3) };
  while (acts.length < length) {
    const act = actOf(random, both, triggers ? TRIGGERS : TABLE);
    acts.push(worlds.farBroker ? endless(act) : act);
  }
  const expects = new Random(seed ^ EXPECTS_SALT).yes(SHARE_THAT_EXPECTS);
  return { seed, apps: both ? APPS : ['a'], ...worlds, triggers, expects, acts };
}

/** Far from its broker a node may hear of a ban when it is over: who was kept out then only time could tell. */
function endless(act: Act): Act {
  if (act.do === 'ban') return { ...act, ms: FOREVER };
  return act.do === 'unsubscribe' ? { ...act, hold: 0 } : act;
}

function actOf(random: Random, both: boolean, table: typeof TABLE): Act {
  const who: Who = { app: both && random.yes(0.3) ? 'b' : 'a', client: random.int(CLIENTS) };
  // Most of what happens does so in one room: there things meet.
  const room = random.yes(0.8) ? ROOMS[0] : ROOMS[1];
  let left = random.int(table.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, make] of table) {
    left -= weight;
    if (left < 0) return make(random, who, room);
  }
  return { do: 'turn' };
}
