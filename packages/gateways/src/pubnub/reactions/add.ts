import type { Publication, Timetoken } from '@portcullis/engine';
import type { Audience } from '@portcullis/policy';
import { type Ask, decideFor, refused } from '../ask/ask.ts';
import { parseTimetoken } from '../ask/parameters.ts';
import { data } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { overRate } from '../http/rates.ts';
import { isInReach } from '../storage/reach.ts';
import { historyIn } from '../storage/read-channels.ts';
import { actionTimetoken } from './action-times.ts';
import { type Actor, actorOf } from './actor.ts';
import { announceAction } from './announce-action.ts';
import { isFor } from './is-for.ts';
import { alreadyAdded, badInput, noSuchMessage, overLimit, tooBusy } from './reaction-answers.ts';
import { reactionTold } from './reaction-told.ts';
import { readReaction } from './read-reaction.ts';

/** Timetokens that are tried for one reaction, should another node have given out the same. */
const MOST_TRIES = 5;

/** Adds what one user says of a message that it may see, and tells those who see the message. */
export async function addReaction(call: Call, deps: PubNubDeps): Promise<Answer> {
  const channel = call.params.channel ?? '';
  const denied = refused(call, deps, { operation: 'reactions.add', name: channel });
  if (denied) return denied;
  const over = overRate(call, deps, 'rateReactions');
  if (over) return overLimit(over);
  const reaction = readReaction(await call.body(), call.app);
  if (!reaction.ok) return reaction.answer;
  const actor = actorOf(call);
  if (actor === undefined) return badInput([{ message: 'Missing field', location: 'uuid', locationType: 'query' }]);
  const timetoken = parseTimetoken(call.params.message ?? '');
  if (timetoken === undefined) {
    return badInput([{ message: 'Not a timetoken', location: 'messageTimetoken', locationType: 'path' }]);
  }
  const message = await messageInReach(call, deps, channel, timetoken);
  return add(call, deps, { channel, message, actor, ...reaction });
}

interface Adding {
  readonly channel: string;
  readonly message: Publication | null;
  readonly actor: Actor;
  readonly type: string;
  readonly value: string;
}

/** Decided anew, for this message, and handed to the store in one turn. */
async function add(call: Call, deps: PubNubDeps, adding: Adding): Promise<Answer> {
  const { engine, store } = deps;
  const { app } = call.app;
  const { channel, message, actor, type, value } = adding;
  for (let time = 1; time <= MOST_TRIES; time++) {
    const plain: Ask = { operation: 'reactions.add', name: channel };
    const ask: Ask = message === null ? plain : { ...plain, ...about(message.audience) };
    const visible = message !== null && isFor(call, deps, ask);
    const denied = refused(call, deps, visible ? ask : plain);
    if (denied) return denied;
    if (!visible) return noSuchMessage();
    const decision = decideFor(call, deps, ask);
    const audience = narrower(message.audience, decision.allowed ? decision.target?.to : undefined);
    const timetoken = actionTimetoken(engine, app);
    const action = { messageTimetoken: message.timetoken, timetoken, type, value };
    const { user, proven } = actor.subject;
    const most = call.app.settings.reactionsPerMessage;
    const told = reactionTold(call, deps, { type: 'reaction.added', channel, action });
    const added = await store.addAction({ app, channel, ...action, user, proven, now: engine.now(), most }, told);
    if (added === 'taken') continue;
    if (added === 'exists') return alreadyAdded();
    if (added === 'full') return overLimit('limit.reactionsPerMessage');
    if (added === 'no-message') return noSuchMessage();
    await announceAction(call, deps, { event: 'added', channel, action, audience, sender: actor.sender });
    return data(actionData({ ...action, user }), {}, 'javascript');
  }
  return tooBusy();
}

/** A reaction goes to those whom its message went to, and needs what sending to them needs. */
function about(audience: Audience): Pick<Ask, 'target' | 'audience'> {
  return { audience, target: audience.to === 'authenticated' ? audience : { to: 'everyone' } };
}

/** Where everyone may not be sent to any more, what was for everyone is told to the authenticated. */
function narrower(audience: Audience, target: string | undefined): Audience {
  return audience.to === 'everyone' && target === 'authenticated' ? { to: 'authenticated' } : audience;
}

async function messageInReach(
  call: Call,
  deps: PubNubDeps,
  channel: string,
  timetoken: Timetoken,
): Promise<Publication | null> {
  const where = { app: call.app.app, channel, now: deps.engine.now() };
  const message = await deps.store.message(where.app, channel, timetoken, where.now);
  if (message === null) return null;
  const ask: Ask = { operation: 'reactions.add', name: channel, ...about(message.audience) };
  const reach = { ...where, history: historyIn(decideFor(call, deps, ask)) };
  return (await isInReach(deps.store, reach, timetoken)) ? message : null;
}

interface Shown {
  readonly messageTimetoken: Timetoken;
  readonly timetoken: Timetoken;
  readonly type: string;
  readonly value: string;
  readonly user: string;
}

/** An action as clients read it: every timetoken a string. */
export function actionData({ messageTimetoken, timetoken, type, value, user }: Shown) {
  return { messageTimetoken: `${messageTimetoken}`, type, uuid: user, value, actionTimetoken: `${timetoken}` };
}
