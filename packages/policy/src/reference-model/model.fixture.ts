import type { Audience, SendTarget } from '../audience.ts';
import type { Code } from '../codes.ts';
import type { PolicySource } from '../policy.ts';
import type { Credential, Principal } from '../principal.ts';
import type { AccessRequest } from '../request.ts';
import type { Rule } from '../rule.ts';
import { type Coverage, coverage, coversWildcardOnPurpose } from './model-grants.fixture.ts';
import { applyingRule, isChannelName, isWildcardName, targetMatches } from './model-matching.fixture.ts';
import { MODEL_OPERATIONS, type ModelOperation } from './model-table.fixture.ts';

/**
 * The specification a second time: slow and obvious, plain loops over all rules, grants, revocations and bans, no index
 * and no cache. Written from the specification, not from `decide`.
 */

export interface ModelAnswer {
  readonly allowed: boolean;
  readonly code?: Code;
  readonly rule?: number;
  readonly target?: SendTarget;
}

const no = (code: Code): ModelAnswer => ({ allowed: false, code });

export function modelDecide(source: PolicySource, request: AccessRequest): ModelAnswer {
  const { settings } = source;
  const { principal } = request;
  const operation = MODEL_OPERATIONS.get(request.operation);
  if (operation === undefined) return no('request.unknown-action');
  const isServer = principal.kind === 'server';

  // keys
  if (!settings.enabled) return no('app.disabled');
  if (operation.partOf !== undefined && settings.features[operation.partOf] === false)
    return no('operation.not-enabled');
  if (operation.feature !== undefined) {
    const offered = settings.features[operation.feature];
    if (offered === false) return no('operation.not-enabled');
    if (offered === 'server' && !isServer) return no('operation.server-only');
  }

  // identity
  const untrusted = identity(source, request, operation);
  if (untrusted !== undefined) return no(untrusted);

  // name
  const name = request.name ?? '';
  const isPresenceName = name.endsWith('-pnpres');
  const base = isPresenceName ? name.slice(0, name.length - '-pnpres'.length) : name;
  switch (operation.names) {
    case 'nothing':
      break;
    case 'channel':
      if (!isChannelName(name)) return no('channel.bad-name');
      break;
    case 'presence':
      if (!isPresenceName || !isChannelName(base)) return no('channel.bad-name');
      break;
    case 'member':
      if (!isChannelName(base)) return no('channel.bad-name');
      break;
    case 'wildcard':
      if (!isWildcardName(base)) return no('channel.bad-name');
      if ([...base].filter((character) => character === '.').length > settings.wildcardDots) {
        return no('limit.wildcardDots');
      }
      break;
    case 'group':
      if (!isChannelName(base)) return no('request.malformed');
      break;
    case 'user':
      if (name === '' || /\p{Cs}/u.test(name)) return no('request.malformed');
      break;
  }
  const mayBePresence =
    operation.names === 'presence' ||
    operation.names === 'member' ||
    operation.names === 'wildcard' ||
    operation.names === 'group';
  const asksPresence = mayBePresence && isPresenceName;
  if (asksPresence && !settings.features.presence) return no('operation.not-enabled');

  const rulesOn = settings.rules || (!settings.grants && !settings.open);
  const channel =
    operation.names === 'channel' || operation.names === 'presence' || operation.names === 'member' ? base : undefined;
  const rule =
    channel === undefined
      ? undefined
      : rulesOn
        ? withHistoryBound(applyingRule(source.rules, channel), source)
        : everythingOn(source);
  const known = rule === undefined ? {} : { rule: rule.id };

  if (isServer) {
    if (operation.needs === 'live item' || operation.needs === 'stored item') {
      const open = request.audience?.to === 'everyone' || request.audience?.to === 'authenticated';
      const presence = operation.needs === 'live item' && request.audience?.to === 'presence';
      if (!open && !presence) return no('channel.not-addressed');
    }
    const { audience } = request;
    if (operation.toMessage && audience && audience.to !== 'everyone' && audience.to !== 'authenticated') {
      return no('channel.not-addressed');
    }
    if (operation.needs === 'send') {
      const target = request.target ?? { to: 'everyone' };
      const isPrivate = target.to === 'session' || target.to === 'user';
      if (isPrivate && !(request.peer?.joined === true && !request.peer.self)) return no('channel.peer-not-present');
      return { allowed: true, ...known, target };
    }
    return { allowed: true, ...known };
  }

  // A trigger publishes where its configuration says so and a rule covers the name: to all of a kind, or to a user that is there.
  if (principal.kind === 'trigger') {
    const target = request.target ?? { to: 'everyone' };
    if (request.operation !== 'publish' || target.to === 'session') return no('operation.server-only');
    if (!principal.channels.some((one) => targetMatches(one, base))) return no('trigger.channel-not-named');
    if (rule === undefined) return no('channel.no-rule');
    const there = request.peer?.joined === true && !request.peer.self;
    if (target.to === 'user' && !there) return no('channel.peer-not-present');
    return { allowed: true, ...known, target };
  }

  // what is for servers, and what belongs to one user
  if (operation.needs === 'server') return no('operation.server-only');
  if (operation.ofOneUser && request.subject !== undefined) {
    const proven = principal.kind === 'user';
    const mine =
      (principal.kind === 'user' || principal.kind === 'stated') &&
      request.subject.user === principal.user &&
      request.subject.proven === proven;
    if (!mine) return no('operation.not-own');
  }
  const hasNoSwitch = operation.needs === 'no switch' || operation.needs === 'own or no switch';
  if (hasNoSwitch && rulesOn && !settings.grants) {
    const own =
      operation.needs === 'own or no switch' &&
      principal.kind === 'user' &&
      (operation.names === 'user' ? name === principal.user : true);
    if (!own) return no('operation.server-only');
  }

  // channel gate
  let target: SendTarget | undefined;
  const authenticated = isAuthenticated(principal, source);
  const presenceItem = operation.needs === 'live item' && request.audience?.to === 'presence';
  const needs = asksPresence && operation.names === 'member' ? 'presence' : presenceItem ? 'presence' : operation.needs;
  if (channel !== undefined && needs !== 'free') {
    if (rule === undefined) return no('channel.no-rule');
    if (!authenticated && !rule.anonymousClients) return { ...no('channel.anonymous-not-allowed'), rule: rule.id };
    const mustBeJoined = needs === 'send' || needs === 'presence' || needs === 'live item';
    if (mustBeJoined && request.joined === false) return { ...no('channel.not-joined'), rule: rule.id };
    if (operation.toMessage && request.audience && !mayRead(request, authenticated, settings.historyWiden)) {
      return { ...no('channel.not-addressed'), rule: rule.id };
    }
    if (needs === 'presence' && !rule.presence) return { ...no('channel.presence-off'), rule: rule.id };
    if ((needs === 'history' || needs === 'stored item') && rule.history === 0) {
      return { ...no('channel.history-off'), rule: rule.id };
    }
    if (needs === 'stored item' && !mayRead(request, authenticated, settings.historyWiden)) {
      return { ...no('channel.not-addressed'), rule: rule.id };
    }
    if (needs === 'live item' && !mayReceive(request, authenticated)) {
      return { ...no('channel.not-addressed'), rule: rule.id };
    }
    if (needs === 'send') {
      const sent = send(rule, request.target ?? { to: 'everyone' }, authenticated);
      if (typeof sent === 'string') return { ...no(sent), rule: rule.id };
      target = sent;
    }
  }

  // bearer gate
  const refused = bearer(source, request, operation, presenceItem);
  if (refused !== undefined) return no(refused);

  // the other end of a private message
  if (target !== undefined && rule !== undefined && (target.to === 'session' || target.to === 'user')) {
    const { peer } = request;
    if (peer === undefined || !peer.joined || peer.self) return { ...no('channel.peer-not-present'), rule: rule.id };
    if (rule.privateMessaging.authenticatedOnly && !peer.authenticated) {
      return { ...no('channel.private-messaging-authenticated-only'), rule: rule.id };
    }
  }
  const applied = needs === 'free' ? {} : known;
  return target === undefined ? { allowed: true, ...applied } : { allowed: true, ...applied, target };
}

