import type { App } from './app.ts';
import type { Core } from './core.ts';
import { missedInStore, type Stored } from './missed-store.ts';
import type { Position, Publication } from './publication.ts';

/** All that was missed, oldest first; or not all of it can be had. */
export type Recovered = readonly Publication[] | 'gap';

/**
 * What has a place behind `from` in a channel's log, up to what was handed out last: from memory, and before that from
 * what was read from the store. `not remembered`: the store may have it. Whether it is for the reader is decided when it is sent.
 */
export function findMissed(
  core: Core,
  app: App,
  name: string,
  from: Position,
  stored: Stored | null,
  proven: boolean,
): Recovered | 'not remembered' {
  const head = core.broker.feed(app.id, name).position;
  if (from.epoch !== head.epoch || from.offset > head.offset) return 'gap';
  // Handed out elsewhere under a policy that is not in force here yet: nobody can say what of it is for the reader.
  if (app.held.some(({ channel }) => channel === name)) return 'gap';
  const remembered = inMemory(core, app, name, from, head);
  if (remembered) return remembered;
  if (!stored) return 'not remembered';
  const older = missedInStore(stored, from, proven);
  if (!older) return 'gap';
  const rest = inMemory(core, app, name, stored.upTo, head);
  return rest ? [...older, ...rest] : 'not remembered';
}

function inMemory(core: Core, app: App, name: string, from: Position, head: Position): readonly Publication[] | null {
  if (from.epoch === head.epoch && from.offset === head.offset) return [];
  return app.window?.since(name, from, core.clock.now()) ?? null;
}
