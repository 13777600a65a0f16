import type { Code } from '@portcullis/policy';
import { Hono } from 'hono';
import { createAuthenticator } from './admin/authenticate.ts';
import { createAdminApi } from './admin/index.ts';
import type { Parts } from './compose.ts';
import { createHealthApp, createHttpApp, createMetricsApp, guardOf, type Mounts } from './http/app.ts';
import { ConnectionCounts } from './http/connection-counts.ts';
import type { HttpContext, HttpEnv } from './http/context.ts';
import { Listener, refuseSocket, type TlsPair } from './http/listener.ts';
import { HttpProblem } from './http/problem.ts';
import { createUpgradeHandler, pathOf } from './http/upgrade.ts';
import type { LiveSettings } from './live-settings.ts';
import { isPlayground } from './playground/demo.ts';
import { readPlaygroundFiles } from './playground/files.ts';
import { createPlaygroundApp } from './playground/playground-app.ts';
import { VERSION } from './version.ts';

/** ms in which a request's headers, and all of it, have to arrive. */
const HEADER_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 60_000;

const XANO_PATH = '/rt/';

/** The ports that the server listens on: one for clients, and one for operators if they are to have their own. */
export interface Edge {
  readonly clients: Listener;
  readonly operators: Listener | null;
}

export function createEdge(parts: Parts, settings: LiveSettings, tls: TlsPair | undefined): Edge {
  const forClients: Mounts = [
    ['/', createPlayground(parts, settings)],
    ['/', createDoorHints()],
  ];
  const forOperators = createOperatorMounts(parts, settings);
  const apart = settings.server.adminPort !== undefined;
  const listen = (mounts: Mounts, doors: boolean) => createListener({ parts, settings, tls, mounts, doors });
  return {
    clients: listen(apart ? forClients : [...forOperators, ...forClients], true),
    operators: apart ? listen(forOperators, false) : null,
  };
}

function createOperatorMounts({ health: _, ...parts }: Parts, settings: LiveSettings): Mounts {
  const authenticate = createAuthenticator({ ...parts, adminToken: () => settings.server.adminToken });
  const guard = guardOf(settings);
  const admin = new Hono<HttpEnv>();
  admin.use('*', async (c, next) => {
    guard(c);
    await next();
  });
  admin.route(
    '/',
    createAdminApi({ ...parts, authenticate, maxBody: () => settings.server.maxBody, version: VERSION }),
  );
  const mayReadMetrics = (c: HttpContext) => {
    if (!authenticate(c).scopes.has('metrics')) {
      throw new HttpProblem('admin.forbidden', { detail: 'The key lacks the scope `metrics`.' });
    }
  };
  return [
    ['/admin/v1', admin],
    ['/', createMetricsApp(parts.metrics, { guard, authorise: mayReadMetrics })],
  ];
}

function createPlayground({ engine, store, clock, log, apps }: Parts, settings: LiveSettings): Hono<HttpEnv> {
  return createPlaygroundApp({
    engine,
    store,
    clock,
    log,
    demo: () => apps.list().find((app) => isPlayground(app, settings.server)),
    files: readPlaygroundFiles(),
    guard: guardOf(settings),
  });
}

/** Plain requests to addresses that speak WebSocket. */
function createDoorHints(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.all(`${XANO_PATH}:hash`, () => {
    throw new HttpProblem('request.upgrade-required', { headers: { upgrade: 'websocket', connection: 'upgrade' } });
  });
  return app;
}

interface PortOptions {
  readonly parts: Parts;
  readonly settings: LiveSettings;
  readonly tls: TlsPair | undefined;
  readonly mounts: Mounts;
  /** Whether WebSocket doors are on this port. */
  readonly doors: boolean;
}

function createListener({ parts, settings, tls, mounts, doors }: PortOptions): Listener {
  const { apps, clock, door, health, log, metrics } = parts;
  const app = createHttpApp(parts, [['/', createHealthApp(health)], ...mounts]);
  const limitsOf = (id: string) => apps.get(id).config.limits;
  const upgrade = createUpgradeHandler({
    routes: doors
      ? [
          {
            prefix: XANO_PATH,
            app: (request) => apps.byHash(pathOf(request).slice(XANO_PATH.length)),
            accept: (request, socket, head) => door.handleUpgrade(request, socket, head),
          },
        ]
      : [],
    originAllowed: settings.originAllowed,
    counts: new ConnectionCounts(limitsOf, clock),
    refused: (code: Code) => metrics.upgradeRefused(code),
  });
  return new Listener({
    ...(tls && { tls }),
    maxHeader: settings.server.maxHeader,
    headerTimeout: HEADER_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    resolveAddress: settings.resolveAddress,
    log,
    fetch: (request, peer) => app.fetch(request, { peer }),
    upgrade: (request, socket, head, peer) => {
      if (health.starting) refuseSocket(socket, new HttpProblem('server.not-ready'));
      else upgrade(request, socket, head, peer);
    },
  });
}
