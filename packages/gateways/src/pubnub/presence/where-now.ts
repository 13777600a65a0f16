import type { MaybePromise } from '@portcullis/engine';
import { refused } from '../ask/ask.ts';
import { presence } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { existsHere } from '../names/exists-here.ts';

/** Which channels a user is on, as far as the asker may see who is there. */
export const WHERE_NOW: Endpoint = {
  method: 'GET',
  path: '/v2/presence/sub-key/{sub}/uuid/{uuid}',
  reads: true,
  handle: whereNow,
};

function whereNow(call: Call, deps: PubNubDeps): MaybePromise<Answer> {
  const { engine } = deps;
  const user = call.params.uuid ?? '';
  const asked = ON_THIS_WIRE.map((proven) => engine.admitWhere(call.app.app, call.principal, { user, proven }));
  const waiting = asked.filter((one) => one !== null);
  const answer = () => refused(call, deps, { operation: 'where-now', name: user }) ?? found(call, deps, user);
  return waiting.length === 0 ? answer() : Promise.all(waiting).then(answer);
}

/** A user is its id alone, proven or not. */
const ON_THIS_WIRE = [true, false];

function found({ app, principal }: Call, { engine }: PubNubDeps, user: string): Answer {
  const channels = ON_THIS_WIRE.flatMap((proven) => engine.whereNow(app.app, principal, { user, proven }));
  return presence({ payload: { channels: [...new Set(channels)].filter((name) => existsHere(name, app)) } });
}
