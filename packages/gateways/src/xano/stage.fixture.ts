import {
  Engine,
  type EngineApi,
  type Limits,
  MemoryBroker,
  MemoryStore,
  SILENT_LOG,
  SILENT_METER,
} from '@portcullis/engine';
import { LIMITS, SETTINGS } from '@portcullis/engine/testing';
import { ANONYMOUS, type Principal, type User } from '@portcullis/policy';
import type { ManualClock } from '../shared/manual-clock.fixture.ts';
import { DoorServer } from './door-server.fixture.ts';

export const HASH = 'HASH_123';
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

const USERS = new Map<string, User>(
  (['ada', 'bob'] as const).map((name, index) => [
    name,
    { kind: 'user', user: name, table: 7, row: index + 1, extras: { name }, credentials: [] },
  ]),
);
export const BACKEND: Principal = { kind: 'server', name: 'backend', credentials: [] };

/** The real engine, one app in it, with ids and time that are the same in every run. */
export async function createStage(clock: ManualClock): Promise<{ engine: EngineApi; server: DoorServer }> {
  const counts = { session: 0, epoch: 0 };
  const ids = { session: () => `s${++counts.session}`, epoch: () => `e${++counts.epoch}` };
  const broker = new MemoryBroker({ clock, ids });
  const engine = new Engine({ broker, store: new MemoryStore(), clock, ids, log: SILENT_LOG, meter: SILENT_METER });
  await engine.define({ app: APP, settings: SETTINGS, limits: ENGINE_LIMITS, fileRules: [] }, null);
  const server = new DoorServer({
    engine,
    clock,
    identify: (_app, token) => {
      const principal = token === undefined ? ANONYMOUS : USERS.get(token);
      if (principal !== undefined) return { ok: true, principal };
      return { ok: false, code: 'identity.expired', reason: 'The token is expired.' };
    },
    appByHash: (hash) => (hash === HASH ? APP : undefined),
    limitsOf: () => ENGINE_LIMITS,
  });
  return { engine, server: await server.listen() };
}
