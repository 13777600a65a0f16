import type { Actions } from '@portcullis/automation/actions';
import { openSqliteStore } from '@portcullis/backends/sqlite';
import { type Clock, Engine, type Log, MemoryBroker, MemoryStore, type Store } from '@portcullis/engine';
import type { FileVault, PubNubDoor } from '@portcullis/gateways/pubnub';
import { createXanoDoor, type XanoDoor, type XanoLimits } from '@portcullis/gateways/xano';
import { ListenerBook } from './actions/listener-book.ts';
import { openActions } from './actions/open-actions.ts';
import { ApiKeys, KEYS_ID } from './admin/api-keys.ts';
import { AppCatalog } from './apps/app-catalog.ts';
import { Identities } from './apps/identities.ts';
import { takeBack, withdrawKeys } from './apps/withdraw-keys.ts';
import type { Problem, ServerConfig } from './config/index.ts';
import { ConnectionCounts } from './http/connection-counts.ts';
import { Health } from './http/health.ts';
import type { LiveSettings } from './live-settings.ts';
import { DenialCounts } from './metrics/denial-counts.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { type NativeDoors, openNativeDoors } from './native-door.ts';
import { nodeIds } from './node-ports/ids.ts';
import { seedPlaygrounds } from './playground/seed.ts';
import { openPubNubDoor } from './pubnub-door.ts';
import { openTriggers } from './triggers/open-triggers.ts';
import type { TriggerBook } from './triggers/trigger-book.ts';
import { openVault } from './vault.ts';
import { watchStore } from './watch-store.ts';

/** Everything of the server but its ports. */
export interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly denials: DenialCounts;
  readonly store: Store;
  readonly vault: FileVault;
  readonly engine: Engine;
  readonly triggers: TriggerBook;
  readonly actions: Actions;
  readonly listeners: ListenerBook;
  readonly identities: Identities;
  readonly apps: AppCatalog;
  readonly keys: ApiKeys;
  readonly counts: ConnectionCounts;
  readonly door: XanoDoor;
  readonly pubnub: PubNubDoor;
  readonly native: NativeDoors;
}

export interface ComposeOptions {
  readonly config: ServerConfig;
  readonly settings: LiveSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** What forbids a start: one line each. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** Opens the store and puts the parts together. Nothing is served yet: `startApps` does that. */
export async function compose({ config, settings, clock, log }: ComposeOptions): Promise<Parts> {
  const health = new Health();
  const metrics = createMetrics();
  const watched = watchStore(await openStore(config, log), health, clock);
  const { outbound } = config.server;
  const actions = await openActions({ store: watched, clock, log, outbound, engine: () => engine });
  const { store } = actions;
  const denials = new DenialCounts({ store, clock, log });
  const meter = {
    ...metrics.meter,
    denied: (app: string, code: string, principal: string, rule: number | null) => {
      metrics.meter.denied(app, code, principal, rule);
      denials.add(app, code, principal, rule);
    },
  };
  const state = await store.load();
  const engine = new Engine({
    broker: new MemoryBroker({ clock, ids: nodeIds }),
    store,
    clock,
    ids: nodeIds,
    log,
    meter,
    events: actions,
  });
  engine.resume(state);
  const identities = new Identities({
    clock,
    log,
    outbound: config.server.outbound,
    onKeysRemoved: (app, removed) => {
      withdrawKeys(app, removed, { engine, clock, log }).catch((error: unknown) =>
        log.error('identity.withdraw-failed', { app, error }),
      );
    },
  });
  const refresh = (app: string) => apps.refresh(app);
  const triggers = openTriggers({ engine, config, settings, clock, log, metrics, refresh });
  const listeners = new ListenerBook({ actions, store, server: () => settings.server, log }, await store.listeners());
  metrics.watchActions(actions, () => clock.now());
  const apps: AppCatalog = new AppCatalog({ engine, store, identities, triggers, listeners, log }, config.server);
  const keys = new ApiKeys(
    store,
    state.apps.find(({ app }) => app === KEYS_ID),
  );
  const door = createXanoDoor({
    engine,
    clock,
    log,
    identify: (app, token) => identities.identify(app, token === undefined ? {} : { token, unpadded: true }),
    appByHash: (hash) => apps.byHash(hash),
    limitsOf: (app) => apps.find(app)?.config.limits ?? LIMITS_OF_NOBODY,
    addressOf: (request) =>
      settings.resolveAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString()),
    pingInterval: config.server.pingInterval,
  });
  const counts = new ConnectionCounts((app) => apps.get(app).config.limits, clock);
  const vault = await openVault(config.data);
  const pubnub = openPubNubDoor({ engine, store, vault, clock, log, identities, apps, counts, metrics }, settings);
  const native = openNativeDoors({ engine, clock, log, identities, apps, keys, counts, metrics }, settings);
  const ports = { clock, log, health, metrics, denials, store, vault, engine, triggers, actions, listeners };
  return { ...ports, identities, apps, keys, counts, door, pubnub, native };
}

/** For the moment between an app's end and its last connection's. */
const LIMITS_OF_NOBODY: XanoLimits = { message: 1_024, messageDepth: 8, pendingCommands: 1 };

function openStore({ data }: ServerConfig, log: Log): Promise<Store> {
  if (data === ':memory:') return Promise.resolve(new MemoryStore());
  return openSqliteStore({ folder: data, log });
}

/** Serves the apps of file and store. Throws `StartRefused` if they do not go together. */
export async function startApps(parts: Parts, config: ServerConfig): Promise<void> {
  const { apps, engine, clock, store } = parts;
  const problems = await apps.start(config, await store.load());
  if (problems.length > 0) throw new StartRefused(problems);
  for (const app of apps.list()) await takeBack(app.config.id, { engine, clock });
  await seedPlaygrounds(apps.list(), config.server, { engine, clock });
}
