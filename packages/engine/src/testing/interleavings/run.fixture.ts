import { ANONYMOUS, type Ban, type RuleSpec } from '@portcullis/policy';
import type { CommitAck } from '../../outcome.ts';
import type { Timetoken } from '../../publication.ts';
import type { SessionApi } from '../../session-api.ts';
import { OPEN, ruleOf, Scene, userOf } from '../scene.fixture.ts';
import { type Bearer, Eras } from './account.fixture.ts';
import { type Act, ANONYMOUS_CLIENTS, APPS, type AppId, CLIENTS, ROOMS, type Room } from './acts.fixture.ts';
import { HesitantStore } from './hesitant-store.fixture.ts';
import { Line, slowWire } from './line.fixture.ts';

/** A time in a room: joined at some moment after `after`, surely there from `sure` on, gone at some moment before `gone`. */
export interface Stay {
  readonly after: Timetoken;
  readonly sure: Timetoken;
  gone: Timetoken | null;
}

export interface Connection extends Bearer {
  readonly app: AppId;
  readonly session: SessionApi;
  readonly line: Line;
  readonly stays: ReadonlyMap<Room, Stay[]>;
  /** What the latest join of each room asked for. */
  readonly presence: Map<Room, boolean>;
  /** A command waits for its answer. */
  busy: boolean;
  kicked: boolean;
}

/** A publish that was answered. */
export interface Published {
  readonly room: Room;
  readonly timetoken: Timetoken;
  /** The session it was for alone. */
  readonly to: string | null;
}

export interface AppRecord {
  readonly id: AppId;
  readonly eras: Eras;
  readonly connections: Connection[];
  readonly published: Published[];
  readonly acks: CommitAck[];
}

const SPEC: Partial<RuleSpec> = { ...OPEN, privateMessaging: { enabled: true, authenticatedOnly: false } };
const COMMANDS: ReadonlySet<Act['do']> = new Set(['join', 'leave', 'publish', 'whisper']);
/** More than a slice of settling. */
const WORDING_MS = 6;

/** Performs acts on an engine, and writes down what was asked and what was answered. */
export class Run {
  readonly store = new HesitantStore();
  readonly scene = new Scene(this.store);
  readonly apps: ReadonlyMap<AppId, AppRecord>;
  readonly #codec = slowWire(() => this.scene.clock.pass(WORDING_MS));
  readonly #pending: Promise<unknown>[] = [];
  readonly #bans = new Map<string, number[]>();
  #noted: ReadonlyMap<AppId, Timetoken> = new Map();
  #count = 0;

  private constructor() {
    const first = { epoch: 1, enabled: true, anonymous: true, presence: true, history: 0, absences: [] };
    const record = (id: AppId): AppRecord => ({
      id,
      eras: new Eras({ ...first, revoked: new Set() }),
      connections: [],
      published: [],
      acks: [],
    });
    this.apps = new Map(APPS.map((id) => [id, record(id)]));
  }

  static async begin(): Promise<Run> {
    const run = new Run();
    for (const id of APPS) {
      await run.#driven(run.scene.define(id));
      await run.#driven(run.scene.engine.commit(id, [{ type: 'rule.put', rule: ruleOf(1, 'room/*', SPEC) }]));
      run.record(id).eras.follow({});
      for (let client = 0; client < CLIENTS; client += 1) {
        run.#connect(run.record(id), client, client === 4 ? run.scene.clock.now() + 2_000 : Number.POSITIVE_INFINITY);
        for (const room of client % 2 === 0 ? ROOMS : []) {
          await run.play({ do: 'join', app: id, client, room, presence: client > 0, history: false });
        }
      }
    }
    return run;
  }

  record(id: AppId): AppRecord {
    const found = this.apps.get(id);
    if (!found) throw new Error(`No app ${id}.`);
    return found;
  }

  async play(act: Act): Promise<void> {
    await this.#noting(() => this.#do(act));
  }

