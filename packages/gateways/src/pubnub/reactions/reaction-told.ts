import { type Action, NOTHING_TOLD, type Told } from '@portcullis/engine';
import type { Call, PubNubDeps } from '../http/call.ts';

interface Reaction {
  readonly type: 'reaction.added' | 'reaction.removed';
  readonly channel: string;
  readonly action: Pick<Action, 'messageTimetoken' | 'timetoken' | 'type' | 'value'>;
}

/** What listeners are told of a reaction, to be written along with it. */
export function reactionTold(
  { app, principal }: Call,
  { engine }: PubNubDeps,
  { type, channel, action }: Reaction,
): Told {
  const events = engine.events(app.app);
  if (!events.hears(type)) return NOTHING_TOLD;
  const { messageTimetoken, timetoken, type: kind, value } = action;
  const data = { messageTimetoken: `${messageTimetoken}`, timetoken: `${timetoken}`, type: kind, value };
  return events.note({ type, principal, channel, data });
}
