import { describe, expect, test } from 'vitest';
import type { Audience } from './audience.ts';
import type { Code } from './codes.ts';
import { compilePolicy, ruleFor } from './compile-policy.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import type { Policy, PolicySource } from './policy.ts';
import { ANONYMOUS, type Credential, type Principal } from './principal.ts';
import type { AccessRequest } from './request.ts';
import type { PartialRuleSpec } from './rule-spec.ts';
import type { Ban, Revocation } from './standing.ts';
import { TEMPLATES, type TemplateName } from './templates.ts';
import {
  ann,
  appSettings,
  bob,
  byGrants,
  grantOf,
  NOW,
  policyOf,
  rule,
  server,
  sourceOf,
  stated,
  withFeatures,
} from './testing/policies.fixture.ts';

const on = { enabled: true, authenticatedOnly: false };
const signedIn = { enabled: true, authenticatedOnly: true };

type Asked = Omit<AccessRequest, 'now' | 'principal' | 'operation'> & { readonly now?: number };
const ask = (policy: Policy, principal: Principal, operation: Operation, asked: Asked = {}): Decision =>
  decide({ operation, principal, now: NOW, name: 'room', ...asked }, policy);
const answer = (policy: Policy, principal: Principal, operation: Operation, asked: Asked = {}): 'yes' | Code => {
  const decision = ask(policy, principal, operation, asked);
  return decision.allowed ? 'yes' : decision.code;
};

describe('the five templates', () => {
  const rows: readonly (readonly [TemplateName, ...('yes' | Code)[]])[] = [
    // template, anonymous: joins, sends; signed in: joins, sends, sends to the authenticated, to a signed-in peer; roster for who joins
    [
      'open-chat',
      'yes',
      'yes',
      'yes',
      'yes',
      'channel.authenticated-messaging-off',
      'channel.private-messaging-off',
      'yes',
    ],
    [
      'read-open-write-signed-in',
      ...(['yes', 'channel.public-messaging-authenticated-only', 'yes', 'yes'] as const),
      ...(['channel.authenticated-messaging-off', 'channel.private-messaging-off', 'yes'] as const),
    ],
    [
      'notifications',
      ...(['yes', 'channel.public-messaging-off', 'yes', 'channel.public-messaging-off'] as const),
      ...(['channel.authenticated-messaging-off', 'channel.private-messaging-off', 'channel.presence-off'] as const),
    ],
    [
      'members-only',
      ...(['channel.anonymous-not-allowed', 'channel.anonymous-not-allowed', 'yes', 'yes'] as const),
      ...(['yes', 'channel.private-messaging-off', 'yes'] as const),
    ],
    [
      'members-with-direct-messages',
      ...([
        'channel.anonymous-not-allowed',
        'channel.anonymous-not-allowed',
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ] as const),
    ],
  ];
  test.each(rows.map(([template, ...expected]) => [template, expected] as const))('%s', (template, expected) => {
    const policy = policyOf([{ target: 'room', ...TEMPLATES[template] }]);
    const peer = { joined: true, authenticated: true, self: false };
    expect([
      answer(policy, ANONYMOUS, 'join'),
      answer(policy, ANONYMOUS, 'publish', { joined: true }),
      answer(policy, ann, 'join'),
      answer(policy, ann, 'publish', { joined: true }),
      answer(policy, ann, 'publish', { joined: true, target: { to: 'authenticated' } }),
      answer(policy, ann, 'publish', { joined: true, target: { to: 'session', session: 's' }, peer }),
      answer(policy, ann, 'roster', { joined: true }),
    ]).toEqual(expected);
  });

  test('members only: what they send unflagged goes to the authenticated', () => {
    const policy = policyOf([{ target: 'room', ...TEMPLATES['members-only'] }]);
    for (const operation of ['publish', 'signal', 'files.send', 'reactions.add'] as const) {
      expect(ask(policy, ann, operation, { joined: true })).toMatchObject({
        allowed: true,
        target: { to: 'authenticated' },
      });
    }
  });
});