  /** Does it, and notes who came and who went meanwhile. */
  async #noting(work: () => void): Promise<void> {
    // Who was taken off after the last look and comes back in this step was not there in between.
    this.#note();
    work();
    for (let n = 0; n < 4; n += 1) await Promise.resolve();
    this.#note();
  }

  /** Everything is answered, everybody reads, and what was put off by a second comes. */
  async finish(): Promise<void> {
    await this.#driven(Promise.all(this.#pending));
    for (const { connections } of this.apps.values()) {
      for (const { line, session } of connections) {
        await this.#noting(() => {
          line.drain();
          session.drained();
        });
      }
    }
    for (let n = 0; n < 3; n += 1) {
      await this.#noting(() => this.scene.clock.advance(1_100));
      await this.#driven(Promise.resolve());
    }
  }

  async #driven<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    for (let quiet = 0; !done || quiet < 12; quiet = this.store.idle ? quiet + 1 : 0) {
      await this.#noting(() => this.store.answer(1));
      await this.#noting(() => this.store.answerRead());
      await this.#noting(() => this.scene.clock.advance(0));
    }
    return work;
  }

  #do(act: Act): void {
    switch (act.do) {
      case 'wait':
        this.scene.clock.advance(act.ms);
        return;
      case 'store':
        this.store.answer(act.answers);
        return;
      case 'read':
        this.store.answerRead();
        return;
      case 'lag':
        this.scene.clock.pass(act.ms);
        return;
      case 'turn':
        this.scene.clock.turn();
        return;
      case 'rule': {
        const { eras } = this.record(act.app);
        const { enabled, anonymous, presence, history } = act;
        eras.follow({ enabled, anonymous, presence, history });
        const spec = { ...SPEC, enabled, anonymousClients: anonymous, presence, history };
        this.#commit(
          act.app,
          this.scene.engine.commit(act.app, [{ type: 'rule.put', rule: ruleOf(1, 'room/*', spec) }]),
        );
        return;
      }
      default:
        this.#doAs(act);
    }
  }

  #doAs(act: Extract<Act, { readonly client: number }>): void {
    const app = this.record(act.app);
    const own = this.#connection(app, act.client);
    // A door holds a connection's next command until the last is answered.
    if (own.busy && COMMANDS.has(act.do)) return;
    switch (act.do) {
      case 'join':
        this.#join(own, act);
        return;
      case 'leave':
        own.session.leave(act.room);
        return;
      case 'publish':
        this.#publish(app, own, act.room, null);
        return;
      case 'whisper':
        this.#publish(app, own, act.room, this.#connection(app, act.to).session.id);
        return;
      case 'stall':
        own.line.stalled = true;
        return;
      case 'drain':
        own.line.drain();
        own.session.drained();
        return;
      case 'close':
        own.session.close();
        return;
      case 'connect':
        if (own.session.ended) this.#connect(app, act.client, this.scene.clock.now() + act.holds);
        return;
      case 'revoke':
        this.#revoke(app, own);
        return;
      case 'ban':
        this.#ban(app, act.client, act.ms);
        return;
      case 'lift':
        this.#lift(app, act.client);
        return;
      case 'kick':
        if (own.session.ended) return;
        own.kicked = true;
        // A hold keeps a user from connecting; what is open stays. Here each user has one connection, which ends.
        app.eras.follow({});
        this.#commit(app.id, this.scene.engine.kick(app.id, own.session.id, act.hold, 'test'));
        return;
      case 'unsubscribe': {
        const until = this.scene.clock.now() + act.hold;
        const held = act.hold > 0 ? [{ client: act.client, room: act.room, until }] : [];
        app.eras.follow({ absences: [...app.eras.last.absences, ...held] });
        const user = `u${act.client}`;
        this.#commit(app.id, this.scene.engine.unsubscribe(app.id, user, act.room, act.hold, 'test'));
        return;
      }
    }
  }

  #connection(app: AppRecord, client: number): Connection {
    const found = app.connections.findLast((connection) => connection.client === client);
    if (!found) throw new Error(`No client ${client}.`);
    return found;
  }

  #connect(app: AppRecord, client: number, expiresAt: number): void {
    const bears = client < ANONYMOUS_CLIENTS ? Number.POSITIVE_INFINITY : expiresAt;
    const principal = client < ANONYMOUS_CLIENTS ? ANONYMOUS : userOf(`u${client}`, { expiresAt });
    const { clock, engine } = this.scene;
    const line = new Line(() => ({ at: clock.now(), epoch: engine.source(app.id).epoch }));
    const session = engine.connect({
      app: app.id,
      principal,
      outlet: line,
      codec: this.#codec,
      door: 'test',
      address: '127.0.0.1',
    });
    if ('ok' in session) return;
    app.connections.push({
      app: app.id,
      connection: app.connections.length,
      client,
      expiresAt: bears,
      session,
      line,
      stays: new Map(ROOMS.map((room) => [room, []])),
      presence: new Map(),
      busy: false,
      kicked: false,
    });
  }

  #join(own: Connection, { room, presence, history }: Extract<Act, { readonly do: 'join' }>): void {
    own.busy = true;
    const outcome = own.session.join(room, { presence, history });
    const note = async () => {
      const { ok } = outcome instanceof Promise ? await outcome : outcome;
      if (ok) own.presence.set(room, presence);
      own.busy = false;
    };
    this.#track(note());
  }

  #publish(app: AppRecord, by: Connection, room: Room, to: string | null): void {
    this.#count += 1;
    const target = to === null ? ({ to: 'everyone' } as const) : ({ to: 'session', session: to } as const);
    by.busy = true;
    const outcome = by.session.publish(room, target, JSON.stringify({ app: app.id, n: this.#count }));
    const note = async () => {
      const answer = outcome instanceof Promise ? await outcome : outcome;
      by.busy = false;
      if (answer.ok) app.published.push({ room, timetoken: answer.timetoken, to });
    };
    this.#track(note());
  }

  #revoke(app: AppRecord, { connection, session }: Connection): void {
    app.eras.follow({ revoked: new Set([...app.eras.last.revoked, connection]) });
    const revocation = {
      id: this.scene.engine.nextId(),
      reason: 'test',
      keepUntil: Number.MAX_SAFE_INTEGER,
      type: 'token',
      token: session.principal.credentials[0]?.id ?? '',
    } as const;
    this.#commit(app.id, this.scene.engine.commit(app.id, [{ type: 'revocation.put', revocation }]));
  }

  #ban(app: AppRecord, client: number, ms: number): void {
    const until = this.scene.clock.now() + ms;
    app.eras.follow({ absences: [...app.eras.last.absences, { client, until }] });
    const id = this.scene.engine.nextId();
    const key = `${app.id} ${client}`;
    this.#bans.set(key, [...(this.#bans.get(key) ?? []), id]);
    const ban: Ban = { id, user: `u${client}`, reason: 'test', hold: false, ...(Number.isFinite(ms) ? { until } : {}) };
    this.#commit(app.id, this.scene.engine.commit(app.id, [{ type: 'ban.put', ban }]));
  }

  /** Lifts every ban of the client; holds on rooms stay. */
  #lift(app: AppRecord, client: number): void {
    const { absences } = app.eras.last;
    app.eras.follow({ absences: absences.filter((one) => one.client !== client || one.room !== undefined) });
    const ids = this.#bans.get(`${app.id} ${client}`) ?? [];
    const lifted = ids.map((id) => ({ type: 'ban.delete', id }) as const);
    this.#commit(app.id, this.scene.engine.commit(app.id, lifted));
  }

  #commit(id: AppId, acknowledged: Promise<unknown>): void {
    const note = async () => {
      const ack = await acknowledged;
      if (ack) this.record(id).acks.push(ack as CommitAck);
    };
    this.#track(note());
  }

  #track(outcome: unknown): void {
    this.#pending.push(Promise.resolve(outcome));
  }

  #ticks(): ReadonlyMap<AppId, Timetoken> {
    return new Map(APPS.map((id) => [id, this.scene.broker.raise(id, 0)]));
  }

  /** Notes who came and who went since the last time. */
  #note(): void {
    const before = this.#noted;
    const now = this.#ticks();
    this.#noted = now;
    for (const { id, connections } of this.apps.values()) {
      if (!this.scene.engine.has(id)) continue;
      const rooms = new Map(this.scene.engine.sessions(id).map((session) => [session.id, session.channels]));
      const [after, sure] = [before.get(id) ?? 0n, now.get(id) ?? 0n];
      for (const { session, stays } of connections) {
        for (const [room, list] of stays) {
          const here = rooms.get(session.id)?.includes(room) === true;
          const last = list.at(-1);
          if (here && (last === undefined || last.gone !== null)) list.push({ after, sure, gone: null });
          if (!here && last?.gone === null) last.gone = sure;
        }
      }
    }
  }
}
