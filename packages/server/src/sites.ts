import { Hono } from 'hono';
import { createAuthenticator } from './admin/authenticate.ts';
import { createAdminApi } from './admin/index.ts';
import { may } from './admin/scopes.ts';
import type { Parts } from './compose.ts';
import { createHealthApp, createHttpApp, createMetricsApp, guardOf, type Mounts, only } from './http/app.ts';
import { type HttpContext, type HttpEnv, peerIn } from './http/context.ts';
import { HttpProblem } from './http/problem.ts';
import type { LiveSettings } from './live-settings.ts';
import { nativeOpenApi } from './native-openapi.ts';
import { isPlayground } from './playground/demo.ts';
import { readPlaygroundFiles } from './playground/files.ts';
import { createPlaygroundApp } from './playground/playground-app.ts';
import { VERSION } from './version.ts';

/** Where clients of the Xano SDK connect. */
export const XANO_PATH = '/rt/';
/** Where native clients connect. */
export const NATIVE_PATH = '/v1/connect';

/** What plain HTTP finds on each port. `operators` is `null` when they share the clients'. */
export interface Sites {
  readonly clients: Hono<HttpEnv>;
  readonly operators: Hono<HttpEnv> | null;
}

export function createSites(parts: Parts, settings: LiveSettings): Sites {
  const health: Mounts = [['/', createHealthApp(parts.health)]];
  const forOperators: Mounts = operatorMounts(parts, settings);
  const forClients: Mounts = [
    ['/', createPlayground(parts, settings)],
    ['/', createDoorHints()],
  ];
  const apart = settings.server.adminPort !== undefined;
  return {
    clients: createHttpApp(parts, [...health, ...(apart ? [] : forOperators), ...forClients]),
    operators: apart ? createHttpApp(parts, [...health, ...forOperators]) : null,
  };
}

function operatorMounts({ health: _, ...parts }: Parts, settings: LiveSettings): Mounts {
  const authenticate = createAuthenticator({ ...parts, server: () => settings.server });
  const guard = guardOf(settings);
  const admin = new Hono<HttpEnv>();
  admin.use('*', async (c, next) => {
    guard(c);
    await next();
  });
  admin.route(
    '/',
    createAdminApi({
      ...parts,
      server: () => settings.server,
      authenticate,
      maxBody: () => settings.server.maxBody,
      version: VERSION,
    }),
  );
  const authorise = (c: HttpContext) => {
    if (!may(authenticate(c), 'metrics')) {
      throw new HttpProblem('admin.forbidden', { detail: 'The key lacks the scope `metrics`.' });
    }
  };
  return [
    ['/admin/v1', admin],
    ['/', createMetricsApp(parts.metrics, { guard, authorise })],
  ];
}

function createPlayground({ engine, store, clock, log, apps }: Parts, settings: LiveSettings): Hono<HttpEnv> {
  return createPlaygroundApp({
    engine,
    store,
    clock,
    log,
    demo: (c) => {
      // A loopback server may have a proxy before it: who comes through one is not on this machine.
      if (settings.server.playground !== 'on' && !peerIn(c).local) return undefined;
      return apps.list().find((app) => isPlayground(app, settings.server));
    },
    files: readPlaygroundFiles(),
    guard: guardOf(settings),
  });
}

/** Plain requests to addresses that speak WebSocket, and what clients of the native door can look up. */
function createDoorHints(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const document = nativeOpenApi(VERSION);
  only(app, '/v1/openapi.json', 'GET', (c) => c.json(document));
  for (const path of [`${XANO_PATH}:hash`, NATIVE_PATH]) {
    app.all(path, () => {
      throw new HttpProblem('request.upgrade-required', { headers: { upgrade: 'websocket' } });
    });
  }
  return app;
}
