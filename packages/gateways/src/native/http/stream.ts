import type { Codec } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import type { Call } from './call.ts';
import { Refusal } from './problem.ts';
import { readStream, type StreamRequest } from './read-stream.ts';
import type { Marks } from './stream-codec.ts';
import { StreamConnection } from './stream-connection.ts';

export type StreamCodec = Codec & { readonly marks: Marks };

/** Opens a stream of server-sent events: a connection that only listens. */
export async function serveStream(call: Call, codec: StreamCodec): Promise<void> {
  const asked = await readStream(call);
  const { socket } = call.request;
  if (socket.destroyed) return;
  refuseUnlessSome(call, asked);
  const over = call.deps.admit(call.app, socket);
  if (over !== undefined) throw new Refusal(over, CODES[over].sentence);
  new StreamConnection(call).open(asked, codec);
}

/** Of a stream that would be none the browser is told by its status: it does not come back then. */
function refuseUnlessSome({ deps, app }: Call, { channels, principal }: StreamRequest): void {
  const { stateless } = deps.engine;
  const asks = channels.map((name) => ({ operation: 'join', principal, now: deps.clock.now(), name }) as const);
  const decisions = asks.map((ask) => ({ ask, decision: stateless.decide(app, ask) }));
  if (decisions.some(({ decision }) => decision.allowed)) return;
  for (const { ask, decision } of decisions) {
    if (decision.allowed) continue;
    const { code, message } = stateless.refuse(app, ask, decision);
    throw new Refusal(code, message);
  }
}
