import { randomBytes, randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  Crowds,
  createNativeDoor,
  createNativeHttp,
  type NativeDoor,
  type NativeHttp,
} from '@portcullis/gateways/native';
import { NATIVE_APP_OF_NOBODY, nativeApp } from './apps/native-app.ts';
import { createPublisherIdentifier } from './apps/publishers.ts';
import type { Parts } from './compose.ts';
import type { LiveSettings } from './live-settings.ts';

type Needed = Pick<Parts, 'engine' | 'clock' | 'log' | 'identities' | 'apps' | 'keys' | 'counts' | 'metrics'>;

/** Browsers whose stream broke off come back after so many ms, not all at once. */
const COME_BACK = { from: 1_000, below: 5_000 };

/** The native door: its WebSockets, and what it serves over plain HTTP. */
export interface NativeDoors {
  readonly sockets: NativeDoor;
  readonly http: NativeHttp;
}

export function openNativeDoors(parts: Needed, settings: LiveSettings): NativeDoors {
  const { engine, clock, log, identities, apps, counts, metrics } = parts;
  const appOf = (id: string) => {
    const app = apps.find(id);
    return app ? nativeApp(app.config) : NATIVE_APP_OF_NOBODY;
  };
  const crowds = new Crowds({ engine: engine.stateless, clock, log, settingsOf: (app) => appOf(app).crowd });
  const common = {
    engine,
    crowds,
    appOf,
    clock,
    log,
    identify: identities.identify.bind(identities),
    appByKey: (key: string) => apps.bySubscribeKey(key)?.app,
    addressOf: (request: IncomingMessage) =>
      settings.resolveAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString()),
    pingInterval: settings.server.pingInterval,
  };
  return {
    sockets: createNativeDoor(common),
    http: createNativeHttp({
      ...common,
      identifyPublisher: createPublisherIdentifier(parts),
      originAllowed: settings.originAllowed,
      attempt: (app, address) => counts.attempt(app, address),
      admit: (app, socket) => counts.hold(app, socket),
      answered: (route, status) => metrics.answered(route, status),
      nonce: () => randomBytes(32).toString('base64url'),
      comeBackAfter: () => randomInt(COME_BACK.from, COME_BACK.below),
    }),
  };
}
