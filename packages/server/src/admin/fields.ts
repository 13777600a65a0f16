import * as v from 'valibot';
import { parseDuration } from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import { takes } from './field-problem.ts';

/** Fields that several calls share. Each converts to JSON Schema as it stands: the OpenAPI document is made of them. */
export const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
export const channel = v.pipe(text(1_024), v.description('Name of a channel.'));
export const user = v.pipe(text(1_024), v.description('Id of a user.'));
export const reason = v.pipe(v.string(), v.maxLength(1_000), v.description('Why, for the trail.'));
/** Id of a table or row: a number, or text where keys are no numbers. */
export const key = v.union([v.pipe(v.number(), v.safeInteger()), text(256)]);
export const instant = v.pipe(v.number(), v.integer(), v.description('Milliseconds since 1970.'));
export const jsonObject = v.record(v.string(), v.unknown());

export const duration = v.pipe(
  v.union([v.pipe(v.number(), v.minValue(0)), v.pipe(v.string(), v.regex(/^[0-9.a-z]{1,32}$/))]),
  v.description('Like `60s`, `15m`, `1h30m`; a bare number is seconds.'),
  takes('a duration such as 60s, 10m or 1h30m, or a number of seconds'),
);
export const durationText = v.pipe(
  v.string(),
  v.regex(/^[0-9.a-z]{1,32}$/),
  v.description('Like `60s` or `15m`; a bare number is seconds.'),
  takes('a duration such as 60s or 10m, or a number of seconds'),
);

/** ms of a duration that was given. */
export function milliseconds(given: number | string, field: string): number {
  const ms =
    typeof given === 'number' ? given * 1_000 : /^\d+$/.test(given) ? Number(given) * 1_000 : parseDuration(given);
  if (ms !== undefined && Number.isSafeInteger(Math.round(ms))) return Math.round(ms);
  throw new HttpProblem('request.malformed', {
    detail: `\`${field}\` is no duration.`,
    errors: [{ path: field, message: 'expected a duration like 30s, 15m or 1h30m' }],
  });
}

/** The acknowledgement of a change of authority. */
export const ack = v.object({
  epoch: v.pipe(v.number(), v.integer(), v.description('The policy epoch from which the change counts.')),
  timetoken: v.pipe(
    v.string(),
    v.regex(/^\d+$/),
    v.description('Nothing whose publish began after this answer, nor with a greater timetoken, reaches the denied.'),
  ),
});

export function toAck({ epoch, timetoken }: { readonly epoch: number; readonly timetoken: bigint }) {
  return { epoch, timetoken: String(timetoken) };
}

/** The number in a path, or 404: an id that is no number names nothing. */
export function idIn(params: ReadonlyMap<string, string>, name: string): number {
  const text = params.get(name) ?? '';
  if (!/^\d{1,15}$/.test(text)) throw new HttpProblem('not-found');
  return Number(text);
}