describe('the app', () => {
  test('disabled, everything is refused, servers included', () => {
    const policy = policyOf([{ target: 'room' }], { enabled: false });
    for (const principal of [ann, server]) expect(answer(policy, principal, 'join')).toBe('app.disabled');
  });

  test('a feature that is off is off for servers too; one for servers is for servers', () => {
    const off = compilePolicy({ ...sourceOf([]), settings: withFeatures({ deleteHistory: false }) });
    expect(answer(off, server, 'messages.delete')).toBe('operation.not-enabled');
    const policy = policyOf([]);
    expect([answer(policy, server, 'here-now.global'), answer(policy, ann, 'here-now.global')]).toEqual([
      'yes',
      'operation.server-only',
    ]);
  });

  test('history that the app does not offer is not kept', () => {
    const rules = [rule({ target: 'room', history: 5000 })];
    const bounded = compilePolicy(sourceOf(rules, { historyMax: 100 }));
    expect(ruleFor(bounded, 'room')?.history).toBe(100);
    const off = compilePolicy({ ...sourceOf(rules), settings: withFeatures({ history: false }) });
    expect(ruleFor(off, 'room')?.history).toBe(0);
    expect(answer(off, ann, 'files.list')).toBe('channel.history-off');
  });

  test('presence that the app does not offer is offered under no name', () => {
    const off = compilePolicy({
      ...sourceOf([rule({ target: 'room', presence: true })]),
      settings: withFeatures({ presence: false }),
    });
    for (const [operation, name] of [
      ['roster', 'room'],
      ['here-now', 'room'],
      ['subscribe.presence', 'room-pnpres'],
      ['subscribe.group', 'g-pnpres'],
      ['subscribe.wildcard', 'room.*-pnpres'],
      ['subscribe.member', 'room-pnpres'],
    ] as const) {
      expect(answer(off, ann, operation, { name })).toBe('operation.not-enabled');
    }
  });

  test('an operation that does not exist is refused', () => {
    expect(answer(policyOf([]), server, 'toString' as Operation)).toBe('request.unknown-action');
  });
});

describe('identity', () => {
  const jwt: Credential = { type: 'jwt', id: 'jwt-1', key: 'k1', jti: 'j1', issuedAt: 1000, expiresAt: NOW + 1 };
  const withJwt = { ...ann, credentials: [jwt] };
  const subject = <T extends object>(of: T) => ({ id: 7, reason: '', keepUntil: NOW, ...of });
  const standing = (changed: Partial<PolicySource>): Policy =>
    compilePolicy({ ...sourceOf([rule({ target: 'room' }), rule({ target: 'other' })]), ...changed });
  const revoked = (...revocations: readonly Revocation[]): Policy => standing({ revocations });
  const banned = (...bans: readonly Ban[]): Policy => standing({ bans });

  test('a proof holds until its last millisecond, each by itself', () => {
    const policy = standing({});
    expect(answer(policy, withJwt, 'join', { now: NOW })).toBe('yes');
    expect(answer(policy, withJwt, 'join', { now: NOW + 1 })).toBe('identity.expired');
    const grant = grantOf({}, {}, { issuedAt: NOW / 1000 - 60, ttl: 1 });
    expect(answer(policy, { ...withJwt, grant }, 'join')).toBe('identity.expired');
  });

  test.each<readonly [string, Revocation, 'yes' | Code]>([
    ['the token', subject({ type: 'token' as const, token: 'jwt-1' }), 'identity.revoked'],
    ['another token', subject({ type: 'token' as const, token: 'jwt-2' }), 'yes'],
    ['the key', subject({ type: 'key' as const, key: 'k1' }), 'identity.revoked'],
    ['the JWT id', subject({ type: 'jti' as const, jti: 'j1' }), 'identity.revoked'],
    [
      'the user, in the second of issue',
      subject({ type: 'user' as const, user: 'ann', issuedBefore: 1000 }),
      'identity.revoked',
    ],
    ['the user, before', subject({ type: 'user' as const, user: 'ann', issuedBefore: 999 }), 'yes'],
    ['another user', subject({ type: 'user' as const, user: 'bob', issuedBefore: 1000 }), 'yes'],
    [
      'everything, in the second of issue',
      subject({ type: 'issued-before' as const, issuedBefore: 1000 }),
      'identity.revoked',
    ],
    ['everything, before', subject({ type: 'issued-before' as const, issuedBefore: 999 }), 'yes'],
    [
      'the user on the channel',
      subject({ type: 'user-channel' as const, user: 'ann', channel: 'room', issuedBefore: 1000 }),
      'identity.revoked',
    ],
    [
      'the user on another',
      subject({ type: 'user-channel' as const, user: 'ann', channel: 'other', issuedBefore: 1000 }),
      'yes',
    ],
  ])('revoked by %s', (_what, revocation, expected) => {
    expect(answer(revoked(revocation), withJwt, 'join')).toBe(expected);
    if (expected !== 'yes')
      expect(ask(revoked(revocation), withJwt, 'join')).toMatchObject({ by: { gate: 'identity', revocation: 7 } });
  });

  test('a fraction of a second counts as its second, and the latest of several revocations counts', () => {
    const user = (issuedBefore: number) => subject({ type: 'user' as const, user: 'ann', issuedBefore });
    expect(answer(revoked(user(1000)), { ...ann, credentials: [{ ...jwt, issuedAt: 1000.9 }] }, 'join')).toBe(
      'identity.revoked',
    );
    expect(answer(revoked(user(1000), user(5)), withJwt, 'join')).toBe('identity.revoked');
  });

  test('what takes away covers whoever states the id, what gives does not', () => {
    const byUser = revoked(subject({ type: 'user' as const, user: 'ann', issuedBefore: 5 }));
    expect(answer(byUser, stated, 'leave')).toBe('identity.revoked');
    const ban: Ban = { id: 3, user: 'ann', reason: '', hold: false };
    expect([answer(banned(ban), stated, 'connect'), answer(banned(ban), ann, 'connect')]).toEqual([
      'identity.banned',
      'identity.banned',
    ]);
    expect(answer(banned(ban), ANONYMOUS, 'connect')).toBe('yes');
  });

  test('a ban refuses everything but leaving, here or everywhere, until it ends', () => {
    const here: Ban = { id: 3, user: 'ann', channel: 'room', until: NOW + 1, reason: '', hold: false };
    const policy = banned(here);
    for (const operation of [
      'join',
      'publish',
      'receive',
      'roster',
      'history',
      'history.item',
      'here-now',
      'heartbeat',
    ] as const) {
      expect(answer(policy, ann, operation)).toBe('identity.banned');
    }
    expect(answer(policy, ann, 'subscribe.presence', { name: 'room-pnpres' })).toBe('identity.banned');
    expect([
      answer(policy, ann, 'leave'),
      answer(policy, ann, 'connect'),
      answer(policy, ann, 'join', { name: 'other' }),
    ]).toEqual(['yes', 'yes', 'yes']);
    expect(answer(policy, ann, 'join', { now: NOW + 1 })).toBe('yes');
    expect(answer(policy, bob, 'join')).toBe('yes');
  });

  test('a hold has its own code, and a ban beside it goes first', () => {
    const hold: Ban = { id: 3, user: 'ann', channel: 'room', until: NOW + 1, reason: '', hold: true };
    expect(ask(banned(hold), ann, 'join')).toMatchObject({ code: 'identity.held-off', by: { ban: 3 } });
    expect(answer(banned(hold, { ...hold, hold: false }), ann, 'join')).toBe('identity.banned');
    expect(answer(banned({ ...hold, hold: false }, hold), ann, 'join')).toBe('identity.banned');
  });

  test('a hold without a channel keeps its user from connecting, and leaves open connections alone', () => {
    const policy = banned({ id: 3, user: 'ann', until: NOW + 1, reason: '', hold: true });
    expect(answer(policy, ann, 'connect')).toBe('identity.held-off');
    expect(answer(policy, ann, 'connect', { joined: true })).toBe('yes');
    expect(answer(policy, ann, 'join')).toBe('yes');
  });

  test('a grant is its user’s alone, with grants off as well', () => {
    const policy = standing({});
    const grant = grantOf({}, {}, { authorizedUser: 'ann' });
    expect(answer(policy, { ...ann, grant }, 'join')).toBe('yes');
    for (const other of [bob, stated, ANONYMOUS])
      expect(answer(policy, { ...other, grant }, 'join')).toBe('identity.user-mismatch');
  });

  test('identity is asked before the name and the gates', () => {
    const ban: Ban = { id: 3, user: 'ann', reason: '', hold: false };
    expect(answer(banned(ban), ann, 'join', { name: 'a,b' })).toBe('identity.banned');
  });
});

