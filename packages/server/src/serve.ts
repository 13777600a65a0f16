import type { AddressInfo } from 'node:net';
import type { DestinationStream } from 'pino';
import { compose, type Parts, StartRefused, startApps } from './compose.ts';
import type { Loaded, Problem, ServerConfig, ServerSettings, Surroundings } from './config/index.ts';
import { createEdge, type Edge } from './edge.ts';
import { houseKeep } from './house-keep.ts';
import { readTls } from './http/read-tls.ts';
import { LiveSettings } from './live-settings.ts';
import { type AdjustableLog, createLog } from './log/log.ts';
import { NodeClock } from './node-ports/clock.ts';
import { playgroundOrigins } from './playground/own-pages.ts';
import { createReload } from './reload.ts';

export { StartRefused } from './compose.ts';

/** What the server needs of the process; tests give their own. */
export interface ServeIo {
  /** Calls `fn` at every SIGHUP. Returns a function that ends it. */
  readonly onHangup: (fn: () => void) => () => void;
  /** Calls `fn` for faults that nothing else caught. Returns a function that ends it. */
  readonly onFault: (fn: (kind: 'exception' | 'rejection', error: unknown) => void) => () => void;
  /** Where log lines go; standard output when absent. */
  readonly logTo?: DestinationStream;
}

export interface ServeOptions {
  readonly config: ServerConfig;
  /** Reads the configuration again, for a server that runs in these surroundings. */
  readonly reload: (running: Surroundings) => Loaded;
  readonly io?: Partial<ServeIo>;
}

export interface Running {
  /** Where clients reach it. */
  readonly url: string;
  /** Where operators reach it: another port if they have their own. */
  readonly adminUrl: string;
  /** Applies the configuration as `reload` reads it now: what SIGHUP does. Answers with what forbids it. */
  reload(): Promise<readonly Problem[]>;
  /** Asks clients to come back, waits for what is queued, closes the store. Idempotent. */
  stop(): Promise<void>;
}

/** Starts the server. Resolves when it is ready; rejects, with everything closed again, when it cannot be. */
export async function serve(options: ServeOptions): Promise<Running> {
  const { config } = options;
  const io: ServeIo = { ...processIo, ...options.io };
  const clock = new NodeClock();
  const log = createLog({ level: config.server.log, ...(io.logTo && { destination: io.logTo }) });
  const settings = new LiveSettings(config.server);
  const tls = readTls(config.server);
  if (!tls.ok) throw new StartRefused(tls.problems);
  const parts = await compose({ config, settings, clock, log });
  const undo: (() => void)[] = [];
  try {
    const edge = createEdge(parts, settings, tls.pair);
    const bound = await listen(edge, config.server);
    undo.push(() => cut(edge));
    await startApps(parts, config);
    undo.push(houseKeep(parts));
    const urls = urlsOf(config.server, bound);
    const reload = createReload({ parts, settings, edge, started: config, read: options.reload, log });
    settings.allowOwnPages(() => playgroundOrigins(parts.apps.list(), settings.server, urls.url));
    undo.push(
      io.onHangup(() => {
        reload().catch((error: unknown) => log.error('config.reload-failed', { error }));
      }),
      io.onFault((kind, error) => {
        log.error('process.fault', { kind, error });
        parts.metrics.faulted();
      }),
    );
    parts.health.started();
    log.info('server.ready', { ...urls, apps: parts.apps.list().length });
    return { ...urls, reload, stop: once(() => drain({ parts, edge, settings, log, undo })) };
  } catch (error) {
    for (const step of undo.reverse()) step();
    parts.identities.close();
    parts.triggers.close();
    await parts.actions.stop();
    await parts.store.close();
    throw error;
  }
}

interface Drain {
  readonly parts: Parts;
  readonly edge: Edge;
  readonly settings: LiveSettings;
  readonly log: AdjustableLog;
  readonly undo: readonly (() => void)[];
}

/** How long plain requests under way may take to end once the sessions have. */
const LAST_REQUESTS = 1_500;

async function drain({ parts, edge, settings, log, undo }: Drain): Promise<void> {
  const { health, door, pubnub, native, engine, identities, triggers, denials, actions, store, clock } = parts;
  log.info('server.draining', { within: settings.server.drainTimeout });
  health.drain();
  door.close();
  pubnub.close();
  native.sockets.close();
  native.http.close();
  const ending = { code: 'session.restarting', message: 'The server is restarting.' } as const;
  await engine.drain(ending, settings.server.drainTimeout);
  const gone = Promise.all([edge.clients.stop(), edge.operators?.stop()]);
  await Promise.race([gone, new Promise<void>((resolve) => clock.after(LAST_REQUESTS, resolve))]);
  for (const step of undo) step();
  identities.close();
  triggers.close();
  await denials.flush();
  await actions.stop();
  await store.close();
  log.info('server.stopped');
}

async function listen(edge: Edge, { host, port, adminPort }: ServerSettings) {
  const clients = await edge.clients.start(host, port);
  try {
    const operators = adminPort === undefined ? undefined : await edge.operators?.start(host, adminPort);
    return { clients, operators: operators ?? clients };
  } catch (error) {
    cut(edge);
    throw error;
  }
}

function cut({ clients, operators }: Edge): void {
  for (const listener of [clients, operators]) {
    void listener?.stop();
    listener?.cut();
  }
}

function urlsOf(server: ServerSettings, bound: { readonly clients: AddressInfo; readonly operators: AddressInfo }) {
  const scheme = server.tls ? 'https' : 'http';
  const urlOf = ({ address, port }: AddressInfo) => {
    const everywhere = address === '0.0.0.0' || address === '::';
    const host = everywhere ? 'localhost' : address.includes(':') ? `[${address}]` : address;
    return `${scheme}://${host}:${port}`;
  };
  return { url: urlOf(bound.clients), adminUrl: urlOf(bound.operators) };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= run();
    return done;
  };
}

const processIo: ServeIo = {
  onHangup: (fn) => {
    process.on('SIGHUP', fn);
    return () => process.off('SIGHUP', fn);
  },
  onFault: (fn) => {
    const exception = (error: unknown) => fn('exception', error);
    const rejection = (error: unknown) => fn('rejection', error);
    process.on('uncaughtException', exception).on('unhandledRejection', rejection);
    return () => process.off('uncaughtException', exception).off('unhandledRejection', rejection);
  },
};