function isAuthenticated(principal: Principal, { settings }: PolicySource): boolean {
  if (principal.kind === 'user' || principal.kind === 'server') return true;
  return principal.grant !== undefined && settings.unboundTokens === 'authenticated';
}

function identity(source: PolicySource, request: AccessRequest, operation: ModelOperation): Code | undefined {
  const { principal, now } = request;
  const user = principal.kind === 'user' || principal.kind === 'stated' ? principal.user : undefined;
  const proofs: Credential[] = [...principal.credentials];
  const { grant } = principal;
  if (grant !== undefined && !proofs.some((proof) => proof.id === grant.id)) {
    const expiresAt = grant.issuedAt * 1000 + grant.ttl * 60_000;
    proofs.push({ type: 'grant', id: grant.id, key: grant.key, issuedAt: grant.issuedAt, expiresAt });
  }
  for (const proof of proofs) {
    if (now >= proof.expiresAt) return 'identity.expired';
  }

  const aboutChannel = operation.names === 'channel' || operation.names === 'presence' || operation.names === 'member';
  const channel = aboutChannel ? (request.name ?? '').replace(/-pnpres$/, '') : undefined;
  for (const revocation of source.revocations) {
    for (const proof of proofs) {
      const second = Math.floor(proof.issuedAt);
      if (revocation.type === 'token' && revocation.token === proof.id) return 'identity.revoked';
      if (revocation.type === 'key' && revocation.key === proof.key) return 'identity.revoked';
      if (revocation.type === 'jti' && revocation.jti === proof.jti) return 'identity.revoked';
      if (revocation.type === 'issued-before' && second <= revocation.issuedBefore) return 'identity.revoked';
      if (revocation.type === 'user' && revocation.user === user && second <= revocation.issuedBefore) {
        return 'identity.revoked';
      }
      if (
        revocation.type === 'user-channel' &&
        revocation.user === user &&
        revocation.channel === channel &&
        second <= revocation.issuedBefore
      ) {
        return 'identity.revoked';
      }
    }
    // Whoever states the id is covered, even with nothing that was ever issued.
    if (principal.kind === 'stated' && proofs.length === 0) {
      if (revocation.type === 'user' && revocation.user === user && revocation.issuedBefore >= 0)
        return 'identity.revoked';
      if (
        revocation.type === 'user-channel' &&
        revocation.user === user &&
        revocation.channel === channel &&
        revocation.issuedBefore >= 0
      ) {
        return 'identity.revoked';
      }
    }
  }

  if (grant?.authorizedUser !== undefined && principal.kind !== 'server') {
    if (principal.kind !== 'user' || principal.user !== grant.authorizedUser) return 'identity.user-mismatch';
  }

  if (user === undefined || request.operation === 'leave' || request.operation === 'time') return undefined;
  let held = false;
  for (const ban of source.bans) {
    if (ban.user !== user) continue;
    if (ban.until !== undefined && ban.until <= now) continue;
    if (ban.channel !== undefined && ban.channel !== channel) continue;
    if (!ban.hold) return 'identity.banned';
    // Without a channel a hold is what a kick leaves: it is asked about by those who connect, and by nobody else.
    if (ban.channel === undefined && (request.operation !== 'connect' || request.joined === true)) continue;
    held = true;
  }
  return held ? 'identity.held-off' : undefined;
}

