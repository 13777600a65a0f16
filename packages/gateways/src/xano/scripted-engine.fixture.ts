import type {
  ConnectOptions,
  EngineApi,
  HistoryOutcome,
  HistoryRequest,
  JoinOptions,
  JoinOutcome,
  LeaveOutcome,
  MaybePromise,
  Member,
  PublishOutcome,
  Refused,
  RosterOutcome,
  SessionApi,
  StateOutcome,
  SwapOutcome,
  TurnedAway,
} from '@portcullis/engine';
import type { Code, Principal, SendTarget } from '@portcullis/policy';

/** A session that writes down what it is asked, answers as it is told, and acknowledges joins. */
export class ScriptedSession implements SessionApi {
  readonly id: string;
  readonly app: string;
  readonly principal: Principal;
  readonly self: Member;
  readonly resume = null;
  readonly options: ConnectOptions;
  readonly log: string[] = [];
  ended = false;
  /** What the next commands answer; none left: yes. */
  readonly answers: (() => MaybePromise<Refused | { readonly ok: true }>)[] = [];

  constructor(id: string, options: ConnectOptions) {
    this.id = id;
    this.options = options;
    this.app = options.app;
    this.principal = options.principal;
    this.self = { session: id, user: '', proven: false, table: 0, row: 0, extras: {} };
  }

  join(channel: string, options: JoinOptions): MaybePromise<JoinOutcome> {
    this.log.push(`join ${channel}${options.presence ? ' +presence' : ''}${options.history ? ' +history' : ''}`);
    const answer = this.#answer();
    if ('ok' in answer && answer.ok)
      this.#write({ type: 'joined', channel, self: this.self, position: null, presence: false });
    return answer;
  }

  leave(channel: string): LeaveOutcome {
    this.log.push(`leave ${channel}`);
    return { ok: true };
  }

  publish(channel: string, target: SendTarget, data: string): MaybePromise<PublishOutcome> {
    this.log.push(`publish ${channel} ${target.to} ${data}`);
    return this.#answer() as MaybePromise<PublishOutcome>;
  }

  history(channel: string, request: HistoryRequest = {}): MaybePromise<HistoryOutcome> {
    const other = request.with && ('user' in request.with ? request.with.user : request.with.session);
    this.log.push(`history ${channel}${other === undefined ? '' : ` with ${other}`}`);
    return this.#answer();
  }

  roster(channel: string): MaybePromise<RosterOutcome> {
    this.log.push(`roster ${channel}`);
    return this.#answer();
  }

  setState(channel: string): StateOutcome {
    this.log.push(`state ${channel}`);
    return { ok: true };
  }

  swap(): SwapOutcome {
    this.log.push('swap');
    return { ok: true, expiresAt: Number.POSITIVE_INFINITY };
  }

  answer(bytes: Uint8Array): void {
    this.options.outlet.write(bytes);
  }

  refuse(refusal: { readonly code: Code; readonly message: string; readonly channel?: string }): void {
    this.#write({ type: 'refused', ...refusal });
  }

  drained(): void {
    this.log.push('drained');
  }

  close(): void {
    if (!this.ended) this.log.push('close');
    this.ended = true;
  }

  #answer(): MaybePromise<Refused | { readonly ok: true }> {
    return this.answers.shift()?.() ?? { ok: true };
  }

  #write(notice: Parameters<ConnectOptions['codec']['notice']>[0]): void {
    this.options.outlet.write(this.options.codec.notice(notice));
  }
}

/** An engine of which only the door's side exists. */
export class ScriptedEngine implements Pick<EngineApi, 'connect' | 'turnAway'> {
  readonly sessions: ScriptedSession[] = [];
  refusing: Refused | undefined;

  connect(options: ConnectOptions): SessionApi | Refused {
    if (this.refusing !== undefined) return this.refusing;
    const session = new ScriptedSession(`s${this.sessions.length + 1}`, options);
    this.sessions.push(session);
    return session;
  }

  turnAway(_app: string, { code, message = '' }: TurnedAway): Refused {
    return { ok: false, code, message };
  }

  get last(): ScriptedSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('nobody connected');
    return session;
  }
}
