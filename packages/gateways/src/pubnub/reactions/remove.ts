import { type Ask, failures } from '../ask/ask.ts';
import { parseTimetoken } from '../ask/parameters.ts';
import { data, refusalOf } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { overRate } from '../http/rates.ts';
import { actorOf } from './actor.ts';
import { announceAction } from './announce-action.ts';
import { isFor } from './is-for.ts';
import { noSuchAction, overLimit, wrongUser } from './reaction-answers.ts';
import { reactionTold } from './reaction-told.ts';

/** Takes one's own reaction back, and tells those who see its message. */
export async function removeReaction(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { channel = '', message = '', action: named = '' } = call.params;
  const { app } = call.app;
  const ask: Ask = { operation: 'reactions.remove', name: channel };
  const denied = failures(call, deps, [ask]);
  if (denied) return refusalOf(denied, denied.names);
  const over = overRate(call, deps, 'rateReactions');
  if (over) return overLimit(over);
  const messageTimetoken = parseTimetoken(message);
  const timetoken = parseTimetoken(named);
  if (messageTimetoken === undefined || timetoken === undefined) return noSuchAction();
  const action = await deps.store.action(app, channel, messageTimetoken, timetoken);
  const visible = action !== null && isFor(call, deps, { ...ask, audience: action.audience });
  const { user = '', proven = false } = action ?? {};
  const deniedNow = failures(call, deps, [visible ? { ...ask, subject: { user, proven } } : ask]);
  if (deniedNow) return deniedNow.code === 'operation.not-own' ? wrongUser() : refusalOf(deniedNow, deniedNow.names);
  if (!visible) return noSuchAction();
  const told = reactionTold(call, deps, { type: 'reaction.removed', channel, action });
  if (!(await deps.store.removeAction(app, channel, messageTimetoken, timetoken, told))) return noSuchAction();
  const sender = actorOf(call)?.sender ?? null;
  await announceAction(call, deps, { event: 'removed', channel, action, audience: action.audience, sender });
  return data({}, {}, 'javascript');
}
