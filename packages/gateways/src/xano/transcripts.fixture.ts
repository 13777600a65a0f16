import { ManualClock } from '../shared/manual-clock.fixture.ts';
import * as shared from '../shared/transcript.fixture.ts';
import { Caller } from './door-server.fixture.ts';
import { createStage, HASH } from './stage.fixture.ts';

/** Plays a transcript against this door and says what really happened. */
export async function replay(transcript: string): Promise<string> {
  const clock = new ManualClock();
  const { engine, server } = await createStage(clock);
  return shared.replay(transcript, {
    engine,
    clock,
    call: (token) => new Caller(server.port, HASH, token),
    close: () => server.close(),
  });
}
