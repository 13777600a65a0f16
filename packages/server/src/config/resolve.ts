import { resolveGates } from './gates.ts';
import { resolveJwt } from './jwt-key.ts';
import { isLoopback } from './loopback.ts';
import { resolveListener } from './resolve-listener.ts';
import { resolveTrigger } from './resolve-trigger.ts';
import type { AppInput, RootInput } from './schema/root.ts';
import { LOCAL_ORIGINS } from './schema/server.ts';
import type { AccessConfig, AppConfig, ServerConfig, ServerSettings } from './types.ts';

/** An app as its schema read it; rules are there only when it came from the file. */
type FileLists = 'channels' | 'triggers' | 'actions';
export type SettingsInput = Omit<AppInput, FileLists> & Partial<Pick<AppInput, FileLists>>;

export interface Whereabouts {
  /** Where relative paths of apps start from. */
  readonly base: string;
  /** The host that the server listens on, whatever the input says. */
  readonly host: string;
}

/** Fills in the defaults that depend on other keys. The input has passed the checks. */
export function resolveConfig({ server, apps, ...rest }: RootInput, { base, host }: Whereabouts): ServerConfig {
  return {
    ...rest,
    base,
    server: { ...server, origins: server.origins ?? defaultOrigins(server.publicUrl) },
    apps: apps.map((app) => resolveApp(app, { host })),
  };
}

/** What clients of the PubNub SDKs expect where authority is all in the token. */
const WEEK = 7 * 86_400_000;

export function resolveApp(app: SettingsInput, server: Pick<ServerSettings, 'host'>): AppConfig {
  const access = resolveAccess(app, server);
  const retention = app.history.retention ?? (access.rules ? Number.POSITIVE_INFINITY : WEEK);
  return {
    ...app,
    access,
    identity: { jwt: app.identity.jwt.map(resolveJwt) },
    channels: app.channels ?? [],
    triggers: (app.triggers ?? []).map(resolveTrigger),
    actions: (app.actions ?? []).map(resolveListener),
    limits: { ...app.limits, rosterMax: app.presence.rosterMax },
    history: { max: app.history.max, default: app.history.default ?? app.history.max, retention },
  };
}

function defaultOrigins(publicUrl: string | undefined): readonly string[] {
  return publicUrl === undefined ? LOCAL_ORIGINS : [...LOCAL_ORIGINS, new URL(publicUrl).origin];
}

function resolveAccess(app: SettingsInput, { host }: Pick<ServerSettings, 'host'>): AccessConfig {
  const { access } = app;
  const explained = isLoopback(host) ? 'full' : 'short';
  if (access === 'open') {
    return {
      open: true,
      rules: false,
      grants: false,
      patternMatch: 'full',
      unboundTokens: 'stated',
      groupAdd: 'covered',
      explainToClients: explained,
    };
  }
  const gates = resolveGates(access, app);
  if (gates === undefined) throw new Error('an app passed the checks without saying which gates are shut');
  return { ...access, ...gates, open: false, explainToClients: access.explainToClients ?? explained };
}
