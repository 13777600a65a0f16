import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory/memory-store.ts';
import type { Publication } from './publication.ts';
import { type Client, OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';

/** A store whose answers come when the test says so, in any order across kinds and in order within a kind. */
class HesitantStore extends MemoryStore {
  readonly #waiting: (() => void)[] = [];

  #later<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    }).then(work);
  }

  letOneThrough(which: number): void {
    const { length } = this.#waiting;
    if (length > 0) this.#waiting.splice(which % length, 1)[0]?.();
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  override append(...args: Parameters<MemoryStore['append']>): ReturnType<MemoryStore['append']> {
    return this.#later(() => super.append(...args));
  }

  override head(...args: Parameters<MemoryStore['head']>): ReturnType<MemoryStore['head']> {
    return this.#later(() => super.head(...args));
  }

  override commit(...args: Parameters<MemoryStore['commit']>): ReturnType<MemoryStore['commit']> {
    return this.#later(() => super.commit(...args));
  }
}

const CLIENTS = 5;
type Act =
  | { readonly do: 'join' | 'leave' | 'publish' | 'stall' | 'drain'; readonly client: number }
  | { readonly do: 'rule'; readonly enabled: boolean; readonly anonymous: boolean; readonly history: number }
  | { readonly do: 'revoke'; readonly client: number }
  | { readonly do: 'store'; readonly which: number }
  | { readonly do: 'turn' };

const client = fc.integer({ min: 0, max: CLIENTS - 1 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('join' as const), client }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'stall' as const, 'drain' as const), client }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), client }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rule' as const),
      enabled: fc.boolean(),
      anonymous: fc.boolean(),
      history: fc.constantFrom(0, 10),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('revoke' as const), client: fc.integer({ min: 2, max: CLIENTS - 1 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('store' as const), which: fc.nat(10) }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' as const }) },
);

/** What each policy epoch admits, written down apart from the engine: the first two clients are anonymous. */
interface Era {
  readonly epoch: number;
  readonly enabled: boolean;
  readonly anonymous: boolean;
  readonly revoked: ReadonlySet<number>;
}

class Run {
  readonly scene: Scene;
  readonly store: HesitantStore;
  readonly clients: Client[] = [];
  readonly eras: Era[] = [];
  /** Timetokens of publications that were answered, and of commits that were acknowledged, in that order. */
  readonly published = new Map<bigint, { readonly sender: number }>();
  /** When each client was joined. */
  readonly stays = new Map<number, { readonly from: bigint; to: bigint | null }[]>();
  readonly #pending: Promise<unknown>[] = [];
  #count = 0;

  constructor(scene: Scene, store: HesitantStore) {
    this.scene = scene;
    this.store = store;
    for (let i = 0; i < CLIENTS; i += 1) this.clients.push(scene.connect(i < 2 ? undefined : userOf(`u${i}`)));
  }

  admits(era: Era, index: number): boolean {
    return era.enabled && (index >= 2 || era.anonymous) && !era.revoked.has(index);
  }

  do(act: Act): void {
    switch (act.do) {
      case 'join':
        this.#track(this.#client(act.client).session.join('room', { presence: false, history: false }));
        return;
      case 'leave':
        this.#client(act.client).session.leave('room');
        return;
      case 'publish':
        this.#publish(act.client);
        return;
      case 'stall':
        this.#client(act.client).outlet.stalled = true;
        return;
      case 'drain':
        this.#client(act.client).outlet.drain();
        this.#client(act.client).session.drained();
        return;
      case 'rule':
        this.#commit({ ...this.#last(), enabled: act.enabled, anonymous: act.anonymous }, act.history);
        return;
      case 'revoke':
        this.#revoke(act.client);
        return;
      case 'store':
        this.store.letOneThrough(act.which);
        return;
      case 'turn':
        this.scene.clock.turn();
        return;
    }
  }

