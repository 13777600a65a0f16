import { type Principal, type Revocation, type Rule, shownUser } from '@portcullis/policy';
import type { App } from './app.ts';
import { applyChanges, atVersion, rulesLeft, rulesTouched } from './apply-changes.ts';
import type { Core } from './core.ts';
import type { AppDefinition } from './engine-api.ts';
import { receive } from './fan-out.ts';
import { noteChanges } from './happenings.ts';
import { isPromise } from './maybe-promise.ts';
import type { CommitAck } from './outcome.ts';
import { NOTHING_TOLD } from './ports/events.ts';
import type { Change } from './ports/store.ts';
import { refuseConflicts, refuseConflictsOf } from './rule-conflict.ts';
import type { Session } from './session.ts';
import { markSession } from './settle.ts';
import { spentStanding } from './spent-standing.ts';

export interface Commitment {
  /** New settings, limits and file rules of the app. */
  readonly definition?: AppDefinition | undefined;
  /** The first of this process: nothing has changed. */
  readonly starting?: boolean;
  /** Who made the change, for those who are told of it. */
  readonly by?: Principal | undefined;
  /** What else it takes away, in the turn in which it comes into force: nobody gets ahead of it who was waiting. */
  readonly also?: (() => void) | undefined;
}

const SERVER: Principal = { kind: 'server', name: 'server', credentials: [] };

/**
 * Every change of authority takes this one road (`enforcement.md`): written durably under the next epoch, the broker's
 * epoch raised and the policy swapped in one turn (C), everything it can affect marked in that same turn, then
 * acknowledged. Rejects with the store's error or a `RuleConflictError`; then nothing has changed.
 */
export function commit(
  core: Core,
  app: App,
  changes: readonly Change[],
  { definition, by = SERVER, starting = false, also }: Commitment = {},
): Promise<CommitAck> {
  return app.inTurn(async () => {
    const epoch = app.takeEpoch();
    const versioned = changes.map((change) => atVersion(change, epoch));
    const spent = spentStanding(app.stored, core.clock.now());
    const next = applyChanges(spent.rest, versioned, epoch);
    if (definition) refuseConflicts([...definition.fileRules, ...next.rules]);
    else refuseConflictsOf(rulesLeft(versioned), rulesTouched(versioned), app.policy);
    // Before it is durable: what cannot be put in force must not be kept.
    const compiled = app.compile(definition ?? app.definition, next);
    const told = starting ? NOTHING_TOLD : noteChanges(app.events, versioned, app.stored, by);
    await core.store.commit(app.id, epoch, [...spent.changes, ...versioned], told);
    // Who is still to be decided again by the change before must not be found admitted again, as if it had never lost
    // anything, by this one.
    await core.settling.finished(app);
    const raised = core.broker.raise(app.id, epoch);
    const timetoken = isPromise(raised) ? await raised : raised;
    const before = app.policy;
    app.adopt(definition ?? app.definition, next, compiled);
    if (definition) markAll(app);
    else for (const change of versioned) mark(app, change, before.source.rules);
    // First: what settling says itself (who left) has its place behind it.
    for (const publication of app.held.splice(0)) receive(core, publication);
    core.settling.start(app);
    also?.();
    app.polls?.settle();
    return { epoch, timetoken };
  });
}

/** Marks whatever the change can affect. Complete; the settling that follows only decides how soon clients are told. */
function mark(app: App, change: Change, before: readonly Rule[]): void {
  switch (change.type) {
    case 'rule.put':
      markChannels(app, [change.rule, ...before.filter((rule) => rule.id === change.rule.id)]);
      return;
    case 'rule.delete':
      markChannels(
        app,
        before.filter((rule) => rule.id === change.id),
      );
      return;
    case 'ban.put':
      markSessions(app, app.index.user.of(change.ban.user));
      app.polls?.markOf((principal) => shownUser(principal) === change.ban.user);
      return;
    case 'revocation.put':
      markSessions(app, revokedSessions(app, change));
      app.polls?.markOf((principal) => isAbout(change.revocation, principal));
      return;
    case 'app.put':
    case 'outside':
      markAll(app);
      return;
    case 'trigger.put':
    case 'trigger.delete':
      // Who is in was let in. Joins and messages on their way find that their stack is another.
      return;
    case 'group.put':
    case 'group.delete':
      app.polls?.markGroup(change.group);
      return;
    case 'app.delete':
    case 'revocation.delete':
    case 'ban.delete':
    case 'trail':
      // These give back only; what they let in has to ask again. App deletion ends its sessions itself.
      return;
  }
}

function revokedSessions(app: App, { revocation }: Extract<Change, { type: 'revocation.put' }>): Iterable<Session> {
  switch (revocation.type) {
    case 'token':
      return app.index.token.of(revocation.token);
    case 'user':
    case 'user-channel':
      return app.index.user.of(revocation.user);
    case 'key':
      return app.index.key.of(revocation.key);
    case 'jti':
      return app.index.jti.of(revocation.jti);
    case 'issued-before':
      return app.sessions.values();
  }
}

/** Whether one who holds no connection has what a revocation names. */
function isAbout(revocation: Revocation, principal: Principal): boolean {
  const { credentials } = principal;
  switch (revocation.type) {
    case 'token':
      return credentials.some(({ id }) => id === revocation.token);
    case 'user':
    case 'user-channel':
      return shownUser(principal) === revocation.user;
    case 'key':
      return credentials.some(({ key }) => key === revocation.key);
    case 'jti':
      return credentials.some(({ jti }) => jti === revocation.jti);
    case 'issued-before':
      return true;
  }
}

function markSessions(app: App, sessions: Iterable<Session>): void {
  for (const session of sessions) {
    markSession(app, session);
    app.dirtySessions.add(session);
  }
}

function markChannels(app: App, rules: readonly Rule[]): void {
  for (const rule of rules) {
    app.polls?.markUnder(rule);
    for (const channel of app.channels.under(rule)) {
      channel.dirtyAll = true;
      app.dirtyChannels.add(channel);
    }
  }
}

/** Everything: settings, keys, the file's rules. */
export function markAll(app: App): void {
  markSessions(app, app.sessions.values());
  app.polls?.markOf(() => true);
}
