import type { App } from './app.ts';
import type { Timetoken } from './publication.ts';

/** What was deleted from a channel's history: nobody catches up with it, whoever is being sent what it missed included. */
export function forgetDeleted(app: App, name: string, timetokens: readonly Timetoken[]): void {
  if (timetokens.length === 0) return;
  const gone: ReadonlySet<Timetoken> = new Set(timetokens);
  app.window?.forget(name, gone);
  for (const sub of app.channels.get(name)?.waiting ?? []) {
    const { missed } = sub;
    if (missed) sub.missed = { ...missed, items: missed.items.filter(({ timetoken }) => !gone.has(timetoken)) };
  }
}
