import type { Core } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { PublishOutcome, Refused } from './outcome.ts';
import type { Publisher } from './publisher.ts';

interface Once {
  readonly channel: string;
  /** Chosen by the client. */
  readonly key: string;
  /** Decides it again, for one whose message is there already. */
  readonly refusal: () => Refused | undefined;
  /** Where the channel keeps history, what was published before is known once its log is open. Refused, if it is. */
  readonly open: () => MaybePromise<Refused | undefined>;
  /** @param once what tells it from others, for the store */
  readonly publish: (once?: string) => MaybePromise<PublishOutcome>;
}

/** Publishes what was not published under the same key by the same; a repetition is decided, and answered as the first was. */
export function publishOnce(core: Core, publisher: Publisher, once: Once): MaybePromise<PublishOutcome> {
  const { app } = publisher;
  const { replay } = app.definition;
  const whose = lineageOf(publisher);
  // Of one who proves nothing and holds no connection nobody can say what it published before.
  if (whose === null) return once.publish();
  const key = JSON.stringify([once.channel, ...whose, once.key]);
  const first = app.published.of(key, core.clock.now(), replay?.age);
  if (first === undefined) {
    const opened = once.open();
    if (isPromise(opened)) return opened.then((refused) => refused ?? publishOnce(core, publisher, once));
    return opened ?? publishFirst(core, publisher, key, once);
  }
  if (isPromise(first)) {
    return first.then((answer) => (answer.ok ? repeat(once, answer) : publishOnce(core, publisher, once)));
  }
  return repeat(once, first);
}

function repeat({ refusal }: Once, answer: PublishOutcome): PublishOutcome {
  return refusal() ?? (answer.ok ? { ...answer, repeated: true } : answer);
}

function publishFirst(core: Core, { app }: Publisher, key: string, once: Once): MaybePromise<PublishOutcome> {
  const keep = (answer: MaybePromise<PublishOutcome>) =>
    app.published.set(key, answer, core.clock.now(), app.definition.replay?.keys);
  const outcome = once.publish(key);
  if (!isPromise(outcome)) {
    if (outcome.ok) keep(outcome);
    return outcome;
  }
  const answered = outcome.then(
    (answer) => {
      if (answer.ok) keep(answer);
      else app.published.delete(key);
      return answer;
    },
    (error: unknown) => {
      app.published.delete(key);
      throw error;
    },
  );
  keep(answered);
  return answered;
}

/** Whose keys these are: a proven user's, a server's, or those of one connection. */
function lineageOf({ principal, id }: Publisher): readonly string[] | null {
  switch (principal.kind) {
    case 'user':
      return ['user', principal.user];
    case 'server':
      return ['server', principal.name, principal.as ?? ''];
    case 'trigger':
      return null;
    case 'stated':
    case 'anonymous':
      return id === '' ? null : ['session', id];
  }
}
