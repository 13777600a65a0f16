import { type JsonObject, parseName } from '@portcullis/policy';
import type { Call, PubNubApp } from '../http/call.ts';
import { isJsonObject, parseJson } from '../messaging/json-text.ts';
import { existsHere, userExistsHere } from '../names/exists-here.ts';
import { isUserId, type Patch, readPatch } from './fields.ts';
import type { Kind } from './kinds.ts';
import { type BadInput, bad } from './object-answers.ts';

export interface MembershipChanges {
  readonly ok: true;
  /** By the other side's id; of two for one id the last one stands. */
  readonly set: ReadonlyMap<string, Patch>;
  readonly remove: ReadonlySet<string>;
}

/** `{"set":[{"channel":{"id"},"status","type","custom"}],"delete":[{"channel":{"id"}}]}`, either or both. */
export async function readMembershipBody(call: Call, other: Kind): Promise<MembershipChanges | BadInput> {
  const parsed = parseJson(await call.body(), call.app.limits.messageDepth);
  if (!parsed.ok || !isJsonObject(parsed.value)) return bad('body', 'Not a JSON object');
  const { set = [], delete: gone = [] } = parsed.value;
  if (!Array.isArray(set)) return bad('set', 'Not a list');
  if (!Array.isArray(gone)) return bad('delete', 'Not a list');
  const patches = new Map<string, Patch>();
  for (const entry of set) {
    const id = idOf(entry, other, call.app);
    if (id === undefined) return bad('set', `Not an object with ${other.wire}.id`);
    const read = readPatch(entry as JsonObject, ['type', 'status'], call.app.settings);
    if (!read.ok) return read;
    patches.set(id, read.patch);
  }
  const removed = gone.map((entry) => idOf(entry, other, call.app));
  if (removed.includes(undefined)) return bad('delete', `Not an object with ${other.wire}.id`);
  return { ok: true, set: patches, remove: new Set(removed.filter((id) => id !== undefined)) };
}

function idOf(entry: unknown, { wire, kind }: Kind, app: PubNubApp): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const embedded = (entry as JsonObject)[wire];
  const id = typeof embedded === 'object' && embedded !== null ? (embedded as JsonObject).id : undefined;
  if (typeof id !== 'string') return undefined;
  const isId = kind === 'channel' ? parseName(id).ok && existsHere(id, app) : isUserId(id) && userExistsHere(id, app);
  return isId ? id : undefined;
}
