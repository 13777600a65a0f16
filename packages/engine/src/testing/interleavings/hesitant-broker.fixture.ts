import type { MaybePromise } from '../../maybe-promise.ts';
import { MemoryBroker } from '../../memory/memory-broker.ts';
import type { Broker, FeedHead, LogHead } from '../../ports/broker.ts';
import type { Draft, Publication, Timetoken } from '../../publication.ts';

/** A broker as one on another machine: what is asked of it takes effect, and is answered, when the test says so. */
export class HesitantBroker implements Broker {
  /** Off: it answers at once. */
  hesitates = false;
  readonly #inner: MemoryBroker;
  readonly #waiting: (() => void)[] = [];
  readonly #epochs = new Map<string, number>();

  constructor(deps: ConstructorParameters<typeof MemoryBroker>[0]) {
    this.#inner = new MemoryBroker(deps);
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  answer(count: number): void {
    for (const go of this.#waiting.splice(0, count)) go();
  }

  /** As another node does, which knows the newest policy. */
  publishElsewhere(draft: Draft): Publication {
    const publication = this.#inner.append(draft, Number.MAX_SAFE_INTEGER);
    if (publication === 'stale') throw new Error('Nothing is newer than that.');
    this.#inner.publish(publication);
    return publication;
  }

  /** The newest policy it knows of. */
  epochOf(app: string): number {
    return this.#epochs.get(app) ?? 0;
  }

  tick(app: string): Timetoken {
    return this.#inner.raise(app, 0);
  }

  append(draft: Draft, epoch: number): MaybePromise<Publication | 'stale'> {
    // Presence is what a node says itself: it waits for nobody.
    if (!this.hesitates || draft.kind === 'presence') return this.#inner.append(draft, epoch);
    return this.#later(() => this.#inner.append(draft, epoch));
  }

  /** In force there at once; the answer takes its time. */
  raise(app: string, epoch: number): MaybePromise<Timetoken> {
    const timetoken = this.#inner.raise(app, epoch);
    this.#epochs.set(app, Math.max(this.epochOf(app), epoch));
    return this.hesitates ? this.#later(() => timetoken) : timetoken;
  }

  publish(publication: Publication): void {
    this.#inner.publish(publication);
  }

  drop(publication: Publication): void {
    this.#inner.drop(publication);
  }

  restore(app: string, channel: string, head: LogHead | null): void {
    this.#inner.restore(app, channel, head);
  }

  renew(app: string, channel: string): void {
    this.#inner.renew(app, channel);
  }

  has(app: string, channel: string): boolean {
    return this.#inner.has(app, channel);
  }

  floor(timetoken: Timetoken): void {
    this.#inner.floor(timetoken);
  }

  lastSeq(app: string, channel: string): number {
    return this.#inner.lastSeq(app, channel);
  }

  feed(app: string, channel: string): FeedHead {
    return this.#inner.feed(app, channel);
  }

  forget(app: string, channel: string): void {
    this.#inner.forget(app, channel);
  }

  onPublication(receive: (publication: Publication) => void): void {
    this.#inner.onPublication(receive);
  }

  #later<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(work()));
    });
  }
}
