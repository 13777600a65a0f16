import { RUNS_KEPT, type RunRecord } from '@portcullis/automation/triggers';
import type { Clock, EngineApi, Store, TriggerCall } from '@portcullis/engine';
import { ANONYMOUS, type JsonObject, type Principal } from '@portcullis/policy';
import * as v from 'valibot';
import { HttpProblem } from '../http/problem.ts';
import type { TriggerBook } from '../triggers/trigger-book.ts';
import { channel, instant, jsonObject, key, user } from './fields.ts';
import { type Operation, operation } from './operation.ts';
import { recentCalls } from './recent-calls.ts';
import { showRun } from './show-run.ts';
import { readTrigger, triggerBody } from './triggers.ts';

const sample = v.strictObject({
  action: v.picklist(['join', 'message']),
  channel,
  user: v.exactOptional(v.pipe(user, v.description('A proven user; anonymous without one.'))),
  table: v.exactOptional(key),
  row: v.exactOptional(key),
  extras: v.exactOptional(jsonObject),
  kind: v.exactOptional(v.picklist(['message', 'signal', 'file'])),
  to: v.exactOptional(v.picklist(['everyone', 'authenticated'])),
  payload: v.exactOptional(v.unknown()),
  meta: v.exactOptional(v.unknown()),
  presence: v.exactOptional(v.boolean()),
  history: v.exactOptional(v.boolean()),
});
const body = v.strictObject({
  trigger: v.exactOptional(v.pipe(triggerBody, v.description('Try this one. Absent: those in force are tried.'))),
  sample: v.exactOptional(sample),
  recent: v.exactOptional(
    v.strictObject({
      channel: v.exactOptional(v.pipe(channel, v.description('What it keeps. Absent: what triggers saw lately.'))),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 100),
    }),
  ),
  endpoints: v.optional(
    v.pipe(v.boolean(), v.description('Ask endpoints too. They are passed over unless it is true.')),
    false,
  ),
  payloads: v.optional(v.pipe(v.boolean(), v.description('Show payloads.')), false),
});

const run = v.looseObject({
  at: instant,
  action: v.picklist(['join', 'message']),
  channel: v.string(),
  principal: v.string(),
  outcome: v.picklist(['pass', 'block', 'failed']),
  ms: v.number(),
  steps: v.array(jsonObject),
});

export interface TrialDeps {
  readonly engine: EngineApi;
  readonly triggers: TriggerBook;
  readonly clock: Clock;
  readonly store: Store;
}

/** What triggers did lately, and what they would do. */
export function trialOperations({ engine, triggers, clock, store }: TrialDeps): readonly Operation[] {
  return [
    operation({
      id: 'listTriggerRuns',
      method: 'get',
      path: '/apps/{app}/trigger-runs',
      summary: `The latest runs of triggers, newest first: at most ${RUNS_KEPT}, since the server started. Payloads are left out unless asked for.`,
      scope: 'triggers',
      query: v.strictObject({
        limit: v.optional(
          v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1), v.maxValue(RUNS_KEPT)),
          '100',
        ),
        payloads: v.optional(v.picklist(['true', 'false']), 'false'),
      }),
      answer: v.object({ runs: v.array(run) }),
      handle: ({ app, query }) => {
        const runs = triggers.runtime.runs(app).latest(query.limit);
        return {
          body: { runs: runs.map((one) => ({ number: one.number, ...showRun(one, query.payloads === 'true') })) },
        };
      },
    }),
    operation({
      id: 'tryTriggers',
      method: 'post',
      path: '/apps/{app}/triggers/try',
      summary:
        'What triggers would do with a sample, or with the latest messages. Nothing is published, no rate is spent.',
      scope: 'triggers',
      body,
      answer: v.object({
        runs: v.array(run),
        unasked: v.pipe(v.number(), v.description('Calls that no trigger looks at.')),
      }),
      handle: async ({ app, body: asked }) => {
        const { endpoints, payloads } = asked;
        const trigger = asked.trigger
          ? await readTrigger(triggers, app, { id: 0, spec: asked.trigger as JsonObject })
          : undefined;
        const calls = await callsOf(app, asked);
        const records: RunRecord[] = [];
        for (const call of calls) {
          if (trigger && !trigger.on.includes(call.action)) continue;
          const record = await triggers.try(call, { endpoints, ...(trigger ? { trigger } : {}) });
          if (record) records.push(record);
        }
        return { body: { runs: records.map((one) => showRun(one, payloads)), unasked: calls.length - records.length } };
      },
    }),
  ];

  async function callsOf(
    app: string,
    asked: v.InferOutput<typeof body>,
  ): Promise<readonly Omit<TriggerCall, 'rule'>[]> {
    if (asked.sample) return [callOf(app, asked.sample, clock.now())];
    if (asked.recent) return recentCalls({ app, runs: triggers.runtime.runs(app), store, clock, engine }, asked.recent);
    throw new HttpProblem('request.malformed', { errors: [{ path: '', message: 'expected `sample` or `recent`' }] });
  }
}

function callOf(app: string, asked: v.InferOutput<typeof sample>, at: number): Omit<TriggerCall, 'rule'> {
  const about = { app, channel: asked.channel, principal: principalOf(asked), session: '', at };
  if (asked.action === 'join') {
    const options = { presence: asked.presence ?? false, history: asked.history ?? false };
    return { ...about, action: 'join', options } as Omit<TriggerCall, 'rule'>;
  }
  return {
    ...about,
    action: 'message',
    kind: asked.kind ?? 'message',
    target: { to: asked.to ?? 'everyone' },
    data: JSON.stringify(asked.payload ?? null),
    ...(asked.meta === undefined ? {} : { meta: JSON.stringify(asked.meta) }),
    store: true,
    fire: false,
    hops: 0,
  } as Omit<TriggerCall, 'rule'>;
}

function principalOf({ user: who, table = 1, row, extras = {} }: v.InferOutput<typeof sample>): Principal {
  if (who === undefined) return ANONYMOUS;
  return { kind: 'user', user: who, table, row: row ?? who, extras: extras as JsonObject, credentials: [] };
}
