import { CODES } from '@portcullis/policy';
import { failures } from '../ask/ask.ts';
import { refusalOf } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { readSpan } from './span.ts';
import { badArguments, DELETED, failed } from './storage-answers.ts';

/** Deletes a channel's messages with all reactions to them: those after `start` up to and with `end`, or all. */
export async function deleteMessages(call: Call, deps: PubNubDeps): Promise<Answer> {
  const channel = call.params.channel ?? '';
  const span = readSpan(call.query);
  if (!span.ok) return badArguments(span.bad);
  const denied = failures(call, deps, [{ operation: 'messages.delete', name: channel }]);
  if (denied) {
    // Where nobody of this kind may ever delete, history has words of its own; a missing permission is Access Manager's.
    if (!denied.code.startsWith('operation.')) return refusalOf(denied, denied.names);
    return failed(CODES[denied.code].http, 'Do not have permission to delete', denied.code);
  }
  const { app } = call.app;
  deps.engine.forget(app, channel, await deps.store.deleteRange({ app, channel, ...span.bounds }));
  return DELETED;
}