describe('names', () => {
  const policy = policyOf([{ target: '*', nested: true, presence: true }]);
  test.each<readonly [Operation, string | undefined, 'yes' | Code]>([
    ['join', 'room', 'yes'],
    ['join', undefined, 'channel.bad-name'],
    ['join', 'a,b', 'channel.bad-name'],
    ['join', 'room.*', 'channel.bad-name'],
    ['join', 'room-pnpres', 'channel.bad-name'],
    ['publish', 'room-pnpres', 'channel.bad-name'],
    ['subscribe.presence', 'room-pnpres', 'yes'],
    ['subscribe.presence', 'room', 'channel.bad-name'],
    ['subscribe.presence', 'room-pnpres-pnpres', 'channel.bad-name'],
    ['subscribe.member', 'room-pnpres', 'yes'],
    ['subscribe.wildcard', 'a.b.*', 'yes'],
    ['subscribe.wildcard', 'a.b.*-pnpres', 'yes'],
    ['subscribe.wildcard', 'a.b.c.*', 'limit.wildcardDots'],
    ['subscribe.wildcard', 'a..b.c.*', 'channel.bad-name'],
    ['subscribe.wildcard', 'a', 'channel.bad-name'],
    ['subscribe.group', 'g-pnpres', 'yes'],
    ['subscribe.group', 'g,h', 'request.malformed'],
    ['where-now', '', 'request.malformed'],
    ['where-now', 'a,b', 'yes'],
  ])('%s %s: %s', (operation, name, expected) => {
    const base = { operation, principal: ann, now: NOW };
    const decision = decide(name === undefined ? base : { ...base, name }, policy);
    expect(decision.allowed ? 'yes' : decision.code).toBe(expected);
  });

  test('a bad name is bad for servers too', () => {
    expect(answer(policy, server, 'event', { name: 'a*' })).toBe('channel.bad-name');
  });
});

