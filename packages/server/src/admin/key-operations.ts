import type { Clock } from '@portcullis/engine';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { HttpProblem } from '../http/problem.ts';
import { type ApiKey, createApiKey } from './api-key.ts';
import type { ApiKeys } from './api-keys.ts';
import { instant, text } from './fields.ts';
import { type Operation, operation } from './operation.ts';
import { type Actor, may, SCOPE_NAMES } from './scopes.ts';

const scopes = v.pipe(v.array(v.picklist(SCOPE_NAMES)), v.minLength(1), v.maxLength(SCOPE_NAMES.length));
const shown = v.object({
  id: v.string(),
  name: v.string(),
  app: v.nullable(v.string()),
  scopes,
  createdAt: instant,
  expiresAt: v.nullable(instant),
  createdBy: v.string(),
});

/** Keys kept at once: each is looked at by nobody but its bearer, so this bounds the store alone. */
const MOST_KEYS = 10_000;

export interface KeyDeps {
  readonly keys: ApiKeys;
  readonly apps: AppCatalog;
  readonly clock: Clock;
}

/** API keys. Each belongs to one app, or to none and so to all; it can make others, and never stronger ones. */
export function keyOperations({ keys, apps, clock }: KeyDeps): readonly Operation[] {
  const visible = (actor: Actor) => keys.list().filter((key) => actor.app === null || actor.app === key.app);
  return [
    operation({
      id: 'listKeys',
      method: 'get',
      path: '/keys',
      summary: 'API keys, without their secrets.',
      scope: 'keys',
      answer: v.object({ keys: v.array(shown) }),
      handle: ({ actor }) => ({ body: { keys: visible(actor).map(show) } }),
    }),
    operation({
      id: 'createKey',
      method: 'post',
      path: '/keys',
      summary: 'Make an API key. Its text is in this answer and nowhere else. `app: null` is a key for all apps.',
      scope: 'keys',
      body: v.strictObject({
        name: text(100),
        app: v.nullable(text(64)),
        scopes,
        expiresAt: v.exactOptional(v.nullable(instant)),
      }),
      status: 201,
      answer: v.object({ ...shown.entries, key: v.string() }),
      audit: 'key.created',
      handle: async ({ actor, body }) => {
        if (body.app !== null && (!apps.find(body.app) || (actor.app !== null && actor.app !== body.app))) {
          throw new HttpProblem('not-found', { detail: 'There is no such app.' });
        }
        const beyond = body.scopes.filter((scope) => !may(actor, scope));
        if (beyond.length > 0 || (actor.app !== null && body.app === null)) {
          throw new HttpProblem('admin.forbidden', { detail: 'A key cannot make a key that may do more than itself.' });
        }
        if (keys.list().length >= MOST_KEYS) {
          throw new HttpProblem('request.malformed', { status: 409, detail: `There are ${MOST_KEYS} keys already.` });
        }
        const made = createApiKey({
          name: body.name,
          app: body.app,
          scopes: [...new Set(body.scopes)],
          createdAt: clock.now(),
          expiresAt: body.expiresAt ?? null,
          createdBy: actor.name,
        });
        await keys.add(made.key);
        return { body: { ...show(made.key), key: made.text }, audit: { key: made.key.id, scopes: made.key.scopes } };
      },
    }),
    operation({
      id: 'revokeKey',
      method: 'delete',
      path: '/keys/{key}',
      summary: 'Revoke an API key, at once.',
      scope: 'keys',
      status: 204,
      audit: 'key.revoked',
      handle: async ({ actor, params }) => {
        const key = visible(actor).find(({ id }) => id === params.get('key'));
        if (!key) throw new HttpProblem('not-found', { detail: 'There is no such key.' });
        await keys.remove(key.id);
        return { audit: { key: key.id } };
      },
    }),
  ];
}

function show({ hash: _, ...key }: ApiKey) {
  return key;
}
