import type { Clock, EngineApi } from '@portcullis/engine';
import type { Ban } from '@portcullis/policy';
import * as v from 'valibot';
import { HttpProblem } from '../http/problem.ts';
import { serverPrincipal } from './events.ts';
import { ack, channel, idIn, instant, reason, toAck, user } from './fields.ts';
import { type Call, type Operation, operation } from './operation.ts';

const banAnswer = v.object({
  id: v.pipe(v.number(), v.integer()),
  user,
  channel: v.exactOptional(channel),
  until: v.exactOptional(instant),
  reason,
  hold: v.pipe(v.boolean(), v.description('Left behind by a kick or an unsubscribe.')),
});

const subject = v.strictObject({ user, channel: v.exactOptional(channel) });

export interface BanDeps {
  readonly engine: EngineApi;
  readonly clock: Clock;
}

/** Who is kept out, of everything or of one channel. */
export function banOperations({ engine, clock }: BanDeps): readonly Operation[] {
  const inForce = (app: string) =>
    engine.source(app).bans.filter(({ until }) => until === undefined || until > clock.now());
  type Lifting = Pick<Call<unknown, unknown>, 'actor' | 'app' | 'noted'>;
  const lift = async ({ actor, app, noted }: Lifting, which: (ban: Ban) => boolean) => {
    const bans = inForce(app).filter(which);
    if (bans.length === 0) throw new HttpProblem('not-found', { detail: 'There is no such ban.' });
    const lifted = bans.map(({ id }) => ({ type: 'ban.delete', id }) as const);
    const entry = noted({ bans: bans.map(({ id }) => id), user: bans[0]?.user ?? '' });
    return { body: toAck(await engine.commit(app, [...lifted, entry], serverPrincipal(actor))) };
  };

  return [
    operation({
      id: 'listBans',
      method: 'get',
      path: '/apps/{app}/bans',
      summary: 'Bans and holds that are in force.',
      scope: 'revoke',
      answer: v.object({ bans: v.array(banAnswer) }),
      handle: ({ app }) => ({ body: { bans: inForce(app) } }),
    }),
    operation({
      id: 'ban',
      method: 'post',
      path: '/apps/{app}/bans',
      summary: 'Keep a user out, everywhere or of one channel. Answers when it is in force on live sessions.',
      scope: 'revoke',
      body: v.strictObject({
        ...subject.entries,
        until: v.exactOptional(instant),
        reason: v.exactOptional(reason),
      }),
      status: 201,
      answer: v.object({ id: banAnswer.entries.id, ...ack.entries }),
      audit: 'user.banned',
      handle: async ({ actor, app, body, noted }) => {
        if (body.until !== undefined && body.until <= clock.now()) {
          throw new HttpProblem('request.malformed', {
            detail: '`until` has passed already.',
            errors: [{ path: 'until', message: 'expected a time to come, in milliseconds since 1970' }],
          });
        }
        const ban: Ban = { reason: '', ...body, id: engine.nextId(), hold: false };
        const changes = [{ type: 'ban.put', ban } as const, noted({ ban: ban.id, ...body })];
        const answer = await engine.commit(app, changes, serverPrincipal(actor));
        return { body: { id: ban.id, ...toAck(answer) } };
      },
    }),
    operation({
      id: 'liftBans',
      method: 'delete',
      path: '/apps/{app}/bans',
      summary:
        'Lift what keeps a user out: of everything, or with `channel` of that channel. In the body or the query.',
      scope: 'revoke',
      query: v.partial(subject),
      body: v.optional(subject),
      answer: ack,
      audit: 'user.unbanned',
      handle: ({ query, body, ...call }) => {
        const named = body ?? query;
        if (named.user === undefined) throw new HttpProblem('request.malformed', { detail: 'Name the `user`.' });
        return lift(call, (ban) => ban.user === named.user && ban.channel === named.channel);
      },
    }),
    operation({
      id: 'liftBan',
      method: 'delete',
      path: '/apps/{app}/bans/{ban}',
      summary: 'Lift one ban or hold.',
      scope: 'revoke',
      answer: ack,
      audit: 'user.unbanned',
      handle: ({ params, ...call }) => {
        const id = idIn(params, 'ban');
        return lift(call, (ban) => ban.id === id);
      },
    }),
  ];
}