describe('sending', () => {
  const policy = (spec: Partial<PartialRuleSpec>): Policy =>
    policyOf([{ target: 'room', anonymousClients: true, ...spec }]);

  test('needs having joined; without a connection, that one may join', () => {
    const open = policy({ publicMessaging: on });
    expect([
      answer(open, ann, 'publish', { joined: false }),
      answer(open, ann, 'publish', { joined: true }),
      answer(open, ann, 'publish'),
    ]).toEqual(['channel.not-joined', 'yes', 'yes']);
    const closed = policyOf([{ target: 'room', publicMessaging: on }]);
    expect(answer(closed, ANONYMOUS, 'publish')).toBe('channel.anonymous-not-allowed');
  });

  test('to oneself, to one unknown and to one not joined is answered alike', () => {
    const target = { to: 'session', session: 's2' } as const;
    const direct = policy({ privateMessaging: on });
    const absent = [
      undefined,
      { joined: false, authenticated: false, self: false },
      { joined: false, authenticated: true, self: false },
      { joined: true, authenticated: true, self: true },
    ].map((peer) => ask(direct, ann, 'publish', peer === undefined ? { target } : { target, peer }));
    for (const one of absent) expect(one).toEqual(absent[0]);
    expect(absent[0]).toMatchObject({ code: 'channel.peer-not-present' });
  });

  test('privately and signed-in only needs both ends signed in', () => {
    const direct = policy({ privateMessaging: signedIn });
    for (const target of [
      { to: 'session', session: 's2' },
      { to: 'user', user: 'bob' },
    ] as const) {
      const toPeer = (principal: Principal, authenticated: boolean) =>
        answer(direct, principal, 'publish', { target, peer: { joined: true, authenticated, self: false } });
      expect([toPeer(ann, true), toPeer(ann, false), toPeer(ANONYMOUS, true)]).toEqual([
        'yes',
        'channel.private-messaging-authenticated-only',
        'channel.private-messaging-authenticated-only',
      ]);
    }
  });

  test('nobody learns who is present without the right to send', () => {
    const both = policyOf([{ target: 'room', privateMessaging: on }], { grants: true });
    const reader = { ...ann, grant: grantOf({ channels: { room: ['read'] } }) };
    const target = { to: 'session', session: 's2' } as const;
    for (const joined of [true, false]) {
      expect(answer(both, reader, 'publish', { target, peer: { joined, authenticated: true, self: false } })).toBe(
        'grant.missing-permission',
      );
    }
  });

  test('servers send without a rule, but not to whom is absent', () => {
    const none = policyOf([]);
    expect(ask(none, server, 'publish', { joined: false })).toEqual({
      allowed: true,
      by: { gate: 'server' },
      target: { to: 'everyone' },
    });
    expect(answer(none, server, 'event')).toBe('yes');
    expect(answer(none, server, 'publish', { target: { to: 'user', user: 'bob' } })).toBe('channel.peer-not-present');
    for (const principal of [ANONYMOUS, ann, stated])
      expect(answer(none, principal, 'event')).toBe('operation.server-only');
  });
});

