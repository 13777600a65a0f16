import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Code } from '@portcullis/policy';
import type { Hono } from 'hono';
import type { Parts } from './compose.ts';
import type { HttpEnv } from './http/context.ts';
import { answerWith, Listener, refuseSocket, type TlsPair } from './http/listener.ts';
import { HttpProblem } from './http/problem.ts';
import { createUpgradeHandler, pathOf, type UpgradeRoute } from './http/upgrade.ts';
import type { LiveSettings } from './live-settings.ts';
import { createSites, NATIVE_PATH, XANO_PATH } from './sites.ts';

/** The ports that the server listens on: one for clients, and one for operators if they are to have their own. */
export interface Edge {
  readonly clients: Listener;
  readonly operators: Listener | null;
}

export function createEdge(parts: Parts, settings: LiveSettings, tls: TlsPair | undefined): Edge {
  const sites = createSites(parts, settings);
  const common = { parts, settings, tls };
  return {
    clients: createListener({ ...common, site: sites.clients, routes: doorsOf(parts), serve: serveRaw(parts) }),
    operators: sites.operators && createListener({ ...common, site: sites.operators, routes: [] }),
  };
}

function doorsOf({ apps, door, native }: Parts): readonly UpgradeRoute[] {
  return [
    {
      leads: (path) => path.startsWith(XANO_PATH),
      app: (request) => apps.byHash(pathOf(request).slice(XANO_PATH.length)),
      accept: (request, socket, head) => door.handleUpgrade(request, socket, head),
    },
    {
      leads: (path) => path === NATIVE_PATH,
      problem: (request) => native.sockets.upgradeProblem(request),
      app: (request) => native.sockets.appOf(request),
      accept: (request, socket, head) => native.sockets.handleUpgrade(request, socket, head),
    },
  ];
}

/** Doors that answer plain requests themselves, before anything has normalised the address. */
function serveRaw({ health, pubnub, native }: Parts) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const target = request.url ?? '';
    const door = native.http.handles(target) ? native.http : pubnub.handles(target) ? pubnub : undefined;
    if (door === undefined) return false;
    if (health.starting) answerWith(response, new HttpProblem('server.not-ready'));
    else door.handle(request, response);
    return true;
  };
}

interface PortOptions {
  readonly parts: Parts;
  readonly settings: LiveSettings;
  readonly tls: TlsPair | undefined;
  readonly site: Hono<HttpEnv>;
  readonly routes: readonly UpgradeRoute[];
  readonly serve?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

function createListener({ parts, settings, tls, site, routes, serve }: PortOptions): Listener {
  const { counts, health, log, metrics } = parts;
  const { maxHeader, headerTimeout, requestTimeout } = settings.server;
  const upgrade = createUpgradeHandler({
    routes,
    originAllowed: settings.originAllowed,
    counts,
    refused: (code: Code) => metrics.upgradeRefused(code),
  });
  return new Listener({
    ...(tls && { tls }),
    maxHeader,
    headerTimeout,
    requestTimeout,
    resolveAddress: settings.resolveAddress,
    log,
    fetch: (request, peer) => site.fetch(request, { peer }),
    ...(serve && { serve }),
    upgrade: (request, socket, head, peer) => {
      if (health.starting) {
        refuseSocket(socket, new HttpProblem('server.not-ready'));
        return;
      }
      try {
        upgrade(request, socket, head, peer);
      } catch (error) {
        log.error('http.fault', { route: 'upgrade', error });
        socket.destroy();
      }
    },
  });
}
