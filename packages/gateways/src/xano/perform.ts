import type { MaybePromise, Refused, SessionApi } from '@portcullis/engine';
import { CODES, type Principal } from '@portcullis/policy';
import type { Command } from './decode.ts';

export type Outcome = { readonly ok: true } | Refused;

/** Carries a command to the session. */
export function perform(session: SessionApi, command: Command): MaybePromise<Outcome> {
  switch (command.type) {
    case 'join':
      return session.join(command.channel, { presence: command.presence, history: command.history });
    case 'leave':
      return session.leave(command.channel);
    case 'message':
      return session.publish(command.channel, command.target, command.data);
    case 'history':
      return session.history(command.channel, command.peer === undefined ? {} : { with: { session: command.peer } });
  }
}

/**
 * The sentence for a refusal. An anonymous client that cannot join reads the one sentence the SDK's users know, whatever
 * the reason: also when it may not be told whether the channel exists.
 */
export function wordRefusal(refused: Refused, command: Command, principal: Principal): string {
  const hidden = refused.code === 'channel.not-available' && command.type === 'join';
  return hidden && principal.kind === 'anonymous' ? CODES['channel.anonymous-not-allowed'].sentence : refused.message;
}