describe('audiences', () => {
  const all: readonly Audience[] = [
    { to: 'everyone', anonymous: true },
    { to: 'everyone', anonymous: false },
    { to: 'authenticated' },
    { to: 'table', table: 1 },
    { to: 'table', table: '2' },
    { to: 'row', table: '1', row: 'ann' },
    { to: 'row', table: 1, row: 'bob' },
    { to: 'user', user: 'ann' },
    { to: 'user', user: 'bob', from: 'ann' },
    { to: 'session', session: 's1', from: 's2' },
    { to: 'session', session: 's9', from: 's2', pair: ['bob', 'ann'] },
    { to: 'session', session: 's9', from: 's2', pair: ['bob', 'eve'] },
  ];
  const policy = policyOf([{ target: 'room', anonymousClients: true, history: 25 }]);
  const reaches = (principal: Principal, operation: Operation, where = policy): string =>
    all
      .map((audience) =>
        ask(where, principal, operation, { audience, session: 's1', joined: true }).allowed ? 'x' : '.',
      )
      .join('');

  test.each<readonly [string, Principal, string, string]>([
    //             live            stored
    ['anonymous', ANONYMOUS, 'x........x..', 'x...........'],
    ['stated', stated, 'x........x..', 'x...........'],
    ['ann', ann, 'xxxx.x.x.x..', 'xxxx.x.xx.x.'],
    ['server', server, 'xxx.........', 'xxx.........'],
  ])('of %s', (_who, principal, live, stored) => {
    expect([reaches(principal, 'receive'), reaches(principal, 'history.item')]).toEqual([live, stored]);
  });

  test('and reactions are for those alone whom the message is for, and need no permission to read', () => {
    const open: PartialRuleSpec = {
      target: 'room',
      anonymousClients: true,
      authenticatedMessaging: true,
      publicMessaging: { enabled: true, authenticatedOnly: false },
    };
    const both = policyOf([open], { grants: true });
    const writer = { ...ann, grant: grantOf({ channels: { room: ['write', 'delete'] } }) };
    const { authenticated, toBob } = {
      authenticated: { to: 'authenticated' },
      toBob: { to: 'user', user: 'bob' },
    } as const;
    for (const operation of ['reactions.add', 'reactions.remove'] as const) {
      expect(answer(both, writer, operation, { audience: authenticated })).toBe('yes');
      expect(answer(both, writer, operation, { audience: toBob })).toBe('channel.not-addressed');
      expect(answer(both, server, operation, { audience: toBob })).toBe('channel.not-addressed');
    }
    const rules = policyOf([open]);
    expect(answer(rules, ANONYMOUS, 'reactions.add', { audience: authenticated })).toBe('channel.not-addressed');
    expect(answer(rules, ANONYMOUS, 'reactions.add', { audience: { to: 'everyone', anonymous: true } })).toBe('yes');
    expect(answer(rules, ANONYMOUS, 'reactions.add')).toBe('yes');
  });

  test('a later rule widens what older items meant only if the app says so', () => {
    const widened = policyOf([{ target: 'room', anonymousClients: true, history: 25 }], { historyWiden: true });
    expect(reaches(ANONYMOUS, 'history.item', widened)).toBe('xx..........');
    expect(reaches(ANONYMOUS, 'receive', widened)).toBe('x........x..');
  });

  test('an unbound token may count as authenticated at the gate, and still receives for no proven user', () => {
    const counted = policyOf([{ target: 'room', history: 25 }], { unboundTokens: 'authenticated' });
    const bearer: Principal = { ...stated, grant: grantOf({}) };
    expect([answer(counted, bearer, 'join'), answer(counted, stated, 'join')]).toEqual([
      'yes',
      'channel.anonymous-not-allowed',
    ]);
    expect(reaches(bearer, 'history.item', counted)).toBe('xx..........');
  });

  test('presence updates are for whom presence is', () => {
    const audience = { to: 'presence' } as const;
    const shown = policyOf([{ target: 'room', presence: true, history: 1 }]);
    expect(answer(shown, ann, 'receive', { audience })).toBe('yes');
    expect(answer(policy, ann, 'receive', { audience })).toBe('channel.presence-off');
    expect(answer(shown, ann, 'history.item', { audience })).toBe('channel.not-addressed');
    const granted = byGrants();
    const only = (name: string): Principal => ({ ...ann, grant: grantOf({ channels: { [name]: ['read'] } }) });
    expect(answer(granted, only('room-pnpres'), 'receive', { audience })).toBe('yes');
    expect(answer(granted, only('room'), 'receive', { audience })).toBe('grant.not-covered');
  });

  test('an item without an audience reaches nobody', () => {
    for (const principal of [ann, server]) {
      expect([answer(policy, principal, 'receive'), answer(policy, principal, 'history.item')]).toEqual([
        'channel.not-addressed',
        'channel.not-addressed',
      ]);
    }
  });
});

