import type { Call, PubNubDeps } from '../http/call.ts';
import { isAllowed } from '../messaging/decide-all.ts';
import { membersHere } from '../names/exists-here.ts';
import type { SaidPresence } from './said-presence.ts';

/**
 * Marks the user present where it subscribes or sends heartbeats: on each channel it names, and on those of its groups that
 * it is admitted to. Whether it may was decided by the call; what has changed since then is refused by the engine.
 */
export function stayPresent(call: Call, { engine }: PubNubDeps, said: SaidPresence): void {
  const { principal } = call;
  const { app, settings } = call.app;
  const { timeout, state } = said;
  const how = { app, principal, timeout, usual: settings.presenceTimeout, state };
  if (said.channels.length > 0) engine.heartbeat({ ...how, channels: said.channels });
  for (const group of said.groups) {
    const via = { group };
    const channels = membersHere(engine, call.app, group).filter((name) =>
      isAllowed(call, engine, { operation: 'heartbeat', name, via }),
    );
    if (channels.length > 0) engine.heartbeat({ ...how, channels, via });
  }
}
