import { isPromise, type MaybePromise, type PublishOutcome } from '@portcullis/engine';
import { notSent, refusalOf, sent } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { parseJson } from './json-text.ts';
import { badJson, readPublishOptions } from './publish-options.ts';

/** Publish, fire and signal: `[1,"Sent","<timetoken>"]`. */
export const PUBLISHING: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/publish/{pub}/{sub}/0/{channel}/0/{message}',
    handle: (call, deps) => publish(call, deps, 'message', call.params.message ?? ''),
  },
  {
    method: 'POST',
    path: '/publish/{pub}/{sub}/0/{channel}/0',
    handle: async (call, deps) => publish(call, deps, 'message', await call.body()),
  },
  {
    method: 'GET',
    path: '/signal/{pub}/{sub}/0/{channel}/0/{message}',
    handle: (call, deps) => publish(call, deps, 'signal', call.params.message ?? ''),
  },
  {
    method: 'POST',
    path: '/signal/{pub}/{sub}/0/{channel}/0',
    handle: async (call, deps) => publish(call, deps, 'signal', await call.body()),
  },
];

function publish(call: Call, deps: PubNubDeps, kind: 'message' | 'signal', data: string): MaybePromise<Answer> {
  const { app, limits, settings } = call.app;
  const { engine } = deps;
  const options = readPublishOptions(call.query, limits.messageDepth);
  if (!options.ok) return notSent(options.message, options.code, engine.timetoken(app));
  const parsed = parseJson(data, limits.messageDepth);
  if (!parsed.ok) {
    const { message, code } = badJson('message', parsed.problem);
    return notSent(message, code, engine.timetoken(app));
  }
  if (kind === 'signal' && Buffer.byteLength(data) > settings.signal) {
    return notSent('Signal size too large', 'limit.signal', engine.timetoken(app));
  }
  if (options.meta !== undefined && Buffer.byteLength(options.meta) > limits.message) {
    return notSent('Message Too Large', 'limit.message', engine.timetoken(app));
  }
  const { ok: _, ...said } = options;
  const channel = call.params.channel ?? '';
  const outcome = engine.publishAs({
    app,
    principal: call.principal,
    channel,
    target: { to: 'everyone' },
    kind,
    data,
    ...said,
  });
  const answer = (published: PublishOutcome) => answerOf(published, channel, engine.timetoken(app));
  return isPromise(outcome) ? outcome.then(answer) : answer(outcome);
}

function answerOf(outcome: PublishOutcome, channel: string, now: bigint): Answer {
  if (outcome.ok) return sent(outcome.timetoken);
  if (outcome.code === 'limit.message') return notSent('Message Too Large', outcome.code, now);
  return refusalOf(outcome, { channels: [channel] });
}
