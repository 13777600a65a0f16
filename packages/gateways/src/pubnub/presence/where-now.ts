import { presence, refusal } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { existsHere } from '../names/exists-here.ts';

/** Which channels a user is on, as far as the asker may see who is there. */
export const WHERE_NOW: Endpoint = { method: 'GET', path: '/v2/presence/sub-key/{sub}/uuid/{uuid}', handle: whereNow };

function whereNow(call: Call, { engine }: PubNubDeps): Answer {
  const { app } = call.app;
  const user = call.params.uuid ?? '';
  const request = { operation: 'where-now', principal: call.principal, now: engine.now(), name: user } as const;
  const decision = engine.decide(app, request);
  if (!decision.allowed) return refusal(engine.refuse(app, request, decision).code, { uuids: [user] });
  // On this wire a user is its id alone, proven or not.
  const channels = [true, false].flatMap((proven) => engine.whereNow(app, call.principal, { user, proven }));
  return presence({ payload: { channels: [...new Set(channels)].filter((name) => existsHere(name, call.app)) } });
}
