import { ManualClock } from '../shared/manual-clock.fixture.ts';
import * as shared from '../shared/transcript.fixture.ts';
import { Caller, createStage } from './stage.fixture.ts';

/** Plays a transcript against this door and says what really happened. */
export async function replay(transcript: string): Promise<string> {
  const { engine, clock, server } = await createStage(new ManualClock());
  return shared.replay(transcript, {
    engine,
    clock,
    call: (key) => new Caller(server.port, {}, key),
    close: () => server.close(),
  });
}
