import type { EngineApi } from '@portcullis/engine';
import { APP, createEngine, ENGINE_LIMITS, identifyByName } from '../shared/engine-stage.fixture.ts';
import type { ManualClock } from '../shared/manual-clock.fixture.ts';
import { DoorServer } from './door-server.fixture.ts';
import type { XanoLimits } from './limits.ts';

export const HASH = 'HASH_123';

/** The real engine behind this door. */
export async function createStage(
  clock: ManualClock,
  limits: XanoLimits = ENGINE_LIMITS,
): Promise<{ engine: EngineApi; server: DoorServer }> {
  const engine = await createEngine(clock);
  const server = new DoorServer({
    engine,
    clock,
    identify: (_app, token) => identifyByName(token, clock.now()),
    appByHash: (hash) => (hash === HASH ? APP : undefined),
    limitsOf: () => limits,
  });
  return { engine, server: await server.listen() };
}
