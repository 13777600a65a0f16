import type { Clock, Log, Store } from '@portcullis/engine';
import { Hono } from 'hono';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { type HttpContext, type HttpEnv, jsonBody } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { CallTrail } from './call-trail.ts';
import type { Operation } from './operation.ts';
import { type Actor, may } from './scopes.ts';

export interface RouterDeps {
  readonly operations: readonly Operation[];
  readonly authenticate: (c: HttpContext) => Actor;
  readonly apps: AppCatalog;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of a body. */
  readonly maxBody: () => number;
}

/**
 * Serves operations below `/admin/v1`. The order is fixed: who asks, whether it may, whether the app is its to see, and
 * only then what is asked. An app that is not an API key's looks like one that does not exist.
 */
export function createOperationRouter(deps: RouterDeps): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>();
  const allowed = new Map<string, string[]>();
  for (const operation of deps.operations) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    allowed.set(path, [...(allowed.get(path) ?? []), operation.method.toUpperCase()]);
    router.on(operation.method.toUpperCase(), path, (c) => serve(c, operation, deps));
  }
  for (const [path, methods] of allowed) {
    router.all(path, () => {
      throw new HttpProblem('request.method-not-allowed', { headers: { allow: methods.join(', ') } });
    });
  }
  return router;
}

/** Where what a call takes is written down. */
const DOCUMENT = 'Compare it with the OpenAPI document: /admin/v1/openapi.json.';

async function serve(...call: Parameters<typeof answer>): Promise<Response> {
  try {
    return await answer(...call);
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.code !== 'request.malformed') throw error;
    throw new HttpProblem(error.code, { fix: DOCUMENT, ...error.options });
  }
}

async function answer(c: HttpContext, operation: Operation, deps: RouterDeps): Promise<Response> {
  const actor = deps.authenticate(c);
  const params = new Map(Object.entries(c.req.param()));
  const app = params.get('app') ?? '';
  if (params.has('app') && (!deps.apps.find(app) || (actor.app !== null && actor.app !== app))) {
    throw new HttpProblem('not-found', { detail: 'There is no such app.' });
  }
  if (!may(actor, operation.scope)) {
    throw new HttpProblem('admin.forbidden', { detail: `The key lacks the scope \`${operation.scope}\`.` });
  }
  const query = queryOf(c);
  const body =
    operation.body === null ? undefined : await bodyOf(c, operation.body.type === 'optional', deps.maxBody());
  const trail = new CallTrail(operation.audit, { actor, app }, deps);
  const result = await operation.run({ actor, app, params, query, body, noted: (detail) => trail.noted(detail) });
  await trail.done(result.audit ?? {});
  if (operation.status === 204) return c.body(null, 204);
  return c.json(result.body as object, operation.status, { 'cache-control': 'no-store', ...result.headers });
}

function queryOf(c: HttpContext): Record<string, string> {
  const query = c.req.queries();
  const repeated = Object.keys(query).find((name) => (query[name]?.length ?? 0) > 1);
  if (repeated !== undefined) {
    throw new HttpProblem('request.malformed', {
      errors: [{ path: `query.${repeated}`, message: 'comes more than once' }],
    });
  }
  return c.req.query();
}

async function bodyOf(c: HttpContext, optional: boolean, maxBytes: number): Promise<unknown> {
  if (optional && c.req.header('content-type') === undefined) return undefined;
  return jsonBody(c, maxBytes);
}
