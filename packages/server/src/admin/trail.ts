import type { Clock, Store } from '@portcullis/engine';
import * as v from 'valibot';
import { HttpProblem } from '../http/problem.ts';
import { instant, jsonObject, text } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const entry = v.object({
  id: v.pipe(v.number(), v.integer()),
  at: instant,
  app: v.nullable(v.string()),
  actor: v.string(),
  action: v.string(),
  detail: jsonObject,
});
const number = (max: number) => v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number), v.maxValue(max));

export interface TrailDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** What was done, by whom; and what was refused, how often. */
export function trailOperations({ store, clock }: TrailDeps): readonly Operation[] {
  return [
    operation({
      id: 'readAudit',
      method: 'get',
      path: '/audit',
      summary: 'The trail, newest first. `before` takes the `next` of the page before.',
      scope: 'audit',
      query: v.strictObject({
        app: v.exactOptional(text(64)),
        before: v.exactOptional(number(Number.MAX_SAFE_INTEGER)),
        limit: v.optional(number(1_000), '100'),
      }),
      answer: v.object({ entries: v.array(entry), next: v.nullable(entry.entries.id) }),
      handle: async ({ actor, query }) => {
        if (actor.app !== null && query.app !== undefined && query.app !== actor.app)
          throw new HttpProblem('not-found');
        const app = actor.app ?? query.app;
        const entries = await store.auditTrail({ ...query, ...(app !== undefined && { app }) });
        const last = entries.length === query.limit ? entries.at(-1) : undefined;
        return { body: { entries, next: last?.id ?? null } };
      },
    }),
    operation({
      id: 'readDenials',
      method: 'get',
      path: '/apps/{app}/denials',
      summary: 'Refusals of the last `minutes`: one row a minute, code, principal and rule.',
      scope: 'audit',
      query: v.strictObject({ minutes: v.optional(number(1_440), '60') }),
      answer: v.object({
        denials: v.array(
          v.object({
            minute: v.pipe(v.number(), v.integer(), v.description('Minutes since 1970.')),
            app: v.string(),
            code: v.string(),
            principal: v.string(),
            rule: v.nullable(v.number()),
            count: v.number(),
          }),
        ),
      }),
      handle: async ({ app, query }) => {
        const since = Math.floor(clock.now() / 60_000) - query.minutes;
        return { body: { denials: await store.denials(app, since) } };
      },
    }),
  ];
}
