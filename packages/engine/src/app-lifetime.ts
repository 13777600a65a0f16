import { App } from './app.ts';
import { commit } from './authority.ts';
import type { Core } from './core.ts';
import { endSession } from './ending.ts';
import type { AppDefinition } from './engine-api.ts';
import type { CommitAck } from './outcome.ts';
import { Polls } from './polls.ts';
import type { StoredApp } from './ports/store.ts';
import { Present } from './present.ts';
import { ReplayWindow } from './replay-window.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** Makes an app known, or puts new settings, limits and file rules of a known one in force. */
export async function defineApp(core: Core, definition: AppDefinition, stored: StoredApp | null): Promise<CommitAck> {
  const known = core.apps.get(definition.app);
  if (known && known.removal !== null) {
    await known.removal.catch(() => {});
    return defineApp(core, definition, stored);
  }
  const app =
    known ?? new App(definition, stored ?? nothingStored(definition.app), core.events.of(definition.app), core);
  serveReaders(core, app, definition);
  core.apps.set(app.id, app);
  try {
    return await commit(core, app, [{ type: 'outside' }], { definition, starting: !known });
  } catch (error) {
    if (!known) core.apps.delete(app.id);
    throw error;
  }
}

/** Ends the app's sessions and readers and forgets it. Whoever defines it meanwhile waits for this. */
export async function removeApp(core: Core, app: App): Promise<void> {
  app.removal ??= remove(core, app);
  await app.removal;
}

async function remove(core: Core, app: App): Promise<void> {
  try {
    await commit(core, app, [{ type: 'app.delete' }]);
  } catch (error) {
    app.removal = null;
    throw error;
  }
  core.apps.delete(app.id);
  for (const session of [...app.sessions.values()]) endSession(core, session, 'app.disabled');
  app.polls?.end('app.disabled');
  app.present?.close();
  core.logs.forgetApp(app);
}

/** Readers and presence without a connection, for an app whose doors serve such. */
function serveReaders(core: Core, app: App, { replay }: AppDefinition): void {
  if (!replay) return;
  app.window ??= new ReplayWindow(replay, BigInt(Math.floor(core.clock.now())) * TICKS_PER_MS);
  app.window.adopt(replay);
  app.polls ??= new Polls(core, app, app.window);
  app.present ??= new Present(core, app);
}

function nothingStored(app: string): StoredApp {
  return { app, epoch: 0, settings: null, rules: [], revocations: [], bans: [], groups: [], triggers: [] };
}
