import { ANONYMOUS, type Ban, type Principal, type RuleSpec, type SendTarget } from '@portcullis/policy';
import { Engine } from '../../engine.ts';
import type { CommitAck, PublishOutcome, Refused } from '../../outcome.ts';
import { SILENT_LOG } from '../../ports/log.ts';
import { SILENT_METER } from '../../ports/meter.ts';
import type { Notice } from '../../ports/outlet.ts';
import type { Change } from '../../ports/store.ts';
import type { Position, Timetoken } from '../../publication.ts';
import type { JoinOptions, SessionApi } from '../../session-api.ts';
import { LIMITS, SETTINGS } from '../definition.fixture.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { OPEN, ruleOf, userOf } from '../scene.fixture.ts';
import { Eras, isWelcome, type Proof } from './account.fixture.ts';
import {
  type Act,
  ANONYMOUS_CLIENTS,
  type AppId,
  CLIENTS,
  PATIENT_CLIENTS,
  ROOMS,
  type Room,
  type Schedule,
} from './acts.fixture.ts';
import { HesitantBroker } from './hesitant-broker.fixture.ts';
import { HesitantStore } from './hesitant-store.fixture.ts';
import { type Call, HesitantTriggers, type MessageAsked } from './hesitant-triggers.fixture.ts';
import { Line, slowWire } from './line.fixture.ts';

export interface Connection {
  readonly app: AppId;
  readonly client: number;
  readonly session: SessionApi;
  readonly line: Line;
  /** What it showed of its user, in order of time. */
  readonly proofs: Proof[];
  /** What the latest join of each room asked for. */
  readonly presence: Map<Room, boolean>;
  /** When it was closed by its client. */
  closedAt: Timetoken | null;
  /** The rooms it was in then. */
  leftFrom: readonly Room[];
  /** The token it showed then. */
  tokenAt(timetoken: Timetoken): string;
  /** A command waits for its answer. */
  busy: boolean;
  kicked: boolean;
  /** When that was acknowledged. */
  kickedAt: Timetoken | null;
}

/** A publish that was answered. */
export interface Published {
  readonly room: Room;
  readonly timetoken: Timetoken;
  readonly position: Position | null;
  readonly to: SendTarget | { readonly to: 'table'; readonly table: number };
  readonly by: Connection | null;
}

/** The answers to what was said under one key, in the order in which they came. */
export interface Keyed {
  readonly n: number;
  readonly answers: { readonly outcome: PublishOutcome; readonly askedAt: number; readonly answeredAt: number }[];
}

/** A join that was asked for. */
export interface Asked {
  readonly options: JoinOptions;
  /** Its place among all questions, answers and commands. */
  readonly place: number;
  /** When it was asked for, as `Moment.count` counts. */
  readonly count: number;
  /** When it was answered, and ms since 1970 then. */
  entered: Timetoken;
  at: number;
  enteredPlace: number;
  /** What was in force then, and what its client showed. */
  epoch: number;
  token: string;
}

/** One time that a client said something: what is said again is another, of the same number. */
export interface Said {
  readonly by: Connection;
  readonly room: Room;
  readonly data: string;
  /** What tells it from the other times. Questions to triggers, and what is heard of it, carry it. */
  readonly meta: string;
  /** `null`: not answered yet. */
  answer: PublishOutcome | null;
}

/** A user was taken off a room. */
interface TakenOff {
  readonly client: number;
  readonly room: Room;
  readonly place: number;
  /** Of the acknowledgement. */
  readonly timetoken: Timetoken;
}

export interface AppRecord {
  readonly id: AppId;
  readonly eras: Eras;
  readonly connections: Connection[];
  readonly published: Published[];
  readonly acks: CommitAck[];
  /** By whose they are, room and key. */
  readonly keyed: Map<string, Keyed>;
  /** By number: each time that it was said. */
  readonly said: Map<number, Said[]>;
  readonly takenOff: TakenOff[];
  /** All that triggers were asked. */
  calls(): readonly Call[];
}

