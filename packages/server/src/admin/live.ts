import type { EngineApi, HoldAnswer } from '@portcullis/engine';
import * as v from 'valibot';
import { HttpProblem } from '../http/problem.ts';
import { ack, channel, duration, durationText, instant, milliseconds, reason, toAck, user } from './fields.ts';
import { type Operation, operation } from './operation.ts';

/** How long a client that was cut is held off unless the call says otherwise. */
const HOLD = 60_000;

const id = v.union([v.number(), v.string()]);
const count = v.pipe(v.number(), v.integer());
const session = v.object({
  id: v.string(),
  door: v.string(),
  address: v.string(),
  principal: v.object({
    kind: v.picklist(['anonymous', 'user', 'stated', 'server']),
    user: v.string(),
    table: id,
    row: id,
  }),
  channels: v.array(v.string()),
  connectedAt: instant,
  expiresAt: v.nullable(instant),
  queued: v.pipe(count, v.description('Bytes that wait for a slow reader.')),
  away: v.pipe(v.boolean(), v.description('The connection is lost; its places are kept for `presence.grace`.')),
});
const held = v.object({
  ...ack.entries,
  heldUntil: v.nullable(instant),
  sessions: v.pipe(count, v.description('Sessions it took effect on.')),
});
const page = { limit: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}$/)), '1000') };

export interface LiveDeps {
  readonly engine: EngineApi;
}

/** Who is here now, and the means to remove them. */
export function liveOperations({ engine }: LiveDeps): readonly Operation[] {
  return [
    operation({
      id: 'listChannels',
      method: 'get',
      path: '/apps/{app}/channels',
      summary: 'Channels that somebody is joined to.',
      scope: 'live',
      query: v.strictObject({ prefix: v.optional(v.string(), ''), ...page }),
      answer: v.object({
        channels: v.array(
          v.object({ channel: v.string(), rule: v.nullable(count), sessions: count, occupancy: count }),
        ),
        total: count,
      }),
      handle: ({ app, query }) => {
        const channels = engine.channels(app).filter((live) => live.channel.startsWith(query.prefix));
        return { body: { channels: channels.slice(0, Number(query.limit)), total: channels.length } };
      },
    }),
    operation({
      id: 'listSessions',
      method: 'get',
      path: '/apps/{app}/sessions',
      summary: 'Live connections, of one user or in one channel if asked.',
      scope: 'live',
      query: v.strictObject({ user: v.exactOptional(user), channel: v.exactOptional(channel), ...page }),
      answer: v.object({ sessions: v.array(session), total: count }),
      handle: ({ app, query: { limit, ...filter } }) => {
        const sessions = engine.sessions(app, filter);
        return { body: { sessions: sessions.slice(0, Number(limit)), total: sessions.length } };
      },
    }),
    operation({
      id: 'kickSession',
      method: 'delete',
      path: '/apps/{app}/sessions/{session}',
      summary: 'Cut one connection, and hold its user off `for` 60s (0: cut once and no more).',
      scope: 'kick',
      query: v.strictObject({ for: v.exactOptional(durationText), reason: v.exactOptional(reason) }),
      answer: held,
      audit: 'session.kicked',
      handle: async ({ app, params, query }) => {
        const id = params.get('session') ?? '';
        const cut = await engine.kick(app, id, holdOf(query.for), query.reason ?? '');
        if (!cut) throw new HttpProblem('not-found', { detail: 'There is no such session.' });
        return { body: toHeld(cut), audit: { session: id, heldUntil: cut.heldUntil, reason: query.reason ?? '' } };
      },
    }),
    operation({
      id: 'unsubscribe',
      method: 'post',
      path: '/apps/{app}/unsubscribe',
      summary: 'Take one user off one channel, and hold them off it `for` 60s (0: once).',
      scope: 'kick',
      body: v.strictObject({ user, channel, for: v.exactOptional(duration), reason: v.exactOptional(reason) }),
      answer: held,
      audit: 'user.unsubscribed',
      handle: async ({ app, body }) => {
        const why = body.reason ?? '';
        const off = await engine.unsubscribe(app, body.user, body.channel, holdOf(body.for), why);
        const audit = { user: body.user, channel: body.channel, heldUntil: off.heldUntil, reason: why };
        return { body: toHeld(off), audit };
      },
    }),
  ];
}

function holdOf(given: number | string | undefined): number {
  return given === undefined ? HOLD : milliseconds(given, 'for');
}

function toHeld({ heldUntil, sessions, ...answer }: HoldAnswer) {
  return { ...toAck(answer), heldUntil, sessions };
}
