import { isPromise, type MaybePromise, type PublishOutcome, type Refused, type SessionApi } from '@portcullis/engine';
import type { Command, Connect, SwapToken } from './command.ts';
import { doneText, publishedText } from './wire-text.ts';

/** Commands that a session carries out; the others are the connection's own. */
export type SessionCommand = Exclude<Command, Connect | SwapToken>;

/** Done: `text` is the answer, absent where the session has said it itself, or will. */
export type Done = { readonly ok: true; readonly text?: string };

/** Carries a command to the session. `placed`: the command after it may be carried out, though this one is not answered. */
export function perform(
  session: SessionApi,
  command: SessionCommand,
  placed: () => void,
): MaybePromise<Done | Refused> {
  switch (command.type) {
    case 'join': {
      const { id, channel, presence, history, recover, state } = command;
      const options =
        recover === undefined && state === undefined
          ? { presence, history, ref: id }
          : { presence, history, ref: id, ...(recover && { recover }), ...(state && { state }) };
      return then(session.join(channel, options), SAID);
    }
    case 'leave':
      return then(session.leave(command.channel, command.id), SAID);
    case 'publish': {
      const { id, channel, target, data, key, meta } = command;
      const options =
        key === undefined && meta === undefined
          ? { placed }
          : { placed, ...(key !== undefined && { key }), ...(meta !== undefined && { meta }) };
      const outcome = session.publish(channel, target, data, options);
      return isPromise(outcome) ? outcome.then((settled) => published(id, settled)) : published(id, outcome);
    }
    case 'roster':
      placed();
      return then(session.roster(command.channel, command.id), SAID);
    case 'history': {
      const { id, channel, type: _, ...page } = command;
      placed();
      return then(session.history(channel, { ...page, ref: id }), SAID);
    }
    case 'state':
      return then(session.setState(command.channel, command.state), () =>
        doneText('state', command.id, command.channel),
      );
    case 'ping':
      return { ok: true, text: `{"type":"pong","id":${command.id}}` };
  }
}

function published(id: number, outcome: PublishOutcome): Done | Refused {
  return outcome.ok ? { ok: true, text: publishedText(id, outcome) } : outcome;
}

const SAID = (): undefined => undefined;

function then<T extends { readonly ok: true }>(
  outcome: MaybePromise<T | Refused>,
  word: (done: T) => string | undefined,
): MaybePromise<Done | Refused> {
  const settle = (settled: T | Refused): Done | Refused => {
    if (!settled.ok) return settled;
    const text = word(settled);
    return text === undefined ? SILENT : { ok: true, text };
  };
  return isPromise(outcome) ? outcome.then(settle) : settle(outcome);
}

const SILENT: Done = { ok: true };
