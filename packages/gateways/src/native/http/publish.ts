import { decodePublish } from '../decode.ts';
import { frameMax } from '../limits.ts';
import { positionText } from '../wire-text.ts';
import { type Call, proofsOf, provenOrRefused } from './call.ts';
import { answerJson, Refusal } from './problem.ts';
import { readJsonText } from './read-body.ts';

/** Publishes what the body says, for who shows a token or a secret; anonymously without. */
export async function servePublish(call: Call): Promise<void> {
  const { deps, app, native, query, request, response } = call;
  const proofs = proofsOf(call, query.one('user'));
  query.end();
  const text = await readJsonText(request, frameMax(native.limits));
  const read = decodePublish(text, native.limits);
  if (read.type === 'problem') throw new Refusal(read.code, read.message);
  const principal = provenOrRefused(call, await deps.identifyPublisher(app, proofs));
  const { channel, target, data, key, meta } = read;
  const outcome = await deps.engine.stateless.publishAs({
    app,
    principal,
    channel,
    target,
    kind: 'message',
    data,
    store: true,
    ...(key !== undefined && { key }),
    ...(meta !== undefined && { meta }),
  });
  if (!outcome.ok) throw new Refusal(outcome.code, outcome.message);
  const again = outcome.repeated === true ? ',"repeated":true' : '';
  answerJson(
    response,
    200,
    `{"position":${positionText(outcome.position)},"timetoken":"${outcome.timetoken}"${again}}`,
  );
}