function withHistoryBound(rule: Rule | undefined, { settings }: PolicySource): Rule | undefined {
  if (rule === undefined) return undefined;
  const history = settings.features.history ? Math.min(rule.history, settings.historyMax) : 0;
  return { ...rule, history };
}

/** Rules off: every legal name behaves as under one rule with all switches on and the app's default history. */
function everythingOn({ settings }: PolicySource): Rule {
  const on = { enabled: true, authenticatedOnly: false };
  return {
    id: 0,
    version: 0,
    target: '*',
    nested: true,
    enabled: true,
    description: '',
    anonymousClients: true,
    presence: true,
    publicMessaging: on,
    authenticatedMessaging: true,
    privateMessaging: on,
    history: settings.features.history ? Math.min(settings.historyDefault, settings.historyMax) : 0,
    origin: 'file',
  };
}

function send(rule: Rule, target: SendTarget, authenticated: boolean): SendTarget | Code {
  if (target.to === 'everyone') {
    if (rule.publicMessaging.enabled) {
      if (rule.publicMessaging.authenticatedOnly && !authenticated)
        return 'channel.public-messaging-authenticated-only';
      return target;
    }
    if (rule.authenticatedMessaging && authenticated) return { to: 'authenticated' };
    return 'channel.public-messaging-off';
  }
  if (target.to === 'authenticated') {
    if (!rule.authenticatedMessaging) return 'channel.authenticated-messaging-off';
    if (!authenticated) return 'channel.authenticated-messaging-off';
    return target;
  }
  if (!rule.privateMessaging.enabled) return 'channel.private-messaging-off';
  if (rule.privateMessaging.authenticatedOnly && !authenticated) return 'channel.private-messaging-authenticated-only';
  return target;
}

