import type { EngineApi } from '@portcullis/engine';
import type { Server } from '@portcullis/policy';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { HttpProblem } from '../http/problem.ts';
import { eventData } from './event-data.ts';
import { channel, key, user } from './fields.ts';
import { type Operation, operation } from './operation.ts';
import type { Actor } from './scopes.ts';

const position = v.nullable(v.object({ epoch: v.string(), offset: v.pipe(v.number(), v.integer()) }));

export interface EventDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
}

/** Who a call's sender is to the policy: a server, named as in the trail. */
export function serverPrincipal(actor: Actor): Server {
  return { kind: 'server', name: actor.name, credentials: [] };
}

/** Server events (Xano: the Realtime Event function). */
export function eventOperations({ engine, apps }: EventDeps): readonly Operation[] {
  return [
    operation({
      id: 'sendEvent',
      method: 'post',
      path: '/apps/{app}/events',
      summary:
        'Send a server event: to everyone joined, with `table` to the authenticated of that table, with `table` and `row` to one row, with `user` to one user.',
      scope: 'publish',
      body: v.strictObject({
        channel,
        data: v.pipe(v.unknown(), v.description('Any JSON.')),
        table: v.exactOptional(key),
        row: v.exactOptional(key),
        user: v.exactOptional(user),
      }),
      answer: v.object({
        position,
        timetoken: v.string(),
        delivered: v.pipe(v.number(), v.description('Sessions of this node it was meant for.')),
      }),
      audit: 'event.sent',
      handle: async ({ actor, app, body }) => {
        const { data, ...rest } = body;
        const given = Object.keys(rest);
        if (rest.row !== undefined && rest.table === undefined) throw ambiguous('row', 'needs `table` beside it');
        if (rest.user !== undefined && rest.table !== undefined) throw ambiguous('user', 'excludes `table` and `row`');
        const json = eventData(data, apps.get(app).config.limits);
        const sent = await engine.event({ app, ...rest, data: json, principal: serverPrincipal(actor) });
        if (!sent.ok) throw new HttpProblem(sent.code, { detail: sent.message });
        return {
          body: { position: sent.position, timetoken: String(sent.timetoken), delivered: sent.delivered },
          audit: { channel: rest.channel, to: given.filter((name) => name !== 'channel') },
        };
      },
    }),
  ];
}

function ambiguous(path: string, message: string): HttpProblem {
  return new HttpProblem('request.malformed', { errors: [{ path, message }] });
}