describe('grants', () => {
  const grants = byGrants();
  const bearer = (
    resources: Parameters<typeof grantOf>[0],
    patterns: Parameters<typeof grantOf>[1] = {},
  ): Principal => ({
    ...ann,
    grant: grantOf(resources, patterns),
  });

  test('each operation needs its bit on its resource, and no other does', () => {
    const expected: readonly (readonly [Operation, string, 'channels' | 'groups' | 'uuids', string, string])[] = [
      ['join', 'room', 'channels', 'room', 'read'],
      ['subscribe', 'room', 'channels', 'room', 'read'],
      ['heartbeat', 'room', 'channels', 'room', 'read'],
      ['subscribe.presence', 'room-pnpres', 'channels', 'room-pnpres', 'read'],
      ['subscribe.wildcard', 'room.*', 'channels', 'room.*', 'read'],
      ['subscribe.group', 'g', 'groups', 'g', 'read'],
      ['roster', 'room', 'channels', 'room-pnpres', 'read'],
      ['here-now', 'room', 'channels', 'room', 'read'],
      ['publish', 'room', 'channels', 'room', 'write'],
      ['signal', 'room', 'channels', 'room', 'write'],
      ['files.send', 'room', 'channels', 'room', 'write'],
      ['reactions.add', 'room', 'channels', 'room', 'write'],
      ['history', 'room', 'channels', 'room', 'read'],
      ['messages.delete', 'room', 'channels', 'room', 'delete'],
      ['files.delete', 'room', 'channels', 'room', 'delete'],
      ['groups.add', 'g', 'groups', 'g', 'manage'],
      ['members.set', 'room', 'channels', 'room', 'manage'],
      ['channel-metadata.get', 'room', 'channels', 'room', 'get'],
      ['channel-metadata.set', 'room', 'channels', 'room', 'update'],
      ['user-metadata.set', 'bob', 'uuids', 'bob', 'update'],
      ['user-metadata.remove', 'bob', 'uuids', 'bob', 'delete'],
      ['memberships.set', 'bob', 'uuids', 'bob', 'update'],
      ['memberships.channel', 'room', 'channels', 'room', 'join'],
    ];
    const everyBit = ['read', 'write', 'manage', 'delete', 'get', 'update', 'join'] as const;
    for (const [operation, name, section, resource, permission] of expected) {
      const others = everyBit.filter((bit) => bit !== permission);
      const needed = everyBit.filter((bit) => bit === permission);
      const with_ = (bits: typeof others) =>
        answer(grants, bearer({ [section]: { [resource]: bits } }), operation, { name });
      expect([operation, with_(needed), with_(others)]).toEqual([operation, 'yes', 'grant.missing-permission']);
      expect(answer(grants, bearer({ [section]: { else: everyBit } }), operation, { name })).toBe('grant.not-covered');
      expect(answer(grants, ann, operation, { name })).toBe('grant.none');
      expect(answer(grants, server, operation, { name })).toBe('yes');
    }
  });

  test('what needs no bit is open to all', () => {
    for (const operation of ['connect', 'time', 'leave', 'where-now'] as const)
      expect(answer(grants, ANONYMOUS, operation)).toBe('yes');
  });

  test('a listed name uses exactly its entry, others join the bits of all matching patterns', () => {
    const principal = bearer(
      { channels: { room: ['read'] } },
      { channels: { 'r.*': ['write'], '.*m': ['delete'], 'ro+m|x': ['read'] } },
    );
    expect([answer(grants, principal, 'publish'), answer(grants, principal, 'messages.delete')]).toEqual([
      'grant.missing-permission',
      'grant.missing-permission',
    ]);
    const many = { name: 'rooom' };
    expect(
      ['publish', 'messages.delete', 'join', 'members.set'].map((operation) =>
        answer(grants, principal, operation as Operation, many),
      ),
    ).toEqual(['yes', 'yes', 'yes', 'grant.missing-permission']);
  });

  test('presence names are resources of their own', () => {
    expect(
      answer(grants, bearer({ channels: { room: ['read'] } }), 'subscribe.presence', { name: 'room-pnpres' }),
    ).toBe('grant.not-covered');
    expect(
      answer(grants, bearer({}, { channels: { 'room.*': ['read'] } }), 'subscribe.presence', { name: 'room-pnpres' }),
    ).toBe('yes');
  });

  test('patterns match the whole name, or by search where the app says so', () => {
    const principal = bearer({}, { channels: { chat: ['read'] } });
    const at = (policy: Policy, name: string) => answer(policy, principal, 'join', { name });
    const search = byGrants({ patternMatch: 'search' });
    expect(['chat', 'chat-1', 'x-chat'].map((name) => [at(grants, name), at(search, name)])).toEqual([
      ['yes', 'yes'],
      ['grant.not-covered', 'yes'],
      ['grant.not-covered', 'yes'],
    ]);
  });

  test('groups are spelled with and without a colon', () => {
    for (const [granted, asked] of [
      ['g', 'g'],
      [':g', 'g'],
      ['g', ':g'],
      [':g', ':g'],
    ] as const) {
      expect(answer(grants, bearer({ groups: { [granted]: ['read'] } }), 'subscribe.group', { name: asked })).toBe(
        'yes',
      );
    }
    expect(answer(grants, bearer({}, { groups: { '^:g\\S*$': ['read'] } }), 'subscribe.group', { name: 'g1' })).toBe(
      'yes',
    );
  });

  test('through a group, the group’s permission counts, not the channel’s', () => {
    const principal = bearer({ groups: { g: ['read'] }, channels: { other: ['read'] } });
    const via = { group: 'g' };
    const reaching = ['subscribe.member', 'receive', 'heartbeat', 'here-now', 'state.get', 'state.set'] as const;
    for (const operation of reaching) {
      expect(answer(grants, principal, operation, { via, audience: { to: 'everyone', anonymous: true } })).toBe('yes');
    }
    expect(answer(grants, principal, 'subscribe.member', { via: { group: 'h' }, name: 'other' })).toBe(
      'grant.not-covered',
    );
    expect(answer(grants, principal, 'subscribe.member', { via, name: 'room-pnpres' })).toBe('grant.not-covered');
    expect(
      answer(grants, bearer({ groups: { 'g-pnpres': ['read'] } }), 'subscribe.member', { via, name: 'room-pnpres' }),
    ).toBe('yes');
  });

  test('the channels of a group or wildcard are each decided by the channel gate', () => {
    const both = policyOf([{ target: 'room', presence: true }, { target: 'quiet' }], { grants: true });
    const principal = bearer({ groups: { g: ['read'], 'g-pnpres': ['read'] } });
    const at = (name: string) => answer(both, principal, 'subscribe.member', { via: { group: 'g' }, name });
    expect(['room', 'secret', 'room-pnpres', 'quiet-pnpres'].map(at)).toEqual([
      'yes',
      'channel.no-rule',
      'yes',
      'channel.presence-off',
    ]);
  });

  test('a wildcard that only a wide pattern covers also needs each of its channels', () => {
    const via = { wildcard: 'room.*' };
    const at = (principal: Principal, name: string) => answer(grants, principal, 'subscribe.member', { via, name });
    const listed = bearer({ channels: { 'room.*': ['read'] } });
    const meant = bearer({}, { channels: { 'room\\.\\*': ['read'] } });
    const wide = bearer({ channels: { 'room.secret': ['write'] } }, { channels: { 'room\\..': ['read'] } });
    expect([at(listed, 'room.secret'), at(meant, 'room.secret')]).toEqual(['yes', 'yes']);
    expect([at(wide, 'room.a'), at(wide, 'room.bb'), at(wide, 'room.secret')]).toEqual([
      'yes',
      'grant.not-covered',
      'grant.missing-permission',
    ]);
    expect(at(bearer({ channels: { 'room.a': ['read'] } }), 'room.a')).toBe('grant.not-covered');
  });

  test('a wildcard or group gives nothing on other channels, and nothing but reading live', () => {
    const principal = bearer({ channels: { 'room.*': ['read', 'write'] }, groups: { g: ['read'] } });
    const at = (operation: Operation, name: string, via: AccessRequest['via']) =>
      answer(grants, principal, operation, via === undefined ? { name } : { name, via });
    for (const name of ['room', 'room.', 'rooms.a', 'secret']) {
      expect(at('subscribe.member', name, { wildcard: 'room.*' })).toBe('grant.not-covered');
    }
    for (const via of [{ wildcard: 'room.*' }, { group: 'g' }]) {
      expect([at('heartbeat', 'room.a', via), at('history', 'room.a', via), at('publish', 'room.a', via)]).toEqual([
        'yes',
        'grant.not-covered',
        'grant.not-covered',
      ]);
    }
  });

  test('a channel is added to a group by whom may read it, unless the vendor’s way is asked for', () => {
    const principal = bearer({ groups: { g: ['manage'] } });
    expect(answer(grants, principal, 'groups.add-channel')).toBe('grant.not-covered');
    expect(answer(byGrants({ groupAdd: 'vendor' }), principal, 'groups.add-channel')).toBe('yes');
  });

  test('with both gates on, both have to agree', () => {
    const both = policyOf([{ target: 'room', publicMessaging: on }], { grants: true });
    const writer = bearer({ channels: { room: ['write'], secret: ['read', 'write'] } });
    expect([
      answer(both, writer, 'publish'),
      answer(both, writer, 'join'),
      answer(both, writer, 'publish', { name: 'secret' }),
    ]).toEqual(['yes', 'grant.missing-permission', 'channel.no-rule']);
    expect(answer(both, writer, 'messages.delete', { name: 'secret' })).toBe('channel.no-rule');
    expect(ask(both, writer, 'publish')).toMatchObject({
      by: { gate: 'bearer', rule: expect.any(Number), grant: writer.grant?.id },
    });
  });

  test('with rules off every legal name is as under one open rule, with the default history', () => {
    const principal = bearer({ channels: { anything: ['read'] } });
    expect(ask(grants, principal, 'history', { name: 'anything' })).toMatchObject({
      allowed: true,
      rule: { id: 0, history: 1000 },
    });
    expect(answer(byGrants({ historyDefault: 0 }), principal, 'history', { name: 'anything' })).toBe(
      'channel.history-off',
    );
  });
});

