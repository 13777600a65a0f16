import { type Log, RuleConflictError, StoreFullError } from '@portcullis/engine';
import { Hono } from 'hono';
import { routePath } from 'hono/route';
import type { Metrics } from '../metrics/metrics.ts';
import { StoreUnavailableError } from '../watch-store.ts';
import { type HttpContext, type HttpEnv, peerIn } from './context.ts';
import type { Health } from './health.ts';
import type { HostGuard } from './host.ts';
import type { OriginGuard } from './origin.ts';
import { HttpProblem } from './problem.ts';

export interface HttpAppDeps {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Paths, and what serves them. */
export type Mounts = readonly (readonly [path: string, app: Hono<HttpEnv>])[];

/** Builds what answers plain HTTP on one port. Whatever it answers from 400 on is problem details. */
export function createHttpApp(deps: HttpAppDeps, mounts: Mounts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    if (deps.health.starting && !HEALTH_PATHS.has(c.req.path)) throw new HttpProblem('server.not-ready');
    await next();
    const { status } = c.res;
    deps.metrics.answered(status === 404 ? 'none' : routeOf(c), status);
  });
  app.onError((error, c) => {
    const problem = toProblem(error);
    if (problem) return problem.toResponse();
    deps.log.error('http.fault', { method: c.req.method, route: routeOf(c), error });
    return new HttpProblem('server.fault').toResponse();
  });
  app.notFound((c) => new HttpProblem('not-found', { detail: `There is nothing at ${c.req.path}.` }).toResponse());
  for (const [path, mounted] of mounts) app.route(path, mounted);
  return app;
}

/** What a failure on the way says of itself. `undefined`: a fault of ours. */
function toProblem(error: Error): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof RuleConflictError) return new HttpProblem('rule.conflict', { detail: error.message });
  if (error instanceof StoreFullError) return new HttpProblem('store.full');
  if (error instanceof StoreUnavailableError) return new HttpProblem('store.unavailable');
  return undefined;
}

const HEALTH_PATHS = new Set(['/healthz', '/readyz']);

/** Liveness and readiness, on every port. */
export function createHealthApp(health: Health): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  only(app, '/healthz', 'GET', (c) => c.json({ status: 'ok' }, 200, NO_STORE));
  only(app, '/readyz', 'GET', (c) => {
    const readiness = health.readiness();
    if (readiness.ready) return c.json({ status: 'ready' }, 200, NO_STORE);
    throw new HttpProblem('server.not-ready', { detail: REASONS[readiness.reason], headers: { 'retry-after': '1' } });
  });
  return app;
}

const NO_STORE = { 'cache-control': 'no-store' };
const REASONS = {
  starting: 'The server is starting.',
  draining: 'The server is draining its connections.',
  store: 'The store does not answer.',
};

export interface MetricsAccess {
  /** Throws for foreign hosts and origins. */
  readonly guard: (c: HttpContext) => void;
  /** Throws unless the token may read metrics. */
  readonly authorise: (c: HttpContext) => void;
}

/** Metrics in Prometheus' text form: from this machine without a token, from elsewhere with one. */
export function createMetricsApp(metrics: Metrics, { guard, authorise }: MetricsAccess): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  only(app, '/metrics', 'GET', async (c) => {
    // Without a token only what runs here may ask, and not a page that had its name point here.
    if (peerIn(c).local) guard(c);
    else authorise(c);
    return c.body(await metrics.text(), 200, { 'content-type': metrics.contentType, ...NO_STORE });
  });
  return app;
}

/** A path with one method; any other is 405. */
export function only(
  app: Hono<HttpEnv>,
  path: string,
  method: 'GET' | 'POST',
  handle: (c: HttpContext) => Response | Promise<Response>,
): void {
  app.on(method, path, handle);
  app.all(path, () => {
    throw new HttpProblem('request.method-not-allowed', {
      headers: { allow: method === 'GET' ? 'GET, HEAD' : method },
    });
  });
}

export interface Guards {
  readonly hostAllowed: HostGuard;
  readonly originAllowed: OriginGuard;
}

/** Throws unless the request may have been meant for this server: see `createHostGuard` and `createOriginGuard`. */
export function guardOf({ hostAllowed, originAllowed }: Guards) {
  return (c: HttpContext): void => {
    if (!hostAllowed(c.req.header('host'))) throw new HttpProblem('request.host-not-allowed');
    if (!originAllowed(c.req.header('origin'))) throw new HttpProblem('request.origin-not-allowed');
  };
}

/** The pattern of the route that answered, never the path: that is chosen by strangers. */
function routeOf(c: HttpContext): string {
  return routePath(c, -1);
}
