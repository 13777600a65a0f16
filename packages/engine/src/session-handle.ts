import type { Code, JsonObject, Principal, SendTarget } from '@portcullis/policy';
import { resumeOf } from './away.ts';
import { goOn } from './catch-up.ts';
import { type Core, refusal } from './core.ts';
import { endTooSlow, notify, send } from './delivery.ts';
import { forgetSession } from './ending.ts';
import { expireDue } from './expire-due.ts';
import { history } from './history.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type {
  HistoryOutcome,
  JoinOutcome,
  LeaveOutcome,
  PublishOutcome,
  RosterOutcome,
  StateOutcome,
  SwapOutcome,
} from './outcome.ts';
import type { Member } from './publication.ts';
import { publish } from './publish.ts';
import { roster } from './roster.ts';
import type { Session } from './session.ts';
import type { HistoryRequest, JoinOptions, PublishOptions, SessionApi } from './session-api.ts';
import { settleIfMarked } from './settle-channel.ts';
import { setState } from './state.ts';
import { swap } from './swap.ts';

/** A session as its door holds it. */
export class SessionHandle implements SessionApi {
  readonly #core: Core;
  readonly #session: Session;

  constructor(core: Core, session: Session) {
    this.#core = core;
    this.#session = session;
  }

  get id(): string {
    return this.#session.id;
  }

  get app(): string {
    return this.#session.app.id;
  }

  get principal(): Principal {
    return this.#session.principal;
  }

  get self(): Member {
    return this.#session.self;
  }

  get resume(): string | null {
    return resumeOf(this.#session);
  }

  get ended(): boolean {
    return this.#session.ended;
  }

  join(channel: string, options: JoinOptions): MaybePromise<JoinOutcome> {
    return join(this.#core, this.#session, channel, options);
  }

  leave(channel: string, ref?: number): LeaveOutcome {
    return leave(this.#core, this.#session, channel, ref);
  }

  publish(
    channel: string,
    target: SendTarget,
    data: string,
    options: PublishOptions = {},
  ): MaybePromise<PublishOutcome> {
    const { lapsed } = this.#session;
    if (lapsed !== null) return refusal(lapsed);
    const { key, meta, placed } = options;
    // Most have neither, and what is written out costs less than a copy.
    if (key === undefined && meta === undefined && placed !== undefined) {
      return publish(this.#core, this.#session, { channel, target, data, kind: 'message', placed });
    }
    return publish(this.#core, this.#session, { channel, target, data, kind: 'message', ...options });
  }

  history(channel: string, request: HistoryRequest = {}): MaybePromise<HistoryOutcome> {
    const { lapsed } = this.#session;
    return lapsed === null ? history(this.#core, this.#session, channel, request) : refusal(lapsed);
  }

  roster(channel: string, ref?: number): MaybePromise<RosterOutcome> {
    return roster(this.#core, this.#session, channel, ref);
  }

  setState(channel: string, state: JsonObject | null): StateOutcome {
    const { lapsed } = this.#session;
    return lapsed === null ? setState(this.#core, this.#session, channel, state) : refusal(lapsed);
  }

  swap(principal: Principal): SwapOutcome {
    return swap(this.#core, this.#session, principal);
  }

  answer(bytes: Uint8Array): void {
    if (!send(this.#core, this.#session, '', bytes, null)) endTooSlow(this.#core, this.#session);
  }

  refuse(refusal: { readonly code: Code; readonly message: string; readonly channel?: string }): void {
    notify(this.#core, this.#session, { ...refusal, type: 'refused' });
  }

  /** What waited goes on; what a change has marked in the meantime is decided again first. */
  drained(): void {
    const session = this.#session;
    const { inSocket } = session.app.definition.limits;
    for (;;) {
      expireDue(this.#core);
      const channel = session.ended ? undefined : session.outbox.next(inSocket);
      if (channel === undefined) break;
      if (!settleIfMarked(this.#core, session, channel)) session.outbox.handOverNext();
    }
    if (session.behind.length > 0 && !session.ended) goOn(this.#core, session);
  }

  close(forGood = true): void {
    forgetSession(this.#core, this.#session, forGood);
  }
}