describe('what no switch speaks of', () => {
  const rules = policyOf([{ target: 'room', anonymousClients: true }]);
  const noSwitch = (Object.keys(OPERATIONS) as Operation[]).filter((one) =>
    ['no-switch', 'own'].includes(OPERATIONS[one].channel),
  );

  test('is for servers where there are only rules', () => {
    const policy = compilePolicy({
      ...sourceOf([rule({ target: 'room' })]),
      settings: withFeatures({ listAll: true, globalHereNow: true }),
    });
    for (const operation of noSwitch) {
      if (operation === 'reactions.remove') continue;
      expect([operation, answer(policy, ann, operation)]).toEqual([operation, 'operation.server-only']);
      expect(answer(policy, server, operation)).toBe('yes');
    }
  });

  test('but a proven user may change what is its own', () => {
    const own = { name: 'ann' };
    for (const operation of [
      'user-metadata.get',
      'user-metadata.set',
      'user-metadata.remove',
      'memberships.get',
      'memberships.set',
    ] as const) {
      expect([
        answer(rules, ann, operation, own),
        answer(rules, bob, operation, own),
        answer(rules, stated, operation, own),
      ]).toEqual(['yes', 'operation.server-only', 'operation.server-only']);
    }
    expect([answer(rules, ann, 'reactions.remove'), answer(rules, stated, 'reactions.remove')]).toEqual([
      'yes',
      'operation.server-only',
    ]);
  });

  test('a stated id never alters for the proven user of that name', () => {
    const open = policyOf([], { rules: false, open: true });
    const provenAnn = { user: 'ann', proven: true };
    const statedAnn = { user: 'ann', proven: false };
    for (const operation of ['reactions.remove', 'state.set'] as const) {
      expect([
        answer(open, ann, operation, { subject: provenAnn }),
        answer(open, ann, operation, { subject: statedAnn }),
        answer(open, stated, operation, { subject: provenAnn }),
        answer(open, stated, operation, { subject: statedAnn }),
        answer(open, ANONYMOUS, operation, { subject: statedAnn }),
        answer(open, server, operation, { subject: provenAnn }),
      ]).toEqual(['yes', 'operation.not-own', 'operation.not-own', 'yes', 'operation.not-own', 'yes']);
    }
  });

  test('access: open lifts it, and not what is a server’s by nature', () => {
    const open = policyOf([], { rules: false, open: true });
    for (const operation of noSwitch) {
      const expected =
        OPERATIONS[operation].features.includes('listAll') || operation === 'here-now.global'
          ? 'operation.server-only'
          : 'yes';
      expect([operation, answer(open, ANONYMOUS, operation)]).toEqual([operation, expected]);
    }
    for (const operation of ['event', 'grant', 'revoke', 'audit'] as const)
      expect(answer(open, ann, operation)).toBe('operation.server-only');
  });
});

