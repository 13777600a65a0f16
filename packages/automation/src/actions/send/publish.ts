import type { EngineApi } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import type { Expression } from '../../cel/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { PublishTarget } from '../spec.ts';
import { failed, SENT, type Sender, type Sent } from './sender.ts';

export interface PublishOptions {
  readonly app: string;
  /** Of the listener: who publishes, and the newest step of the trail. */
  readonly listener: string;
  readonly target: PublishTarget;
  /** Makes the payload; `null`: the event as it is. */
  readonly data: Expression | null;
  /** Actions that may stand between what happened and what is published. */
  readonly hops: () => number;
  readonly engine: Pick<EngineApi, 'event'>;
}

/** Publishes as a server event, with the trail of actions it came about through, which ends after so many. */
export class PublishSender implements Sender {
  readonly #options: PublishOptions;
  readonly #principal: Principal;

  constructor(options: PublishOptions) {
    this.#options = options;
    this.#principal = { kind: 'server', name: `action:${options.listener}`, credentials: [] };
  }

  async send({ items }: Parcel): Promise<Sent> {
    const { app, listener, target, data, hops, engine } = this.#options;
    for (const { event, text } of items) {
      const trail = [...(event.trail ?? []), listener];
      if (trail.length > hops()) return failed(`limit.actionHops: it came about through ${trail.length} actions`, true);
      const made = data?.value({ event });
      if (made && !made.ok) return failed(`the payload could not be made: ${made.error}`, true);
      const sent = await engine.event({
        app,
        channel: target.channel,
        data: made ? JSON.stringify(made.value) : text,
        principal: this.#principal,
        trail,
      });
      if (!sent.ok) return failed(`${sent.code}: ${sent.message}`);
    }
    return SENT;
  }

  async close(): Promise<void> {}
}
