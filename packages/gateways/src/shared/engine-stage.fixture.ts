import {
  type AppDefinition,
  Engine,
  type Limits,
  MemoryBroker,
  MemoryStore,
  SILENT_LOG,
  SILENT_METER,
} from '@portcullis/engine';
import { LIMITS, SETTINGS } from '@portcullis/engine/testing';
import { ANONYMOUS, type Principal, type User } from '@portcullis/policy';
import type { Identified } from './identified.ts';
import type { ManualClock } from './manual-clock.fixture.ts';

export const APP = 'demo';

/** Low enough to be reached. */
export const ENGINE_LIMITS: Limits = {
  ...LIMITS,
  message: 1024,
  messageDepth: 8,
  channelsPerConnection: 10,
  rosterMax: 3,
  pendingCommands: 16,
};

/** Users by the token that proves them. */
const USERS = new Map<string, User>(
  (['ada', 'bob'] as const).map((name, index) => [
    name,
    { kind: 'user', user: name, table: 7, row: index + 1, extras: { name }, credentials: [] },
  ]),
);
export const BACKEND: Principal = { kind: 'server', name: 'backend', credentials: [] };

/** Users by token, each `NAME` for ever and `NAME:MS` for so long from now on; any other token is expired. */
export function identifyByName(token: string | undefined, now: number): Identified {
  if (token === undefined) return { ok: true, principal: ANONYMOUS };
  const [name = '', life] = token.split(':');
  const user = USERS.get(name);
  if (user === undefined) return { ok: false, code: 'identity.expired', reason: 'The token is expired.' };
  if (life === undefined) return { ok: true, principal: user };
  const credential = { type: 'jwt', id: token, key: 'k1', issuedAt: 0, expiresAt: now + Number(life) } as const;
  return { ok: true, principal: { ...user, credentials: [credential] } };
}

/** The real engine, one app in it, with ids and time that are the same in every run. */
export async function createEngine(clock: ManualClock, definition: Partial<AppDefinition> = {}): Promise<Engine> {
  const counts = { session: 0, epoch: 0 };
  const ids = { session: () => `s${++counts.session}`, epoch: () => `e${++counts.epoch}` };
  const broker = new MemoryBroker({ clock, ids });
  const engine = new Engine({ broker, store: new MemoryStore(), clock, ids, log: SILENT_LOG, meter: SILENT_METER });
  await engine.define({ app: APP, settings: SETTINGS, limits: ENGINE_LIMITS, fileRules: [], ...definition }, null);
  return engine;
}