describe('compilePolicy', () => {
  test('takes over what did not change, and nothing of another app', () => {
    const source = sourceOf([rule({ target: 'room' })]);
    const first = compilePolicy(source);
    const second = compilePolicy({ ...source, epoch: 2, settings: appSettings({ enabled: false }) }, first);
    expect(second.epoch).toBe(2);
    expect(second.compiled.standing).toBe(first.compiled.standing);
    expect(second.compiled.bits).toBe(first.compiled.bits);
    expect(compilePolicy({ ...source, app: 'other' }, first).compiled.standing).not.toBe(first.compiled.standing);
    const bounded = compilePolicy({ ...source, settings: appSettings({ patternMatch: 'search' }) }, first);
    expect(bounded.compiled.bits).not.toBe(first.compiled.bits);
  });

  test('a rule that changed applies at once, also for names that were asked before', () => {
    const before = rule({ target: 'room' });
    const policy = compilePolicy(sourceOf([before]));
    expect([answer(policy, ANONYMOUS, 'join'), answer(policy, ann, 'join')]).toEqual([
      'channel.anonymous-not-allowed',
      'yes',
    ]);
    const changed = compilePolicy(sourceOf([{ ...before, anonymousClients: true, version: 2 }]), policy);
    expect(answer(changed, ANONYMOUS, 'join')).toBe('yes');
    expect(answer(compilePolicy(sourceOf([]), changed), ann, 'join')).toBe('channel.no-rule');
    expect(ruleFor(changed, 'a,b')).toBeUndefined();
  });
});

describe('a trigger that publishes itself', () => {
  const trigger: Principal = {
    kind: 'trigger',
    name: 'masks',
    channels: [{ target: 'mods/*', nested: true }],
    credentials: [],
  };
  const rules: PartialRuleSpec[] = [{ target: 'mods/1' }, { target: 'room' }];

  test('may publish in the channels its configuration names, and there alone', () => {
    const policy = policyOf(rules);
    expect(answer(policy, trigger, 'publish', { name: 'mods/1' })).toBe('yes');
    expect(answer(policy, trigger, 'publish', { name: 'room' })).toBe('trigger.channel-not-named');
    expect(answer(policy, trigger, 'publish', { name: 'mods/2' })).toBe('channel.no-rule');
    expect(answer(policy, trigger, 'publish', { name: 'mods/*' })).toBe('channel.bad-name');
  });

  test('needs a rule as well where grants are on, and nothing in an app that is shut', () => {
    expect(answer(policyOf(rules, { grants: true }), trigger, 'publish', { name: 'mods/1' })).toBe('yes');
    expect(answer(policyOf(rules, { enabled: false }), trigger, 'publish', { name: 'mods/1' })).toBe('app.disabled');
  });

  test('may do nothing else', () => {
    const policy = policyOf(rules);
    for (const operation of Object.keys(OPERATIONS) as Operation[]) {
      if (operation === 'publish' || operation === 'time' || operation === 'leave') continue;
      expect([operation, answer(policy, trigger, operation, { name: 'mods/1' })]).not.toEqual([operation, 'yes']);
    }
    const target = { to: 'session', session: 's1' } as const;
    const peer = { joined: true, authenticated: true, self: false };
    expect(answer(policy, trigger, 'publish', { name: 'mods/1', target, peer })).toBe('operation.server-only');
  });

  test('cannot send to a user who is not there', () => {
    const target = { to: 'user', user: 'ann' } as const;
    const to = (joined: boolean) =>
      answer(policyOf(rules), trigger, 'publish', {
        name: 'mods/1',
        target,
        peer: { joined, authenticated: joined, self: false },
      });
    expect([to(true), to(false)]).toEqual(['yes', 'channel.peer-not-present']);
  });
});
