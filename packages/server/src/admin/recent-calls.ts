import type { Runs } from '@portcullis/automation/triggers';
import type { Clock, EngineApi, Publication, Sender, Store, TriggerCall } from '@portcullis/engine';
import { ANONYMOUS, type Principal, ruleFor } from '@portcullis/policy';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

export interface RecentDeps {
  readonly app: string;
  readonly runs: Runs;
  readonly store: Store;
  readonly clock: Clock;
  readonly engine: EngineApi;
}

/** Real joins and messages of late, oldest first: what triggers saw, or what a channel keeps. */
export async function recentCalls(
  { app, runs, store, clock, engine }: RecentDeps,
  { channel, limit }: { readonly channel?: string; readonly limit: number },
): Promise<readonly Omit<TriggerCall, 'rule'>[]> {
  if (channel === undefined) {
    return runs
      .latest(limit)
      .map(({ call }) => call)
      .reverse();
  }
  if (!ruleFor(engine.policy(app), channel)) return [];
  const kept = await store.history({ app, channel, limit, scope: { of: 'channel' }, now: clock.now() });
  return kept.flatMap((publication) => callOf(publication) ?? []);
}

/** A kept message as it was said. What its sender proved beyond its id is not kept. */
function callOf({ app, channel, kind, sender, data, meta, customType, timetoken, audience }: Publication) {
  if (!sender || (kind !== 'message' && kind !== 'file')) return undefined;
  const call: Omit<Extract<TriggerCall, { action: 'message' }>, 'rule'> = {
    app,
    channel,
    principal: principalOf(sender),
    session: sender.session,
    at: Number(timetoken / TICKS_PER_MS),
    action: 'message',
    kind,
    target: audience.to === 'authenticated' ? { to: 'authenticated' } : { to: 'everyone' },
    data,
    ...(meta === undefined ? {} : { meta }),
    ...(customType === undefined ? {} : { customType }),
    store: true,
    fire: false,
    hops: 0,
  };
  return call;
}

function principalOf({ user, table, row, extras, claimed }: Sender): Principal {
  if (user !== '') return { kind: 'user', user, table, row, extras, credentials: [] };
  return claimed === undefined ? ANONYMOUS : { kind: 'stated', user: claimed, credentials: [] };
}
