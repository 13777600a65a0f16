import type { Parts } from './compose.ts';
import { formatProblem, type Loaded, type Problem, type ServerConfig, type Surroundings } from './config/index.ts';
import type { Edge } from './edge.ts';
import { asRunning, needRestart } from './fixed-settings.ts';
import { readTls } from './http/read-tls.ts';
import type { LiveSettings } from './live-settings.ts';
import type { AdjustableLog } from './log/log.ts';
import { seedPlaygrounds } from './playground/seed.ts';

export interface ReloadDeps {
  readonly parts: Parts;
  readonly settings: LiveSettings;
  readonly edge: Edge;
  /** What the process was started with. */
  readonly started: ServerConfig;
  readonly read: (running: Surroundings) => Loaded;
  readonly log: AdjustableLog;
}

/**
 * Makes what SIGHUP does: reads the configuration again and applies it under the promise of live enforcement. What is
 * bad is refused whole: its problems are logged and answered, and nothing has changed.
 */
export function createReload(deps: ReloadDeps): () => Promise<readonly Problem[]> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const done = last.then(() => reload(deps));
    last = done.catch(() => {});
    return done;
  };
}

async function reload({ parts, settings, edge, started, read, log }: ReloadDeps): Promise<readonly Problem[]> {
  const refuse = (problems: readonly Problem[]) => {
    for (const problem of problems) log.error('config.refused', { problem: formatProblem(problem) });
    return problems;
  };
  const loaded = read(started.server);
  if (!loaded.ok) return refuse(loaded.problems);
  const { config: asked, warnings } = loaded;
  const config = asRunning(started, asked);
  const tls = readTls(asked.server.tls ? config.server : {});
  if (!tls.ok) return refuse(tls.problems);
  const problems = await parts.apps.reload(config);
  if (problems.length > 0) return refuse(problems);
  for (const warning of warnings) log.warn('config.warning', { ...warning });
  settings.apply(config.server);
  const keys = needRestart(started, asked);
  if (keys.length > 0) log.warn('config.restart-needed', { keys });
  log.setLevel(config.server.log);
  if (tls.pair) for (const listener of [edge.clients, edge.operators]) listener?.renew(tls.pair);
  await seedPlaygrounds(parts.apps.list(), config.server, parts);
  const detail = { apps: config.apps.map(({ id }) => id) };
  await parts.store.audit({ at: parts.clock.now(), app: null, actor: 'file', action: 'config.reloaded', detail });
  log.info('config.reloaded', detail);
  return [];
}
