import type { Action, Sender } from '@portcullis/engine';
import type { Audience } from '@portcullis/policy';
import type { Call, PubNubDeps } from '../http/call.ts';

export interface ActionEvent {
  readonly event: 'added' | 'removed';
  readonly channel: string;
  readonly action: Pick<Action, 'messageTimetoken' | 'timetoken' | 'type' | 'value'>;
  readonly audience: Audience;
  readonly sender: Sender | null;
}

/** Tells those who see the message. What was written stands, whether they can be told or not. */
export async function announceAction(call: Call, { engine, log }: PubNubDeps, told: ActionEvent): Promise<void> {
  const { messageTimetoken, timetoken, type, value } = told.action;
  const data = { messageTimetoken: `${messageTimetoken}`, actionTimetoken: `${timetoken}`, type, value };
  try {
    await engine.announce({
      app: call.app.app,
      channel: told.channel,
      kind: 'action',
      audience: told.audience,
      sender: told.sender,
      data: JSON.stringify({ source: 'actions', version: '1.0', event: told.event, data }),
      logged: false,
    });
  } catch (error) {
    log.error('pubnub.action-not-announced', { app: call.app.app, error });
  }
}
