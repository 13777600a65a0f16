import type { Code, Principal, SendTarget } from '@portcullis/policy';
import type { Core } from './core.ts';
import { notify } from './delivery.ts';
import { forgetSession } from './ending.ts';
import { expireDue } from './expire-due.ts';
import { history } from './history.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { HistoryOutcome, JoinOutcome, LeaveOutcome, PublishOutcome } from './outcome.ts';
import type { Member } from './publication.ts';
import { publish } from './publish.ts';
import type { Session } from './session.ts';
import type { JoinOptions, SessionApi } from './session-api.ts';
import { settleIfMarked } from './settle.ts';

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

  get ended(): boolean {
    return this.#session.ended;
  }

  join(channel: string, options: JoinOptions): MaybePromise<JoinOutcome> {
    return join(this.#core, this.#session, channel, options);
  }

  leave(channel: string): LeaveOutcome {
    return leave(this.#core, this.#session, channel);
  }

  publish(channel: string, target: SendTarget, data: string): MaybePromise<PublishOutcome> {
    return publish(this.#core, this.#session, { channel, target, data, kind: 'message' });
  }

  history(channel: string, peer?: string): MaybePromise<HistoryOutcome> {
    return history(this.#core, this.#session, channel, peer);
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
      if (channel === undefined) return;
      if (!settleIfMarked(this.#core, session, channel)) session.outbox.handOverNext();
    }
  }

  close(): void {
    forgetSession(this.#core, this.#session);
  }
}
