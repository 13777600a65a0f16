import type { SendTarget } from '../audience.ts';
import type { Code } from '../codes.ts';
import type { Denied } from '../decision.ts';
import type { AccessRequest } from '../request.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';
import { deny } from './deny.ts';

/** Where a send goes, or the code of the switch that stops it. */
export type Routed = { readonly ok: true; readonly target: SendTarget } | { readonly ok: false; readonly code: Code };

const EVERYONE: SendTarget = { to: 'everyone' };
const AUTHENTICATED: SendTarget = { to: 'authenticated' };

/** Asks the switch of the audience. The other end of a private message is asked about last, by `peerGate`. */
export function route(asked: SendTarget | undefined, rule: Rule, authenticated: boolean): Routed {
  const target = asked ?? EVERYONE;
  switch (target.to) {
    case 'everyone':
      return toEveryone(target, rule, authenticated);
    case 'authenticated':
      return rule.authenticatedMessaging && authenticated
        ? { ok: true, target }
        : { ok: false, code: 'channel.authenticated-messaging-off' };
    case 'session':
    case 'user':
      if (!rule.privateMessaging.enabled) return { ok: false, code: 'channel.private-messaging-off' };
      if (rule.privateMessaging.authenticatedOnly && !authenticated) {
        return { ok: false, code: 'channel.private-messaging-authenticated-only' };
      }
      return { ok: true, target };
  }
}

function toEveryone(target: SendTarget, rule: Rule, authenticated: boolean): Routed {
  if (rule.publicMessaging.enabled) {
    return rule.publicMessaging.authenticatedOnly && !authenticated
      ? { ok: false, code: 'channel.public-messaging-authenticated-only' }
      : { ok: true, target };
  }
  // An unflagged send where only the authenticated may be sent to is a send to them.
  return rule.authenticatedMessaging && authenticated
    ? { ok: true, target: AUTHENTICATED }
    : { ok: false, code: 'channel.public-messaging-off' };
}

/**
 * Is the other end of a private message there? Asked after both gates, so that nobody learns who is present without the
 * right to send; to oneself, to one unknown and to one not joined give one answer. `rule` is absent for servers.
 */
export function peerGate(request: AccessRequest, rule: Rule | undefined, trace: Trace | undefined): Denied | undefined {
  const target = request.target ?? EVERYONE;
  if (target.to !== 'session' && target.to !== 'user') return undefined;
  const by = rule === undefined ? 'server' : 'channel';
  const { peer } = request;
  if (peer === undefined || peer.self || !peer.joined) {
    trace?.no(by, 'is the recipient present?', 'unknown, not joined to this channel, or the sender itself');
    return {
      ...deny(by, 'channel.peer-not-present'),
      by: rule === undefined ? { gate: by } : { gate: by, rule: rule.id },
    };
  }
  if (rule?.privateMessaging.authenticatedOnly === true && !peer.authenticated) {
    trace?.no(by, 'is the recipient authenticated?', 'privateMessaging.authenticatedOnly is on and it is not');
    return {
      allowed: false,
      code: 'channel.private-messaging-authenticated-only',
      by: { gate: by, rule: rule.id },
    };
  }
  trace?.yes(by, 'is the recipient present?', 'joined to this channel');
  return undefined;
}
