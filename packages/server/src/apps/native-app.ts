import type { NativeApp } from '@portcullis/gateways/native';
import type { AppConfig } from '../config/index.ts';

/** One for each configuration: the door asks with every frame. */
const made = new WeakMap<AppConfig, NativeApp>();

/** What the native door has to know of an app. */
export function nativeApp(config: AppConfig): NativeApp {
  const known = made.get(config);
  if (known !== undefined) return known;
  const app: NativeApp = {
    limits: { ...config.limits, state: config.pubnub.state },
    tokenGrace: config.tokenGrace,
    crowd: { announceMax: config.presence.announceMax, interval: config.pubnub.presenceInterval },
    explains: config.access.explainToClients === 'full',
  };
  made.set(config, app);
  return app;
}

/** For the moment between an app's end and its last connection's. */
export const NATIVE_APP_OF_NOBODY: NativeApp = {
  limits: {
    message: 1_024,
    messageDepth: 8,
    pendingCommands: 1,
    joinTimeout: 1_000,
    beforeJoin: 1_024,
    frameBeforeJoin: 1_024,
    frame: 1_024,
    commandsPerFrame: 1,
    meta: 0,
    state: 0,
    channelsPerStream: 1,
    token: 1_024,
  },
  tokenGrace: 0,
  crowd: { announceMax: 0, interval: 60_000 },
  explains: false,
};
