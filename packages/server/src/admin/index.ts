import type { Actions } from '@portcullis/automation/actions';
import type { Clock, EngineApi, Log, Store } from '@portcullis/engine';
import { Hono } from 'hono';
import type { ListenerBook } from '../actions/listener-book.ts';
import type { AppCatalog } from '../apps/app-catalog.ts';
import type { Identities } from '../apps/identities.ts';
import type { ServerSettings } from '../config/index.ts';
import { only } from '../http/app.ts';
import type { HttpContext, HttpEnv } from '../http/context.ts';
import type { TriggerBook } from '../triggers/trigger-book.ts';
import type { ApiKeys } from './api-keys.ts';
import { appOperations } from './apps.ts';
import { banOperations } from './bans.ts';
import { dryRunOperations } from './dry-run.ts';
import { eventOperations } from './events.ts';
import { explainOperations } from './explain.ts';
import { grantOperations } from './grants.ts';
import { keyOperations } from './key-operations.ts';
import { letterOperations } from './letters.ts';
import { listenerOperations } from './listeners.ts';
import { liveOperations } from './live.ts';
import { openApiDocument } from './openapi.ts';
import type { Operation } from './operation.ts';
import { revocationOperations } from './revocations.ts';
import { createOperationRouter } from './router.ts';
import { ruleOperations } from './rules.ts';
import type { Actor } from './scopes.ts';
import { tokenOperations } from './tokens.ts';
import { trailOperations } from './trail.ts';
import { trialOperations } from './trials.ts';
import { triggerOperations } from './triggers.ts';

export interface AdminDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
  readonly identities: Identities;
  readonly triggers: TriggerBook;
  readonly keys: ApiKeys;
  readonly actions: Actions;
  readonly listeners: ListenerBook;
  readonly server: () => ServerSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly authenticate: (c: HttpContext) => Actor;
  readonly maxBody: () => number;
  readonly version: string;
}

/** Every call of the management API. */
export function adminOperations(deps: AdminDeps): readonly Operation[] {
  return [
    ...appOperations(deps),
    ...ruleOperations(deps),
    ...triggerOperations(deps),
    ...trialOperations(deps),
    ...eventOperations(deps),
    ...grantOperations(deps),
    ...tokenOperations(deps),
    ...revocationOperations(deps),
    ...banOperations(deps),
    ...explainOperations(deps),
    ...liveOperations(deps),
    ...keyOperations(deps),
    ...listenerOperations(deps),
    ...letterOperations(deps),
    ...dryRunOperations(deps),
    ...trailOperations(deps),
  ];
}

/** The management API, to be mounted at `/admin/v1`. Its OpenAPI document is public: it tells nothing of this server. */
export function createAdminApi(deps: AdminDeps): Hono<HttpEnv> {
  const operations = adminOperations(deps);
  const document = openApiDocument(operations, deps.version);
  const api = new Hono<HttpEnv>();
  only(api, '/openapi.json', 'GET', (c) => c.json(document));
  api.route('/', createOperationRouter({ ...deps, operations }));
  return api;
}