  async finish(): Promise<void> {
    for (let i = 0; i < 50 || !this.store.idle; i += 1) {
      this.store.letOneThrough(0);
      await Promise.resolve();
      await Promise.resolve();
      this.scene.clock.turn();
    }
    await Promise.all(this.#pending);
    for (const { outlet, session } of this.clients) {
      outlet.drain();
      session.drained();
    }
    this.scene.clock.turn();
  }

  /** Notes who came and who went since the tick before: what a client gets has to lie between. */
  note(before: bigint): void {
    const now = new Map(this.scene.engine.sessions('a').map(({ id, channels }) => [id, channels.includes('room')]));
    for (const [index, { session }] of this.clients.entries()) {
      const stays = this.#stays(index);
      const open = stays.at(-1)?.to === null ? stays.at(-1) : undefined;
      const here = now.get(session.id) === true;
      if (here && !open) stays.push({ from: before, to: null });
      if (!here && open) open.to = this.tick();
    }
  }

  tick(): bigint {
    return this.scene.broker.raise('a', 0);
  }

  wasHere(index: number, timetoken: bigint): boolean {
    return this.#stays(index).some(({ from, to }) => from < timetoken && (to === null || timetoken < to));
  }

  #stays(index: number): { readonly from: bigint; to: bigint | null }[] {
    const stays = this.stays.get(index) ?? [];
    this.stays.set(index, stays);
    return stays;
  }

  start(): void {
    this.eras.push({ epoch: 2, enabled: true, anonymous: true, revoked: new Set() });
  }

  #client(index: number): Client {
    const found = this.clients[index];
    if (!found) throw new Error('no such client');
    return found;
  }

  #track(outcome: unknown): void {
    this.#pending.push(Promise.resolve(outcome));
  }

  #last(): Era {
    return this.eras.at(-1) ?? { epoch: 0, enabled: false, anonymous: false, revoked: new Set() };
  }

  #publish(index: number): void {
    this.#count += 1;
    const outcome = this.#client(index).session.publish('room', { to: 'everyone' }, String(this.#count));
    this.#track(
      Promise.resolve(outcome).then((answer) => {
        if (answer.ok) this.published.set(answer.timetoken, { sender: index });
      }),
    );
  }

  /** Commits are made one at a time per app, so the eras follow each other in the order they were asked for. */
  #commit(next: Omit<Era, 'epoch'>, history: number): void {
    const era = { ...next, epoch: this.#last().epoch + 1 };
    this.eras.push(era);
    const rule = ruleOf(1, 'room', { ...OPEN, enabled: era.enabled, anonymousClients: era.anonymous, history });
    this.#track(this.scene.put(rule));
  }

  #revoke(index: number): void {
    const last = this.#last();
    const { principal } = this.#client(index).session;
    this.eras.push({ ...last, epoch: last.epoch + 1, revoked: new Set([...last.revoked, index]) });
    const revocation = {
      id: this.scene.engine.nextId(),
      reason: 'test',
      keepUntil: Number.MAX_SAFE_INTEGER,
      type: 'token',
      token: principal.credentials[0]?.id ?? '',
    } as const;
    this.#track(this.scene.engine.commit('a', [{ type: 'revocation.put', revocation }]));
  }
}

function received(client: Client): Publication[] {
  return client.outlet.got.flatMap((item) => (item.type === 'publication' ? [item.publication] : []));
}

describe('whatever the order of joins, publishes, cuts and store answers', () => {
  const runs = process.env.LONG_TESTS ? 20_000 : 400;
  it('nobody gets what was published under a policy that denies them, nothing comes twice or out of order, and nobody who stays misses anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
        const store = new HesitantStore();
        const opening = Scene.open([ruleOf(1, 'room', OPEN)], { store });
        let opened: Scene | undefined;
        void opening.then((scene) => {
          opened = scene;
        });
        while (!opened) {
          store.letOneThrough(0);
          await Promise.resolve();
        }
        const run = new Run(opened, store);
        run.start();
        // Whoever joins first and never leaves is the witness of completeness.
        const witness = run.clients[CLIENTS - 1];
        void witness?.session.join('room', { presence: false, history: false });
        run.note(0n);
        for (const next of acts) {
          if ('client' in next && next.client === CLIENTS - 1 && next.do !== 'publish') continue;
          const before = run.tick();
          run.do(next);
          await Promise.resolve();
          run.note(before);
        }
        const last = run.tick();
        await run.finish();
        run.note(last);
        for (const [index, who] of run.clients.entries()) {
          const got = received(who);
          const tokens = got.map(({ timetoken }) => timetoken);
          expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => (a < b ? -1 : 1)));
          for (const { stamp, timetoken } of got) {
            expect(run.wasHere(index, timetoken)).toBe(true);
            const era = run.eras.find(({ epoch }) => epoch === stamp);
            expect(era && run.admits(era, index)).toBe(true);
          }
        }
        const always = run.eras.every((era) => run.admits(era, CLIENTS - 1));
        if (always && witness) {
          const got = new Set(received(witness).map(({ timetoken }) => timetoken));
          for (const timetoken of run.published.keys()) expect(got.has(timetoken)).toBe(true);
        }
      }),
      { numRuns: runs },
    );
  });
});