/** What a reader that comes back can count on. */
export const REPLAY = { messages: 4, age: 3_000 };
const SPEC: Partial<RuleSpec> = { ...OPEN, privateMessaging: { enabled: true, authenticatedOnly: false } };
const COMMANDS: ReadonlySet<Act['do']> = new Set([
  'join',
  'return',
  'leave',
  'publish',
  'whisper',
  'tell',
  'state',
  'roster',
  'page',
]);
/** More than a slice of settling. */
const WORDING_MS = 6;
export const GRACE_MS = 1_500;
const TIGHT = { ...LIMITS, sendBuffer: 80, inSocket: 40 };
const SERVER: Principal = { kind: 'server', name: 'backend', credentials: [] };

/** Performs acts on an engine, and writes down what was asked and what was answered. */
export class Run {
  readonly schedule: Schedule;
  readonly clock = new ManualClock();
  readonly store = new HesitantStore();
  readonly broker: HesitantBroker;
  readonly engine: Engine;
  readonly apps: ReadonlyMap<AppId, AppRecord>;
  readonly asked = new Map<number, Asked>();
  readonly triggers: ReadonlyMap<AppId, HesitantTriggers>;
  /** When each notice was put into words, as `Moment.count` counts. */
  readonly worded = new Map<Notice, number>();
  readonly #codec = slowWire((notice) => this.#worded(notice));
  readonly #appOf = new Map<string, AppId>();
  readonly #pending: Promise<unknown>[] = [];
  readonly #bans = new Map<string, number[]>();
  #count = 0;
  #places = 0;
  #moments = 0;
  #ids = 0;

  private constructor(schedule: Schedule) {
    this.schedule = schedule;
    const ids = { session: () => `s${++this.#ids}`, epoch: () => `e${++this.#ids}` };
    this.broker = new HesitantBroker({ clock: this.clock, ids });
    const ports = { broker: this.broker, store: this.store, clock: this.clock, ids };
    this.engine = new Engine({ ...ports, log: SILENT_LOG, meter: SILENT_METER });
    const first = { epoch: 1, enabled: true, anonymous: true, presence: true, history: 0, stack: 0, absences: [] };
    const deps = { place: () => this.#place(), tick: (app: AppId) => this.broker.tick(app) };
    this.triggers = new Map(schedule.apps.map((id) => [id, new HesitantTriggers(deps)]));
    const record = (id: AppId): AppRecord => ({
      id,
      eras: new Eras({ ...first, revoked: new Set() }),
      connections: [],
      published: [],
      acks: [],
      keyed: new Map(),
      said: new Map(),
      takenOff: [],
      calls: () => this.triggers.get(id)?.calls ?? [],
    });
    this.apps = new Map(schedule.apps.map((id) => [id, record(id)]));
  }

  static async begin(schedule: Schedule): Promise<Run> {
    const run = new Run(schedule);
    const limits = run.#limits;
    for (const id of schedule.apps) {
      const source = run.triggers.get(id);
      const triggers = schedule.triggers && source ? { triggers: source } : {};
      const expects = schedule.expects ? { presenceGrace: GRACE_MS } : {};
      await run.engine.define(
        { app: id, settings: SETTINGS, limits, fileRules: [], replay: REPLAY, ...triggers, ...expects },
        null,
      );
      const history = schedule.keeps ? 10 : 0;
      await run.engine.commit(id, [{ type: 'rule.put', rule: ruleOf(1, 'room/*', { ...SPEC, history }) }]);
      run.record(id).eras.follow({ history });
      if (schedule.triggers) {
        await run.engine.commit(id, [stackOf(1)]);
        run.record(id).eras.follow({ stack: 1 });
      }
      for (let client = 0; client < CLIENTS; client += 1) {
        run.#connect(run.record(id), client, client === 4 ? 2_000 : Number.POSITIVE_INFINITY, 1);
        if (client !== 1) {
          await run.play({ do: 'join', app: id, client, room: ROOMS[0], presence: client > 0, history: false });
        }
      }
    }
    run.store.hesitates = true;
    run.broker.hesitates = schedule.farBroker;
    for (const triggers of run.triggers.values()) triggers.hesitates = true;
    return run;
  }

  get #limits(): typeof LIMITS {
    return this.schedule.tight ? TIGHT : LIMITS;
  }

