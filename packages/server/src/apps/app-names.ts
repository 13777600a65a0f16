import type { PubNubApp } from '@portcullis/gateways/pubnub';
import type { AppConfig } from '../config/index.ts';
import { pubNubApp } from './pubnub-app.ts';

/** What clients name their app by at each door. */
export interface AppNames {
  /** Connection hash to app. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Subscribe key to app, as the PubNub door knows it. */
  readonly subscribeKeys: ReadonlyMap<string, PubNubApp>;
}

export function namesOf(apps: readonly AppConfig[]): AppNames {
  const hashes = new Map<string, string>();
  const subscribeKeys = new Map<string, PubNubApp>();
  for (const config of apps) {
    const pubnub = pubNubApp(config);
    if (config.connectionHash !== undefined) hashes.set(config.connectionHash, config.id);
    if (pubnub !== undefined) subscribeKeys.set(pubnub.subscribeKey, pubnub);
  }
  return { hashes, subscribeKeys };
}

/** Ids that are no app's hold what the server keeps for itself. */
export function isAppId(id: string): boolean {
  return !id.startsWith('~');
}
