import { randomBytes } from 'node:crypto';
import { Actions } from '@portcullis/automation/actions';
import { Language } from '@portcullis/automation/cel';
import { createPost, createReach } from '@portcullis/automation/outbound';
import type { Clock, EngineApi, Log, Store } from '@portcullis/engine';
import type { OutboundSettings } from '../config/index.ts';

export interface OpenActions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly outbound: OutboundSettings;
  /** There is none yet: it is made with these. */
  readonly engine: () => EngineApi;
}

/** Listeners and actions over a store. What waits since the process before is taken note of. */
export async function openActions({ store, clock, log, outbound, engine }: OpenActions): Promise<Actions> {
  const policy = () => outbound;
  const actions = new Actions({
    store,
    clock,
    log,
    language: new Language(() => performance.now()),
    random: Math.random,
    eventId: () => `evt_${randomBytes(15).toString('base64url')}`,
    post: createPost(policy),
    reach: createReach(policy),
    engine,
  });
  actions.resume(await store.outboxTotals());
  return actions;
}