  /** The door words a notice in the moment in which it is so. */
  #worded(notice: Notice): void {
    this.worded.set(notice, ++this.#moments);
    if (notice.type === 'lost') this.clock.pass(WORDING_MS);
    const asked = notice.type === 'joined' ? this.asked.get(notice.ref ?? 0) : undefined;
    if (notice.type !== 'joined' || !asked) return;
    const app = this.#appOf.get(notice.self.session) ?? 'a';
    asked.entered = this.broker.tick(app);
    asked.at = this.clock.now();
    asked.enteredPlace = this.#place();
    asked.epoch = this.engine.source(app).epoch;
    const own = this.record(app).connections.findLast(({ session }) => session.id === notice.self.session);
    asked.token = own?.session.principal.credentials[0]?.id ?? '';
  }

  record(id: AppId): AppRecord {
    const found = this.apps.get(id);
    if (!found) throw new Error(`No app ${id}.`);
    return found;
  }

  /** Does it, and lets what follows of itself happen. */
  async play(act: Act): Promise<void> {
    this.#do(act);
    await this.#breathe();
  }

  async #breathe(): Promise<void> {
    for (let n = 0; n < 4; n += 1) await Promise.resolve();
  }

  /** Everything is answered, everybody reads, and what was put off by a second comes. */
  async finish(): Promise<void> {
    await this.#settled(Promise.all(this.#pending));
    for (const { connections } of this.apps.values()) {
      for (const { line, session } of connections) {
        if (session.ended || !line.holds) continue;
        line.drain();
        session.drained();
        await this.#breathe();
      }
    }
    for (let n = 0; n < 2; n += 1) {
      this.clock.advance(1_100);
      await this.#settled(Promise.resolve());
    }
  }

  /** Sessions that are in a room. */
  there(id: AppId, room: Room): ReadonlySet<string> {
    return new Set(this.engine.roster(id, room).map(({ session }) => session));
  }

  async #settled(work: Promise<unknown>): Promise<void> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    for (let quiet = 0; !done || quiet < 4; ) {
      const triggers = [...this.triggers.values()];
      const idle = this.store.idle && this.broker.idle && triggers.every((one) => one.idle);
      quiet = idle ? quiet + 1 : 0;
      this.store.answer(1);
      this.broker.answer(1);
      for (const one of triggers) one.answer(1, 'pass');
      await this.#breathe();
      if (!idle) {
        this.store.answerRead();
        await this.#breathe();
      }
      // What waits for its second to come round.
      this.clock.advance(!done && quiet > 4 ? 1_000 : 0);
    }
    await work;
  }

  #do(act: Act): void {
    switch (act.do) {
      case 'wait':
        this.clock.advance(act.ms);
        return;
      case 'store':
        this.store.answer(act.answers);
        return;
      case 'broker':
        this.broker.answer(act.answers);
        return;
      case 'read':
        this.store.answerRead();
        return;
      case 'lag':
        this.clock.pass(act.ms);
        return;
      case 'turn':
        this.clock.turn();
        return;
      case 'rule':
        this.#rule(act);
        return;
      case 'trigger':
        this.triggers.get(act.app)?.answer(act.answers, act.says);
        return;
      case 'stack':
        this.record(act.app).eras.follow({ stack: act.stack });
        this.#commit(act.app, this.engine.commit(act.app, [stackOf(act.stack)]));
        return;
      default:
        this.#doAs(act);
    }
  }

  #rule({ app, enabled, anonymous, presence, history }: Extract<Act, { readonly do: 'rule' }>): void {
    this.record(app).eras.follow({ enabled, anonymous, presence, history });
    const spec = { ...SPEC, enabled, anonymousClients: anonymous, presence, history };
    this.#commit(app, this.engine.commit(app, [{ type: 'rule.put', rule: ruleOf(1, 'room/*', spec) }]));
  }

  #doAs(act: Extract<Act, { readonly client: number }>): void {
    const app = this.record(act.app);
    const own = this.#connection(app, act.client);
    // A door holds a connection's next command until the last is answered.
    if (own.busy && COMMANDS.has(act.do)) return;
    switch (act.do) {
      case 'join':
        this.#join(own, act.room, { presence: act.presence, history: act.history });
        return;
      case 'return':
        this.#return(app, own, act);
        return;
      case 'leave':
        own.session.leave(act.room);
        return;
      case 'state':
        own.session.setState(act.room, { n: ++this.#count });
        return;
      case 'roster':
        this.#command(own, own.session.roster(act.room, ++this.#count));
        return;
      case 'page':
        this.#command(own, own.session.history(act.room, { limit: 2 }));
        return;
      case 'publish':
        this.#publish(app, own, act.room, act.keyed);
        return;
      case 'retry':
        this.#retry(app, own, act.room);
        return;
      case 'whisper':
        this.#send(app, own, act.room, { to: 'session', session: this.#connection(app, act.to).session.id });
        return;
      case 'tell':
        this.#send(app, own, act.room, { to: 'user', user: `u${act.to}` });
        return;
      case 'event':
        this.#event(app, act.room, act.table);
        return;
      case 'elsewhere':
        this.#elsewhere(app, act.room);
        return;
      case 'stall':
        own.line.stalled = true;
        return;
      case 'fill':
        own.line.fill(this.#limits.inSocket);
        return;
      case 'drain':
        own.line.drain();
        own.session.drained();
        return;
      case 'close':
        if (!own.session.ended) {
          own.closedAt = this.broker.tick(app.id);
          own.leftFrom = ROOMS.filter((room) => this.there(app.id, room).has(own.session.id));
        }
        own.session.close(!this.schedule.expects);
        return;
      case 'connect':
        if (own.session.ended) this.#connect(app, act.client, act.holds, act.table);
        return;
      case 'swap':
        this.#swap(app, own, act);
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
        this.#commit(app.id, this.#kick(app, own, act.hold));
        return;
      case 'unsubscribe': {
        const until = this.clock.now() + act.hold;
        const held = act.hold > 0 ? [{ client: act.client, room: act.room, until }] : [];
        app.eras.follow({ absences: [...app.eras.last.absences, ...held] });
        const user = `u${act.client}`;
        const { client, room } = act;
        const place = this.#place();
        const taken = this.engine.unsubscribe(app.id, user, room, act.hold, 'test').then((ack) => {
          app.takenOff.push({ client, room, place, timetoken: ack.timetoken });
          return ack;
        });
        this.#commit(app.id, taken);
        return;
      }
    }
  }

  #connection(app: AppRecord, client: number): Connection {
    const found = app.connections.findLast((connection) => connection.client === client);
    if (!found) throw new Error(`No client ${client}.`);
    return found;
  }

  /** What a client shows of itself. */
  #principal(app: AppRecord, client: number, holds: number, table: number): { principal: Principal; proof: Proof } {
    const from = this.broker.tick(app.id);
    if (client < ANONYMOUS_CLIENTS) {
      return { principal: ANONYMOUS, proof: { from, token: '', table: 0, expiresAt: Number.POSITIVE_INFINITY } };
    }
    const expiresAt = this.clock.now() + holds;
    const principal = userOf(`u${client}`, { expiresAt, table });
    return { principal, proof: { from, token: principal.credentials[0]?.id ?? '', table, expiresAt } };
  }

  #connect(app: AppRecord, client: number, holds: number, table: number): Connection | null {
    const { principal, proof } = this.#principal(app, client, holds, table);
    const proofs = [proof];
    const { clock, engine } = this;
    const line = new Line(() => ({
      count: ++this.#moments,
      at: clock.now(),
      epoch: engine.source(app.id).epoch,
      proof: proofs.at(-1) ?? proof,
    }));
    const before = app.connections.findLast((connection) => connection.client === client)?.session.resume;
    const session = engine.connect({
      ...(before ? { resume: before } : {}),
      mayReturn: true,
      app: app.id,
      principal,
      outlet: line,
      codec: this.#codec,
      door: 'test',
      address: '127.0.0.1',
      tokenGrace: client >= PATIENT_CLIENTS ? GRACE_MS : 0,
    });
    if ('ok' in session) return null;
    const connection: Connection = {
      app: app.id,
      client,
      session,
      line,
      proofs,
      presence: new Map(),
      closedAt: null,
      leftFrom: [],
      tokenAt: (timetoken) => (proofs.findLast(({ from }) => from <= timetoken) ?? proof).token,
      busy: false,
      kicked: false,
      kickedAt: null,
    };
    app.connections.push(connection);
    this.#appOf.set(session.id, app.id);
    return connection;
  }

  #swap(app: AppRecord, own: Connection, act: Extract<Act, { readonly do: 'swap' }>): void {
    const asWhom = act.other ? 2 + ((act.client - 1) % 3) : act.client;
    const { principal, proof } = this.#principal(app, asWhom, act.holds, act.table);
    const { ended } = own.session;
    const era = app.eras.of(this.engine.source(app.id).epoch);
    const due = !ended && asWhom === act.client && isWelcome(era, act.client, proof, this.clock.now());
    own.proofs.push(proof);
    const swapped = own.session.swap(principal);
    if (!swapped.ok) own.proofs.pop();
    if (swapped.ok !== due && !(due && own.session.ended)) {
      throw new Error(`who shows another proof of themselves is heard, and nobody else: ${JSON.stringify(swapped)}`);
    }
  }

  #join(own: Connection, room: Room, asked: JoinOptions): void {
    const ref = ++this.#count;
    const options = { ...asked, ref };
    const place = this.#place();
    const count = this.#moments;
    this.asked.set(ref, { options, place, count, entered: 0n, at: 0, enteredPlace: 0, epoch: 0, token: '' });
    own.busy = true;
    const outcome = own.session.join(room, options);
    const note = async () => {
      const { ok } = outcome instanceof Promise ? await outcome : outcome;
      if (ok) own.presence.set(room, options.presence);
      own.busy = false;
    };
    this.#track(note());
  }

  #return(app: AppRecord, before: Connection, act: Extract<Act, { readonly do: 'return' }>): void {
    const own = before.session.ended ? this.#connect(app, act.client, Number.POSITIVE_INFINITY, 1) : before;
    if (!own) return;
    const recover = this.seen(app, act.client, act.room);
    const { presence, history } = act;
    this.#join(own, act.room, recover ? { presence, history, recover } : { presence, history });
  }

  /** The position a client saw last in a room, by whatever connection. */
  seen(app: AppRecord, client: number, room: Room): Position | null {
    let seen: Position | null = null;
    // What a recovery ends with, once all of it has come.
    let then: { readonly ref: number | undefined; readonly position: Position | null } | null = null;
    for (const { item } of app.connections.flatMap((own) => (own.client === client ? own.line.written : []))) {
      if (item.type === 'publication') {
        if (item.publication.channel === room) seen = item.publication.position ?? seen;
      } else if (item.type === 'joined' && item.channel === room) {
        if (item.recovery === 'complete') then = { ref: item.ref, position: item.position };
        else seen = item.position;
      } else if (item.type === 'history' && item.channel === room && item.join && then && item.ref === then.ref) {
        seen = further(seen, item.more ? (item.items.at(-1)?.position ?? null) : then.position);
        if (!item.more) then = null;
      }
    }
    return seen;
  }

  #publish(app: AppRecord, by: Connection, room: Room, keyed: boolean): void {
    const n = ++this.#count;
    // Others choose the same keys.
    const key = `k${[...app.keyed.keys()].filter((whose) => whose.startsWith(this.#lineage(by))).length}`;
    this.#send(app, by, room, { to: 'everyone' }, { n, key: keyed ? key : null });
  }

  #retry(app: AppRecord, by: Connection, room: Room): void {
    const prefix = `${this.#lineage(by)} ${room} `;
    const last = [...app.keyed.keys()].findLast((key) => key.startsWith(prefix));
    const known = last === undefined ? undefined : app.keyed.get(last);
    // Of a client that has no patience: it waits for no answer, and nothing waits for its own.
    if (!known || last === undefined) return;
    this.#send(app, by, room, { to: 'everyone' }, { n: known.n, key: last.slice(prefix.length), again: true });
  }

  #lineage({ client, session }: Connection): string {
    return client < ANONYMOUS_CLIENTS ? `${session.id}:` : `u${client}:`;
  }

  #send(
    app: AppRecord,
    by: Connection,
    room: Room,
    to: SendTarget,
    { n = ++this.#count, key = null, again = false }: { n?: number; key?: string | null; again?: boolean } = {},
  ): void {
    if (!again) by.busy = true;
    const data = JSON.stringify({ app: app.id, n });
    const meta = JSON.stringify({ said: this.#place() });
    const said: Said = { by, room, data, meta, answer: null };
    app.said.set(n, [...(app.said.get(n) ?? []), said]);
    const outcome = by.session.publish(room, to, data, key === null ? { meta } : { meta, key });
    const askedAt = this.clock.now();
    let answers: Keyed['answers'] | null = null;
    if (key !== null) {
      const whose = `${this.#lineage(by)} ${room} ${key}`;
      const keyed = app.keyed.get(whose) ?? { n, answers: [] };
      app.keyed.set(whose, keyed);
      answers = keyed.answers;
    }
    const note = async () => {
      const answer = outcome instanceof Promise ? await outcome : outcome;
      if (!again) by.busy = false;
      said.answer = answer;
      answers?.push({ outcome: answer, askedAt, answeredAt: this.clock.now() });
      if (!answer.ok || answer.repeated) return;
      const { timetoken, position } = answer;
      app.published.push({ room, timetoken, position, to: leftOf(to, callsOf(app, said)), by });
    };
    this.#track(note());
  }

  #event(app: AppRecord, room: Room, table: number): void {
    const data = JSON.stringify({ app: app.id, n: ++this.#count });
    const event = { app: app.id, channel: room, data, principal: SERVER, ...(table > 0 ? { table } : {}) };
    const outcome = this.engine.event(event);
    const note = async () => {
      const answer = await outcome;
      if (!answer.ok) return;
      const { timetoken, position } = answer;
      const to = table > 0 ? ({ to: 'table', table } as const) : ({ to: 'everyone' } as const);
      app.published.push({ room, timetoken, position, to, by: null });
    };
    this.#track(note());
  }

  /** Another node has applied what the broker knows of, and says something under it. */
  #elsewhere(app: AppRecord, room: Room): void {
    const era = app.eras.of(this.#raised(app));
    // What a channel keeps goes the way of the store; this one keeps nothing.
    if (!era.enabled || era.history > 0) return;
    const { timetoken, position } = this.broker.publishElsewhere({
      app: app.id,
      channel: room,
      kind: 'message',
      audience: { to: 'everyone', anonymous: era.anonymous },
      sender: null,
      data: JSON.stringify({ app: app.id, n: ++this.#count }),
      logged: false,
    });
    app.published.push({ room, timetoken, position, to: { to: 'everyone' }, by: null });
  }

  #raised(app: AppRecord): number {
    return this.broker.epochOf(app.id);
  }

  #revoke(app: AppRecord, { session }: Connection): void {
    const token = session.principal.credentials[0]?.id ?? '';
    app.eras.follow({ revoked: new Set([...app.eras.last.revoked, token]) });
    const revocation = {
      id: this.engine.nextId(),
      reason: 'test',
      keepUntil: Number.MAX_SAFE_INTEGER,
      type: 'token',
      token,
    } as const;
    this.#commit(app.id, this.engine.commit(app.id, [{ type: 'revocation.put', revocation }]));
  }

  #ban(app: AppRecord, client: number, ms: number): void {
    const until = this.clock.now() + ms;
    app.eras.follow({ absences: [...app.eras.last.absences, { client, until }] });
    const id = this.engine.nextId();
    const key = `${app.id} ${client}`;
    this.#bans.set(key, [...(this.#bans.get(key) ?? []), id]);
    const ban: Ban = { id, user: `u${client}`, reason: 'test', hold: false, ...(Number.isFinite(ms) ? { until } : {}) };
    this.#commit(app.id, this.engine.commit(app.id, [{ type: 'ban.put', ban }]));
  }

  /** Lifts every ban of the client; holds on rooms stay. */
  #lift(app: AppRecord, client: number): void {
    const { absences } = app.eras.last;
    app.eras.follow({ absences: absences.filter((one) => one.client !== client || one.room !== undefined) });
    const ids = this.#bans.get(`${app.id} ${client}`) ?? [];
    const lifted = ids.map((id) => ({ type: 'ban.delete', id }) as const);
    this.#commit(app.id, this.engine.commit(app.id, lifted));
  }

  async #kick({ id }: AppRecord, own: Connection, hold: number): Promise<CommitAck | undefined> {
    const ack = await this.engine.kick(id, own.session.id, hold, 'test');
    if (ack && own.kickedAt === null) own.kickedAt = ack.timetoken;
    return ack;
  }

  #commit(id: AppId, acknowledged: Promise<CommitAck | undefined>): void {
    const note = async () => {
      const ack = await acknowledged;
      if (ack) this.record(id).acks.push(ack);
    };
    this.#track(note());
  }

  #command(own: Connection, outcome: Promise<unknown> | Refused | { readonly ok: true }): void {
    own.busy = true;
    const note = async () => {
      await outcome;
      own.busy = false;
    };
    this.#track(note());
  }

  #place(): number {
    this.#places += 1;
    return this.#places;
  }

  #track(outcome: Promise<unknown>): void {
    this.#pending.push(outcome);
  }
}

/** The number of something said. */
export function numberOf(data: string): number {
  return (JSON.parse(data) as { readonly n: number }).n;
}

/** What triggers were asked about it this time, in order. */
export function callsOf(app: AppRecord, { meta }: Said): readonly MessageAsked[] {
  return app.calls().filter((one): one is MessageAsked => one.call.action === 'message' && one.call.meta === meta);
}

/** To whom it went that was said to `to`: each question has left fewer. */
function leftOf(to: Published['to'], calls: readonly Call[]): Published['to'] {
  return calls.reduce((left, { verdict }) => {
    const narrow = verdict?.pass ? verdict.narrow : undefined;
    if (!narrow || (narrow.to === 'authenticated' && left.to !== 'everyone')) return left;
    return narrow.to === 'table' ? { to: 'table', table: Number(narrow.table) } : narrow;
  }, to);
}

/** The app's one trigger. */
function stackOf(stack: number): Change {
  return { type: 'trigger.put', trigger: { id: 1, spec: { stack } } };
}

/** What came live meanwhile may be further than where a recovery began. */
function further(a: Position | null, b: Position | null): Position | null {
  if (a === null || b === null) return a ?? b;
  return a.epoch === b.epoch && a.offset > b.offset ? a : b;
}
