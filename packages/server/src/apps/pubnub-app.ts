import type { PubNubApp } from '@portcullis/gateways/pubnub';
import { type AppConfig, signingSecrets } from '../config/index.ts';

/** What the PubNub door has to know of an app; `undefined` for apps without a subscribe key, which it does not serve. */
export function pubNubApp(config: AppConfig): PubNubApp | undefined {
  const { id, keys, limits, presence, pubnub } = config;
  if (keys.subscribe === undefined) return undefined;
  return {
    app: id,
    publishKey: keys.publish ?? '',
    subscribeKey: keys.subscribe,
    // Without a current secret there is nothing to sign with: the one before it verifies grants alone.
    secrets: keys.secret === undefined ? [] : signingSecrets(config),
    limits,
    settings: { ...pubnub, announceMax: presence.announceMax },
  };
}
