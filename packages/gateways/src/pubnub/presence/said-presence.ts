import type { JsonObject } from '@portcullis/policy';
import { refusal } from '../http/answers.ts';
import type { Answer, Call } from '../http/call.ts';
import { badCall } from '../messaging/bad-call.ts';
import { isJsonObject, parseJson } from '../messaging/json-text.ts';
import { presentNames } from '../messaging/names.ts';

/** What a subscribe or heartbeat says of its user's presence. */
export interface SaidPresence {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
  /** ms; `undefined`: not said. */
  readonly timeout: number | undefined;
  /** By channel. */
  readonly state: ReadonlyMap<string, JsonObject>;
}

export function readPresence(
  call: Call,
  channels: readonly string[],
  groups: readonly string[],
  { heartbeat = false }: { readonly heartbeat?: boolean } = {},
): SaidPresence | Answer {
  const present = presentNames(channels);
  const state = readStates(call, call.query.get('state') ?? '', heartbeat && groups.length === 0 ? present : []);
  if ('status' in state) return state;
  return { channels: present, groups: presentNames(groups), timeout: timeoutOf(call), state };
}

/** `heartbeat=<seconds>`, held between the app's bounds; what is no positive number counts as not said. */
function timeoutOf({ query, app: { settings } }: Call): number | undefined {
  const seconds = Number(query.get('heartbeat') ?? '0');
  if (!(seconds > 0)) return undefined;
  return Math.min(Math.max(seconds * 1_000, settings.minPresenceTimeout), settings.maxPresenceTimeout);
}

/**
 * By channel. Clients send an empty map with every heartbeat: what says nothing changes nothing. Some say their state to a
 * heartbeat as it is, for each channel they name: what is no map of objects, and names none of the channels, is that.
 */
function readStates(call: Call, text: string, alone: readonly string[]): ReadonlyMap<string, JsonObject> | Answer {
  const states = new Map<string, JsonObject>();
  if (text === '') return states;
  const parsed = parseJson(text, call.app.limits.messageDepth);
  if (!parsed.ok || !isJsonObject(parsed.value)) return badState();
  const { value } = parsed;
  const byChannel = Object.values(value).every(isJsonObject) || alone.some((channel) => Object.hasOwn(value, channel));
  const itself = alone.length > 0 && !byChannel;
  const said = itself ? alone.map((channel) => [channel, value] as const) : Object.entries(value);
  for (const [channel, state] of said) {
    if (!isJsonObject(state)) return badState();
    if (isTooLarge(call, state)) return refusal('limit.state');
    if (Object.keys(state).length > 0) states.set(channel, state);
  }
  return states;
}

/** The state itself, as set-state has it. */
export function readState(call: Call): { readonly ok: true; readonly state: JsonObject } | Answer {
  const parsed = parseJson(call.query.get('state') ?? '', call.app.limits.messageDepth);
  if (!parsed.ok || !isJsonObject(parsed.value)) return badState();
  return isTooLarge(call, parsed.value) ? refusal('limit.state') : { ok: true, state: parsed.value };
}

function isTooLarge({ app: { settings } }: Call, state: JsonObject): boolean {
  return Buffer.byteLength(JSON.stringify(state)) > settings.state;
}

const badState = (): Answer => badCall('Presence', 'request.malformed', 'Invalid JSON specified for state');