function mayReceive({ principal, audience, session }: AccessRequest, authenticated: boolean): boolean {
  if (audience === undefined) return false;
  if (audience.to === 'everyone') return authenticated ? true : audience.anonymous;
  if (audience.to === 'session') return session !== undefined && audience.session === session;
  if (principal.kind !== 'user') return false;
  if (audience.to === 'authenticated') return true;
  if (audience.to === 'table') return `${audience.table}` === `${principal.table}`;
  if (audience.to === 'row')
    return `${audience.table}` === `${principal.table}` && `${audience.row}` === `${principal.row}`;
  if (audience.to === 'user') return audience.user === principal.user;
  return false;
}

function mayRead(request: AccessRequest, authenticated: boolean, widen: boolean): boolean {
  const { principal } = request;
  const audience: Audience | undefined = request.audience;
  if (audience === undefined || audience.to === 'presence') return false;
  if (audience.to === 'everyone') return widen || authenticated || audience.anonymous;
  if (audience.to === 'session') {
    if (audience.pair === undefined || principal.kind !== 'user') return false;
    return audience.pair[0] === principal.user || audience.pair[1] === principal.user;
  }
  if (audience.to === 'user' && principal.kind === 'user' && audience.from === principal.user) return true;
  return mayReceive(request, authenticated);
}

function bearer(
  source: PolicySource,
  request: AccessRequest,
  operation: ModelOperation,
  presenceItem: boolean,
): Code | undefined {
  const { settings } = source;
  const { bit } = operation;
  if (!settings.grants || bit === undefined) return undefined;
  if (request.operation === 'groups.add-channel' && settings.groupAdd === 'vendor') return undefined;
  const { grant } = request.principal;
  if (grant === undefined) return 'grant.none';
  const [section, permission, on] = bit;
  const name = request.name ?? '';
  const resource = on === 'its -pnpres' || presenceItem ? `${name}-pnpres` : name;
  const twin = resource.endsWith('-pnpres') ? '-pnpres' : '';
  const ask = (where: typeof section, what: string): Code | undefined =>
    codeOf(coverage(grant, where, what, permission, settings.patternMatch));

  if (request.via === undefined || !operation.throughGroups) return ask(section, resource);
  if ('group' in request.via) return ask('groups', request.via.group + twin);
  // What a wildcard stands for: names that have something after its dot.
  const stem = request.via.wildcard.slice(0, -1);
  const base = name.replace(/-pnpres$/, '');
  if (!base.startsWith(stem) || base === stem) return 'grant.not-covered';
  const wildcard = request.via.wildcard + twin;
  const onWildcard = ask('channels', wildcard);
  if (onWildcard !== undefined) return onWildcard;
  if (coversWildcardOnPurpose(grant, wildcard, permission, settings.patternMatch)) return undefined;
  return ask('channels', resource);
}

function codeOf(found: Coverage): Code | undefined {
  if (found === 'has it') return undefined;
  return found === 'lacks it' ? 'grant.missing-permission' : 'grant.not-covered';
}
