import {
  type AccessRequest,
  baseOfPresence,
  type Decision,
  operationRow,
  type Principal,
  type Rule,
  statedUser,
} from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { TriggerStack, Verdict } from './ports/triggers.ts';
import { holds, type Ran, runStack } from './trigger-asking.ts';

/** For so long an answer holds for one who holds no connection, ms. */
const HOLDS_MS = 60_000;
/** A failure is no answer: it is asked again after this. */
const FAILED_MS = 1_000;
/** So many answers of one app are remembered; the oldest goes first. */
const MOST_HELD = 10_000;

interface Held {
  readonly ran: Omit<Ran, 'principal'>;
  readonly verdict: Verdict;
  readonly until: number;
}

/** `null`: no join trigger looks at the channel. `unknown`: it has to be asked first. */
export type Admission = Verdict | 'unknown' | null;

/**
 * What join triggers said of those who are not joined: *may join now* includes them. An answer holds for who asks and where, for
 * a minute at most, and no longer than its rule, its stack and the proofs of who asked.
 */
export class Admissions {
  readonly #core: Core;
  readonly #app: App;
  readonly #held = new Map<string, Held>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(core: Core, app: App) {
    this.#core = core;
    this.#app = app;
  }

  /** What is known, under the rule that applies now. */
  of(principal: Principal, channel: string, rule: Rule | undefined): Admission {
    const stack = this.#stackFor(principal, channel, rule);
    if (!stack || !rule) return null;
    const key = keyOf(principal, channel);
    const held = this.#held.get(key);
    if (!held) return 'unknown';
    if (this.#core.clock.now() < held.until && holds({ ...held.ran, principal }, stack, rule, principal)) {
      return held.verdict;
    }
    this.#held.delete(key);
    return 'unknown';
  }

  /** Asks what is not known for those whom both gates let in; the same question is asked once at a time. */
  askIfAdmitted(principal: Principal, channel: string): MaybePromise<void> {
    if (!this.#app.triggers) return;
    const about = { principal, now: this.#core.clock.now(), name: channel };
    const join = this.#core.decide(this.#app, { ...about, operation: 'join' });
    const decision = join.allowed
      ? join
      : this.#core.decide(this.#app, { ...about, operation: 'publish', target: { to: 'everyone' } });
    if (decision.allowed) return this.ask(principal, channel, decision.rule);
  }

  /** Asks what is not known of one whom both gates let do what it wants to. */
  ask(principal: Principal, channel: string, rule: Rule | undefined): MaybePromise<void> {
    const stack = this.#stackFor(principal, channel, rule);
    if (!stack || !rule || this.of(principal, channel, rule) !== 'unknown') return;
    const key = keyOf(principal, channel);
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const ran = { stack, rule };
    const verdict = this.#run(principal, channel, ran);
    if (!isPromise(verdict)) {
      this.#keep(key, ran, verdict);
      return;
    }
    const asked = verdict.then((answer) => this.#keep(key, ran, answer)).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  /** A decision for one who is not joined, less what join triggers refuse; `unknown`: what holds where they were not asked yet. */
  subtract(request: AccessRequest, decision: Decision, unknown: 'refuse' | 'pass'): Decision {
    if (!this.#app.triggers) return decision;
    const channel = decision.allowed && request.joined !== true ? channelOf(request) : undefined;
    if (channel === undefined || !decision.allowed) return decision;
    const admission = this.of(request.principal, channel, decision.rule ?? this.#ruleFor(channel));
    if (admission === null || (admission === 'unknown' && unknown === 'pass')) return decision;
    if (admission !== 'unknown' && admission.pass) return decision;
    const by = { gate: 'trigger', ...(decision.rule ? { rule: decision.rule.id } : {}) } as const;
    if (admission === 'unknown') return { allowed: false, code: 'trigger.failed', by };
    const { code, reason } = admission;
    return { allowed: false, code, by, ...(reason === undefined ? {} : { reason }) };
  }

  #ruleFor(channel: string): Rule | undefined {
    return this.#app.policy.compiled.ruleFor(channel);
  }

  /** Servers, and triggers themselves, need not be let in. */
  #stackFor({ kind }: Principal, channel: string, rule: Rule | undefined): TriggerStack | undefined {
    if (!this.#app.triggers || !rule || kind === 'server' || kind === 'trigger') return undefined;
    return this.#app.triggers.stacksFor(rule, channel)?.join;
  }

  #run(principal: Principal, channel: string, { stack, rule }: Omit<Ran, 'principal'>): MaybePromise<Verdict> {
    return runStack(this.#core, this.#app, stack, {
      action: 'join',
      app: this.#app.id,
      channel,
      rule,
      principal,
      session: '',
      at: this.#core.clock.now(),
      options: { presence: false, history: false },
    });
  }

  #keep(key: string, ran: Omit<Ran, 'principal'>, verdict: Verdict): void {
    const failed = !verdict.pass && verdict.code === 'trigger.failed';
    this.#held.delete(key);
    this.#held.set(key, { ran, verdict, until: this.#core.clock.now() + (failed ? FAILED_MS : HOLDS_MS) });
    if (this.#held.size <= MOST_HELD) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      return;
    }
  }
}

/** Asks for several channels. `null`: there is nothing to wait for. */
export function askAdmissions(app: App, principal: Principal, channels: Iterable<string>): Promise<void> | null {
  if (!app.triggers) return null;
  const asked = Array.from(channels, (channel) => app.admissions.askIfAdmitted(principal, channel)).filter(isPromise);
  return asked.length === 0 ? null : Promise.all(asked).then(() => {});
}

/** The channel that an operation needs its asker to be admitted to. */
function channelOf({ operation, name }: AccessRequest): string | undefined {
  const { name: kind, channel } = operationRow(operation);
  if (name === undefined || (kind !== 'channel' && kind !== 'presence' && kind !== 'member')) return undefined;
  const needs = channel === 'join' || channel === 'send' || channel === 'presence' || channel === 'history';
  return needs || operation === 'subscribe.member' ? (baseOfPresence(name) ?? name) : undefined;
}

/** Who asks, by all that proves it: a new token is another. */
function keyOf(principal: Principal, channel: string): string {
  const proofs = principal.credentials.map(({ id }) => id);
  return JSON.stringify([principal.kind, statedUser(principal) ?? '', principal.grant?.id ?? '', ...proofs, channel]);
}
