import { type Happening, type Log, MemoryStore, type Store } from '@portcullis/engine';
import { ANONYMOUS } from '@portcullis/policy';
import { Language } from '../../cel/index.ts';
import { createPost, createReach } from '../../outbound/index.ts';
import { Actions } from '../actions.ts';
import type { ActionLimits, AppActions, DefinedListener } from '../app-actions.ts';
import type { ActionSpec, ListenerSpec, Target } from '../spec.ts';
import { ManualClock } from './manual-clock.fixture.ts';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export const LIMITS: ActionLimits = {
  outbox: 1_000,
  outboxBytes: 1_048_576,
  deadLetters: 100,
  actionHops: 3,
  deniedEvents: 100,
  deniedPerAddress: 10,
};

export function webhookTo(url: string | URL, more: Partial<ActionSpec> = {}): ActionSpec {
  return actionTo({ kind: 'webhook', to: { url: String(url), secret: SECRET, headers: {}, redirects: 3 } }, more);
}

export function actionTo(target: Target, more: Partial<ActionSpec> = {}): ActionSpec {
  return {
    id: target.kind,
    target,
    envelope: { form: 'cloudevents', enveloped: false },
    retry: { attempts: 8, base: 1_000, max: 900_000 },
    batch: null,
    timeout: 2_000,
    concurrency: 8,
    ...more,
  };
}

export function listener(
  name: string,
  on: readonly string[],
  does: readonly ActionSpec[],
  more: Partial<ListenerSpec> = {},
): DefinedListener {
  return { name, description: '', enabled: true, on, filter: null, do: does, origin: 'file', ...more };
}

export interface Line {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All of it without an engine: what happens is told by hand, time goes on by hand. */
export class Stage {
  readonly clock: ManualClock;
  readonly actions: Actions;
  readonly lines: Line[] = [];
  readonly published: unknown[] = [];
  #ids = 0;

  constructor(store: Store = new MemoryStore(), clock = new ManualClock()) {
    this.clock = clock;
    const say = (event: string, fields = {}) => void this.lines.push({ event, fields });
    const log: Log = { debug: () => {}, info: say, warn: say, error: say };
    const policy = () => ({ private: 'allow' }) as const;
    this.actions = new Actions({
      store,
      clock,
      log,
      language: new Language(() => performance.now()),
      random: () => 1,
      eventId: () => `evt-${++this.#ids}`,
      post: createPost(policy),
      reach: createReach(policy),
      engine: () => ({
        event: async (event) => {
          this.published.push(event);
          return { ok: true, position: null, timetoken: 1n, delivered: 0 };
        },
      }),
    });
  }

  define(listeners: readonly DefinedListener[], limits: Partial<ActionLimits> = {}, app = 'a'): void {
    const definition: AppActions = { app, subscribeKey: 'sub-a', listeners, limits: { ...LIMITS, ...limits } };
    this.actions.define(definition);
  }

  /** Tells of a message, as the engine does of one that is not kept. */
  async say(channel: string, message: unknown, more: Partial<Happening> = {}): Promise<void> {
    await this.actions.of('a').tell({
      type: 'message.published',
      principal: ANONYMOUS,
      channel,
      data: { timetoken: '17000000000000000' },
      texts: { message: JSON.stringify(message), meta: 'null' },
      ...more,
    });
  }
}
