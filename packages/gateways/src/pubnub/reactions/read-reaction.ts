import type { Answer, Call } from '../http/call.ts';
import { isJsonObject, parseJson } from '../messaging/json-text.ts';
import { badInput, type Detail } from './reaction-answers.ts';

export type ReadReaction =
  | { readonly ok: true; readonly type: string; readonly value: string }
  | { readonly ok: false; readonly answer: Answer };

const bad = (answer: Answer): ReadReaction => ({ ok: false, answer });

/** `{"type":"…","value":"…"}`; whatever else is in it is passed over. */
export function readReaction(text: string, { limits, settings }: Call['app']): ReadReaction {
  const parsed = parseJson(text, limits.messageDepth);
  if (!parsed.ok || !isJsonObject(parsed.value)) {
    const message = parsed.ok || parsed.problem === 'malformed' ? 'Not a JSON object' : 'Nested too deeply';
    return bad(badInput([{ message, location: 'body', locationType: 'body' }]));
  }
  const { type, value } = parsed.value;
  const details: readonly Detail[] = [...missing('type', type), ...missing('value', value)];
  if (typeof type !== 'string' || typeof value !== 'string' || details.length > 0) return bad(badInput(details));
  if (isLonger(type, settings.reactionType)) return bad(badInput([tooLong('type')], 'limit.reactionType'));
  if (isLonger(value, settings.reactionValue)) return bad(badInput([tooLong('value')], 'limit.reactionValue'));
  return { ok: true, type, value };
}

function missing(location: string, value: unknown): readonly Detail[] {
  if (typeof value === 'string' && value !== '' && !/\p{Cs}/u.test(value)) return [];
  const message = value === undefined || value === '' ? 'Missing field' : 'Not a string';
  return [{ message, location, locationType: 'body' }];
}

const tooLong = (location: string): Detail => ({ message: 'Too long', location, locationType: 'body' });

/** Characters, not halves of them. */
const isLonger = (text: string, most: number): boolean => text.length > most && [...text].length > most;
