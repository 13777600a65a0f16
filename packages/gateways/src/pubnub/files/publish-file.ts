import type { FileRow, PublishOutcome, StatelessPublish } from '@portcullis/engine';
import type { Audience, Json } from '@portcullis/policy';
import { refused } from '../ask/ask.ts';
import { notSent, refusalOf, sent } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { isJsonObject, parseJson } from '../messaging/json-text.ts';
import { badJson, readPublishOptions } from '../messaging/publish-options.ts';
import { isThere } from './seen-file.ts';
import { announceUploads, isUnannounced, unannouncedOf, withholdUploads } from './unannounced.ts';

/** Tells the channel of a file that was uploaded: `[1,"Sent","<timetoken>"]`. */
export async function publishFile(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { channel = '', message = '' } = call.params;
  const { app, limits } = call.app;
  const { engine } = deps;
  const bad = (problem: string, code: Parameters<typeof notSent>[1], status = 400) =>
    notSent(problem, code, engine.timetoken(app), status);
  const options = readPublishOptions(call.query, limits.messageDepth);
  if (!options.ok) return bad(options.message, options.code);
  if (options.meta !== undefined && Buffer.byteLength(options.meta) > limits.message) {
    return bad('Message Too Large', 'limit.message');
  }
  const parsed = parseJson(message, limits.messageDepth);
  if (!parsed.ok) {
    const { message: problem, code } = badJson('message', parsed.problem);
    return bad(problem, code);
  }
  const denied = refused(call, deps, { operation: 'files.send', name: channel });
  if (denied) return denied;
  const file = fileOf(parsed.value);
  if (file === undefined) return bad('Invalid file message', 'request.malformed');
  const { principal } = call;
  const by = { app, channel, principal };
  let uploads: readonly FileRow[];
  if (file === 'encrypted') uploads = await unannouncedOf(deps, by);
  else {
    const row = await deps.store.file(app, channel, file.id, file.name);
    if (row === null || !isThere(row, engine.now())) {
      return refused(call, deps, { operation: 'files.send', name: channel }) ?? bad('File Not Found', 'not-found', 404);
    }
    uploads = isUnannounced(row) ? [row] : [];
  }
  const { ok: _, fire: __, ...said } = options;
  const target = { to: 'everyone' } as const;
  const speaking = { app, principal, channel, target, kind: 'file', data: message, ...said } as const;
  const outcome = await say(deps, speaking, uploads);
  if (outcome.ok) return sent(outcome.timetoken);
  return outcome.code === 'limit.message'
    ? bad('Message Too Large', outcome.code)
    : refusalOf(outcome, { channels: [channel] });
}

/** What is for nobody so far is there for those who hear of it, when they do. */
async function say(deps: PubNubDeps, speaking: StatelessPublish, uploads: readonly FileRow[]): Promise<PublishOutcome> {
  if (uploads.length === 0) return deps.engine.publishAs(speaking);
  let prepared = false;
  const prepare = async (audience: Audience) => {
    prepared = true;
    await announceUploads(deps, speaking, uploads, audience);
  };
  const outcome = await deps.engine.publishAs({ ...speaking, prepare });
  if (!outcome.ok && prepared) await withholdUploads(deps, speaking, uploads);
  return outcome;
}

/** The file that a message names. What clients encrypt names it to those alone who have the key. */
function fileOf(value: Json): { readonly id: string; readonly name: string } | 'encrypted' | undefined {
  if (typeof value === 'string') return 'encrypted';
  if (!isJsonObject(value)) return undefined;
  const { file = null } = value;
  if (!isJsonObject(file) || typeof file.id !== 'string' || typeof file.name !== 'string') return undefined;
  return { id: file.id, name: file.name };
}
