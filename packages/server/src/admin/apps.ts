import type { EngineApi } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { describeApp } from '../apps/describe-app.ts';
import type { LiveApp } from '../apps/live-app.ts';
import { HttpProblem } from '../http/problem.ts';
import type { ApiKeys } from './api-keys.ts';
import { ack, jsonObject, text, toAck } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const section = v.pipe(jsonObject, v.description('As in the configuration file.'));

/** The keys of an app in the file, without `channels`: its rules are made one by one. Each section is checked as the file's is. */
const settings = {
  enabled: v.exactOptional(v.boolean()),
  keys: v.exactOptional(section),
  connectionHash: v.exactOptional(text(128)),
  access: v.exactOptional(v.union([v.literal('open'), section])),
  features: v.exactOptional(section),
  identity: v.exactOptional(section),
  limits: v.exactOptional(section),
  history: v.exactOptional(section),
  historyWiden: v.exactOptional(v.boolean()),
  tokenGrace: v.exactOptional(text(32)),
  presence: v.exactOptional(section),
};
const appBody = v.strictObject({ id: text(64), ...settings });
/** A JSON merge patch: `null` takes a key back to its default. */
const patchBody = v.strictObject(
  Object.fromEntries(
    Object.entries(settings).map(([name, schema]) => [name, v.exactOptional(v.nullable(schema.wrapped))]),
  ),
);

const secretId = v.object({ id: v.string() });
const appAnswer = v.object({
  id: v.string(),
  origin: v.picklist(['file', 'store']),
  enabled: v.boolean(),
  keys: v.object({
    publish: v.exactOptional(v.string()),
    subscribe: v.exactOptional(v.string()),
    secret: v.exactOptional(secretId),
    previousSecret: v.exactOptional(secretId),
  }),
  connectionHash: v.exactOptional(v.string()),
  access: jsonObject,
  features: jsonObject,
  identity: v.object({ jwt: v.array(v.looseObject({ id: v.string(), kind: v.string(), alg: v.string() })) }),
  limits: v.record(v.string(), v.union([v.number(), v.literal('off')])),
  history: v.object({ max: v.number(), default: v.number() }),
  historyWiden: v.boolean(),
  tokenGrace: v.number(),
  presence: jsonObject,
});
const changed = v.object({ ...appAnswer.entries, ...ack.entries });

export interface AppDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
  readonly keys: ApiKeys;
}

/** The tenants. Those of the file are shown and read-only; secrets are never shown. */
export function appOperations({ apps, keys }: AppDeps): readonly Operation[] {
  const show = ({ config, origin }: LiveApp) => describeApp(config, origin);
  return [
    operation({
      id: 'listApps',
      method: 'get',
      path: '/apps',
      summary: 'The apps this key may see.',
      scope: 'read',
      answer: v.object({ apps: v.array(appAnswer) }),
      handle: ({ actor }) => ({
        body: {
          apps: apps
            .list()
            .filter(({ config }) => actor.app === null || actor.app === config.id)
            .map(show),
        },
      }),
    }),
    operation({
      id: 'createApp',
      method: 'post',
      path: '/apps',
      summary: 'Make an app. The store keeps it, and it is served when this is answered.',
      scope: 'apps',
      body: appBody,
      status: 201,
      answer: changed,
      audit: 'app.created',
      handle: async ({ actor, body }) => {
        if (actor.app !== null) throw new HttpProblem('admin.forbidden', { detail: 'This key belongs to one app.' });
        const created = await apps.create(body as JsonObject);
        return { body: { ...show(created.app), ...toAck(created.ack) }, audit: { app: body.id } };
      },
    }),
    operation({
      id: 'getApp',
      method: 'get',
      path: '/apps/{app}',
      summary: 'One app.',
      scope: 'read',
      answer: appAnswer,
      handle: ({ app }) => ({ body: show(apps.get(app)) }),
    }),
    operation({
      id: 'changeApp',
      method: 'patch',
      path: '/apps/{app}',
      summary: 'Change settings of an app (JSON merge patch). Answers when they are in force on live sessions.',
      scope: 'apps',
      body: patchBody,
      answer: changed,
      audit: 'app.changed',
      handle: async ({ app, body }) => {
        const result = await apps.change(app, body as JsonObject);
        return { body: { ...show(result.app), ...toAck(result.ack) }, audit: { changed: Object.keys(body) } };
      },
    }),
    operation({
      id: 'deleteApp',
      method: 'delete',
      path: '/apps/{app}',
      summary: 'Delete an app with its rules, bans and API keys. Its clients are cut.',
      scope: 'apps',
      status: 204,
      audit: 'app.deleted',
      handle: async ({ app }) => {
        await apps.remove(app);
        await keys.removeApp(app);
        return {};
      },
    }),
  ];
}
