import type { Code } from '@portcullis/policy';
import type { Hono } from 'hono';
import type { Parts } from './compose.ts';
import { ConnectionCounts } from './http/connection-counts.ts';
import type { HttpEnv } from './http/context.ts';
import { Listener, refuseSocket, type TlsPair } from './http/listener.ts';
import { HttpProblem } from './http/problem.ts';
import { createUpgradeHandler, pathOf, type UpgradeRoute } from './http/upgrade.ts';
import type { LiveSettings } from './live-settings.ts';
import { createSites, XANO_PATH } from './sites.ts';

/** The ports that the server listens on: one for clients, and one for operators if they are to have their own. */
export interface Edge {
  readonly clients: Listener;
  readonly operators: Listener | null;
}

export function createEdge(parts: Parts, settings: LiveSettings, tls: TlsPair | undefined): Edge {
  const sites = createSites(parts, settings);
  const listen = (site: Hono<HttpEnv>, routes: readonly UpgradeRoute[]) =>
    createListener({ parts, settings, tls, site, routes });
  return {
    clients: listen(sites.clients, doorsOf(parts)),
    operators: sites.operators && listen(sites.operators, []),
  };
}

function doorsOf({ apps, door }: Parts): readonly UpgradeRoute[] {
  return [
    {
      prefix: XANO_PATH,
      app: (request) => apps.byHash(pathOf(request).slice(XANO_PATH.length)),
      accept: (request, socket, head) => door.handleUpgrade(request, socket, head),
    },
  ];
}

interface PortOptions {
  readonly parts: Parts;
  readonly settings: LiveSettings;
  readonly tls: TlsPair | undefined;
  readonly site: Hono<HttpEnv>;
  readonly routes: readonly UpgradeRoute[];
}

function createListener({ parts, settings, tls, site, routes }: PortOptions): Listener {
  const { apps, clock, health, log, metrics } = parts;
  const { maxHeader, headerTimeout, requestTimeout } = settings.server;
  const upgrade = createUpgradeHandler({
    routes,
    originAllowed: settings.originAllowed,
    counts: new ConnectionCounts((app) => apps.get(app).config.limits, clock),
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
