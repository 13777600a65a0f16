import type { App } from './app.ts';
import type { Core } from './core.ts';

/** The arrival number of what is to go out next in a channel: all before it has gone out. */
export function firstOutstanding(core: Core, app: App, channel: string): number {
  const held = app.held.find((publication) => publication.channel === channel);
  return app.channels.get(channel)?.batch[0]?.seq ?? held?.seq ?? core.broker.feed(app.id, channel).seq + 1;
}
