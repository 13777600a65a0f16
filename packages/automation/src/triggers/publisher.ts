import type { Log, PublishOutcome, StatelessApi, TriggerCall } from '@portcullis/engine';
import type { PlacedTrigger } from './spec.ts';
import type { Publishing } from './steps/step.ts';

export interface PublisherDeps {
  /** The engine, once it is there. */
  readonly publishAs: StatelessApi['publishAs'];
  readonly log: Log;
}

/** Publishes what triggers want to be published, as principal `trigger`: decided, counted in hops, after the run that wants it. */
export function createPublisher({ publishAs, log }: PublisherDeps) {
  return (call: TriggerCall, trigger: PlacedTrigger, publishing: readonly Publishing[]): void => {
    const name = `${trigger.origin} ${trigger.id}`;
    const principal = { kind: 'trigger', name, channels: trigger.publishes, credentials: [] } as const;
    const hops = (call.action === 'message' ? call.hops : 0) + 1;
    const publish = async ({ channel, payload }: Publishing): Promise<PublishOutcome> =>
      publishAs({
        app: call.app,
        principal,
        channel,
        target: { to: 'everyone' },
        kind: 'message',
        data: JSON.stringify(payload),
        store: true,
        hops,
      });
    const tell = (outcome: PublishOutcome) => {
      if (!outcome.ok) log.warn('trigger.publish-refused', { app: call.app, trigger: name, code: outcome.code });
    };
    // Behind the run: what it says about its own message comes first.
    void Promise.resolve()
      .then(async () => {
        for (const one of publishing) tell(await publish(one));
      })
      .catch((error: unknown) => log.error('trigger.publish-failed', { app: call.app, trigger: name, error }));
  };
}
