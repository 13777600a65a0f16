import { randomBytes, randomInt } from 'node:crypto';
import { createPubNubDoor, type PubNubDoor } from '@portcullis/gateways/pubnub';
import type { Parts } from './compose.ts';
import type { LiveSettings } from './live-settings.ts';

type Needed = Pick<
  Parts,
  'engine' | 'store' | 'vault' | 'clock' | 'log' | 'identities' | 'apps' | 'counts' | 'metrics'
>;

/** Cursors of another process are told from ours by it, and by their time. Some clients read it as a signed byte. */
const REGIONS = { from: 1, below: 128 };

export function openPubNubDoor(parts: Needed, settings: LiveSettings): PubNubDoor {
  const { engine, store, vault, clock, log, identities, apps, counts, metrics } = parts;
  return createPubNubDoor({
    engine: engine.stateless,
    store,
    clock,
    log,
    identity: identities,
    appByKey: (key) => apps.bySubscribeKey(key),
    addressOf: (request) =>
      settings.resolveAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString()),
    admit: (app, address) => counts.attempt(app, address),
    nonce: () => randomBytes(16).toString('base64url'),
    answered: (route, status) => metrics.answered(route, status),
    vault,
    region: randomInt(REGIONS.from, REGIONS.below),
    baseUrl: ({ headers }) =>
      settings.server.publicUrl ?? `${schemeOf(settings)}://${headers.get('host') ?? 'localhost'}`,
  });
}

const schemeOf = ({ server }: LiveSettings): string => (server.tls ? 'https' : 'http');
