import type { PlacedTrigger } from '@portcullis/automation/triggers';
import type { EngineApi } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { parseTriggerSpec } from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import type { TriggerBook } from '../triggers/trigger-book.ts';
import { ack, idIn, jsonObject, text, toAck } from './fields.ts';
import { type Call, type Operation, operation } from './operation.ts';

/** The keys of a trigger in the file; what its steps may hold is in docs/configuration.md. */
export const triggerBody = v.strictObject({
  channel: text(255),
  on: v.exactOptional(v.union([text(16), v.array(text(16))])),
  enabled: v.exactOptional(v.boolean()),
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(1_000))),
  publishes: v.exactOptional(v.array(text(255))),
  steps: v.array(jsonObject),
});
const replacement = v.strictObject({
  ...triggerBody.entries,
  id: v.exactOptional(v.pipe(v.number(), v.integer())),
  origin: v.exactOptional(v.literal('store')),
});

const triggerAnswer = v.looseObject({
  id: v.pipe(v.number(), v.integer()),
  origin: v.picklist(['file', 'store']),
  channel: v.string(),
  enabled: v.boolean(),
});
const changed = v.looseObject({ ...triggerAnswer.entries, ...ack.entries });

export interface TriggerDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
  readonly triggers: TriggerBook;
}

/** Triggers of one app. Those of the file are shown and read-only. */
export function triggerOperations({ engine, triggers }: TriggerDeps): readonly Operation[] {
  const find = (app: string, id: number): PlacedTrigger => {
    const trigger = triggers.list(app).find((candidate) => candidate.id === id);
    if (!trigger) throw new HttpProblem('not-found', { detail: `There is no trigger ${id}.` });
    return trigger;
  };
  const writable = (app: string, id: number): void => {
    if (find(app, id).origin === 'file') {
      throw new HttpProblem('trigger.read-only', { detail: `Trigger ${id} comes from the file.` });
    }
  };
  const show = (app: string, trigger: PlacedTrigger) => showTrigger(trigger, triggers.written(app, trigger.id));
  const put = async (id: number, spec: JsonObject, { app, noted }: Pick<Call<unknown, unknown>, 'app' | 'noted'>) => {
    const trigger = await readTrigger(triggers, app, { id, spec });
    const entry = noted({ trigger: id, channel: trigger.channel });
    const answer = await engine.commit(app, [{ type: 'trigger.put', trigger: { id, spec } }, entry]);
    return { body: { ...showTrigger(trigger, spec), ...toAck(answer) } };
  };

  return [
    operation({
      id: 'listTriggers',
      method: 'get',
      path: '/apps/{app}/triggers',
      summary: 'The app’s triggers in the order in which they run, those of the file included. Secrets are not shown.',
      scope: 'read',
      answer: v.object({ triggers: v.array(triggerAnswer) }),
      handle: ({ app }) => ({ body: { triggers: triggers.list(app).map((trigger) => show(app, trigger)) } }),
    }),
    operation({
      id: 'createTrigger',
      method: 'post',
      path: '/apps/{app}/triggers',
      summary: 'Make a trigger. Answers when it is in force; joins and messages on their way are asked again.',
      scope: 'triggers',
      body: triggerBody,
      status: 201,
      answer: changed,
      audit: 'trigger.created',
      handle: ({ body, ...call }) => put(engine.nextId(), body as JsonObject, call),
    }),
    operation({
      id: 'getTrigger',
      method: 'get',
      path: '/apps/{app}/triggers/{trigger}',
      summary: 'One trigger.',
      scope: 'read',
      answer: triggerAnswer,
      handle: ({ app, params }) => ({ body: show(app, find(app, idIn(params, 'trigger'))) }),
    }),
    operation({
      id: 'replaceTrigger',
      method: 'put',
      path: '/apps/{app}/triggers/{trigger}',
      summary: 'Replace a trigger whole. Answers when it is in force.',
      scope: 'triggers',
      body: replacement,
      answer: changed,
      audit: 'trigger.replaced',
      handle: ({ params, body: { id: said, origin: _, ...body }, ...call }) => {
        const id = idIn(params, 'trigger');
        writable(call.app, id);
        if (said !== undefined && said !== id) {
          throw new HttpProblem('trigger.invalid', { errors: [{ path: 'id', message: `is not ${id}` }] });
        }
        return put(id, body as JsonObject, call);
      },
    }),
    operation({
      id: 'deleteTrigger',
      method: 'delete',
      path: '/apps/{app}/triggers/{trigger}',
      summary: 'Delete a trigger.',
      scope: 'triggers',
      answer: ack,
      audit: 'trigger.deleted',
      handle: async ({ app, params, noted }) => {
        const id = idIn(params, 'trigger');
        writable(app, id);
        return { body: toAck(await engine.commit(app, [{ type: 'trigger.delete', id }, noted({ trigger: id })])) };
      },
    }),
  ];
}

/** A trigger as it was sent, its functions ready to be called. Throws the problem if it cannot be one. */
export async function readTrigger(
  triggers: TriggerBook,
  app: string,
  { id, spec }: { readonly id: number; readonly spec: JsonObject },
): Promise<PlacedTrigger> {
  const parsed = parseTriggerSpec(spec, triggers.server);
  if (!parsed.ok) {
    throw new HttpProblem('trigger.invalid', {
      errors: parsed.problems.map(({ path, message }) => ({ path, message })),
    });
  }
  const trigger: PlacedTrigger = { ...parsed.value, id, origin: 'store' };
  const unready = await triggers.runtime.makeReady(app, trigger);
  if (unready.size === 0) return trigger;
  throw new HttpProblem('trigger.invalid', {
    errors: [...unready].map(([name, problem]) => ({ path: 'steps', message: `function ${name}: ${problem}` })),
  });
}

/** As it was written, or for one of the file as it was read; without secrets. */
function showTrigger(trigger: PlacedTrigger, written: JsonObject | undefined): JsonObject {
  const { id, origin, channel, enabled } = trigger;
  const shown = written ?? (trigger as unknown as JsonObject);
  const steps = Array.isArray(shown.steps) ? shown.steps.map(withoutSecret) : [];
  return { ...shown, id, origin, channel, enabled, steps };
}

function withoutSecret(step: unknown): JsonObject {
  const { secret: _, http, ...rest } = step as JsonObject;
  if (typeof http !== 'object' || http === null || Array.isArray(http)) return rest;
  const { secret: __, ...open } = http as JsonObject;
  return { ...rest, http: open };
}
