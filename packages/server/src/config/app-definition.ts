import type { AppDefinition } from '@portcullis/engine';
import { type AccessSettings, ruleFromSpec } from '@portcullis/policy';
import { fingerprint } from './fingerprint.ts';
import type { AppConfig } from './types.ts';

/** What the engine needs to know of an app. Rules of the file have the ids 1, 2, 3 … by position. */
export function appDefinition(app: AppConfig): AppDefinition {
  return {
    app: app.id,
    settings: accessSettings(app),
    limits: app.limits,
    ...(app.keys.subscribe !== undefined && { replay: app.replay }),
    ...(app.presence.grace > 0 && { presenceGrace: app.presence.grace }),
    ...(Number.isFinite(app.history.retention) && { retention: app.history.retention }),
    fileRules: app.channels.map((spec, index) => ruleFromSpec(spec, { id: index + 1, version: 0, origin: 'file' })),
  };
}

function accessSettings({ enabled, access, history, historyWiden, features, pubnub }: AppConfig): AccessSettings {
  const { max: historyMax, default: historyDefault } = history;
  return { ...access, enabled, historyMax, historyDefault, historyWiden, features, wildcardDots: pubnub.wildcardDots };
}

export interface SigningSecret {
  /** What a revocation by key names; stays with the secret when it is rotated out. */
  readonly id: string;
  readonly secret: string;
}

/** Secrets that grants of the app verify with, the current one first. */
export function signingSecrets({ keys }: Pick<AppConfig, 'keys'>): readonly SigningSecret[] {
  return [keys.secret, keys.previousSecret].flatMap((secret) =>
    secret === undefined ? [] : [{ id: `secret-${fingerprint(secret)}`, secret }],
  );
}
