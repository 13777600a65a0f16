import type { Actions } from '@portcullis/automation/actions';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import { describeListener } from '../actions/describe-listener.ts';
import type { ListenerBook } from '../actions/listener-book.ts';
import { HttpProblem } from '../http/problem.ts';
import { jsonObject, text } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const step = v.pipe(jsonObject, v.description('One of the kinds, and its keys, as in the configuration.'));
/** The keys that `actions` has in the file. Each value is read as it is read there. */
const listenerBody = v.strictObject({
  name: text(64),
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(1_000))),
  enabled: v.exactOptional(v.boolean()),
  on: v.pipe(v.array(text(64)), v.description('Event types, `prefix.*`, or `*`.')),
  filter: v.exactOptional(v.pipe(jsonObject, v.description('One of `basic`, `jsonpath` and `cel`.'))),
  do: v.array(step),
});
const replacement = v.strictObject({ ...listenerBody.entries, name: v.exactOptional(text(64)) });
const listenerAnswer = v.pipe(
  jsonObject,
  v.description('The listener, its secrets hidden, each action with its `state`.'),
);

export interface ListenerDeps {
  readonly listeners: ListenerBook;
  readonly actions: Actions;
}

/** Who listens to what happens in an app, and what is done. Listeners of the file are shown and read-only. */
export function listenerOperations({ listeners, actions }: ListenerDeps): readonly Operation[] {
  const shown = (app: string, name: string) => describeListener(listeners.find(app, name), actions.states(app));
  const nameIn = (params: ReadonlyMap<string, string>): string => params.get('action') ?? '';
  return [
    operation({
      id: 'listActions',
      method: 'get',
      path: '/apps/{app}/actions',
      summary: 'The app’s listeners, those of the file included, with how much waits for each of their actions.',
      scope: 'read',
      answer: v.object({ actions: v.array(listenerAnswer) }),
      handle: ({ app }) => {
        const states = actions.states(app);
        return { body: { actions: listeners.list(app).map((listener) => describeListener(listener, states)) } };
      },
    }),
    operation({
      id: 'createAction',
      method: 'post',
      path: '/apps/{app}/actions',
      summary: 'Make a listener. It hears what happens from the answer on.',
      scope: 'actions',
      body: listenerBody,
      status: 201,
      answer: listenerAnswer,
      audit: 'action.created',
      handle: async ({ app, body }) => {
        const { name } = await listeners.create(app, body as JsonObject);
        return { body: shown(app, name), audit: { action: name } };
      },
    }),
    operation({
      id: 'getAction',
      method: 'get',
      path: '/apps/{app}/actions/{action}',
      summary: 'One listener.',
      scope: 'read',
      answer: listenerAnswer,
      handle: ({ app, params }) => ({ body: shown(app, nameIn(params)) }),
    }),
    operation({
      id: 'replaceAction',
      method: 'put',
      path: '/apps/{app}/actions/{action}',
      summary:
        'Replace a listener whole, secrets included. What waits for an action whose `id` stays is handed over as the new one says.',
      scope: 'actions',
      body: replacement,
      answer: listenerAnswer,
      audit: 'action.replaced',
      handle: async ({ app, params, body }) => {
        const { name } = await listeners.replace(app, nameIn(params), body as JsonObject);
        return { body: shown(app, name), audit: { action: name } };
      },
    }),
    operation({
      id: 'deleteAction',
      method: 'delete',
      path: '/apps/{app}/actions/{action}',
      summary: 'Delete a listener, and what waits for it.',
      scope: 'actions',
      status: 204,
      audit: 'action.deleted',
      handle: async ({ app, params }) => {
        const name = nameIn(params);
        await listeners.delete(app, name);
        return { audit: { action: name } };
      },
    }),
    operation({
      id: 'dropWaiting',
      method: 'post',
      path: '/apps/{app}/action-drops',
      summary: 'Forget what waits for one action (`listener/id`), also of one that is not defined any more.',
      scope: 'actions',
      body: v.strictObject({ action: text(256) }),
      answer: v.object({ dropped: v.number() }),
      audit: 'action.dropped',
      handle: async ({ app, body: { action } }) => {
        if (!actions.states(app).some((state) => state.action === action)) {
          throw new HttpProblem('not-found', { detail: `Nothing waits for an action "${action}".` });
        }
        const dropped = await actions.dropWaiting(app, action);
        return { body: { dropped }, audit: { action, dropped } };
      },
    }),
  ];
}
