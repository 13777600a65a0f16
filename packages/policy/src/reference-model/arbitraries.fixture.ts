import fc from 'fast-check';
import type { AccessSettings, Features } from '../access.ts';
import type { Audience, SendTarget } from '../audience.ts';
import type { Grant, GrantTable } from '../grant/grant.ts';
import { OPERATIONS, type Operation } from '../operations.ts';
import type { PolicySource } from '../policy.ts';
import type { Credential, Principal } from '../principal.ts';
import type { AccessRequest, PeerStanding, Subject, Via } from '../request.ts';
import type { Rule } from '../rule.ts';
import type { Ban, Revocation } from '../standing.ts';

/** Random policies and requests out of small worlds of names, so that what could meet does meet. */

export const NOW = 1_700_000_000_000;
const SECOND = NOW / 1000;

const name = fc.constantFrom(
  ...[
    'chat',
    'chat/1',
    'chat/1/x',
    'chat/',
    'chatty',
    'room.a',
    'room.b',
    'room',
    'a',
    'a/b',
    'a/b/c',
    'a-1/b',
    'é',
    '日本/1',
  ],
);
const badName = fc.constantFrom(
  '',
  'a,b',
  'a*',
  'x-pnpres',
  'e\u0301',
  'a\u0000',
  'a\u200Eb',
  'x'.repeat(256),
  'é'.repeat(128),
  '\ud800',
);
const wildcard = fc.constantFrom('room.*', 'a.b.*', 'a.b.c.*', 'room*', '.*', 'a..*');
const group = fc.constantFrom('g', 'h', ':g', 'bad*');
const user = fc.constantFrom('ann', 'bob', 'eve');
const someTarget = fc.constantFrom(
  ...[
    'chat',
    'chat/*',
    'chat/*/x',
    'c*',
    '*',
    '*/1',
    'a',
    'a/*',
    'a/*/c',
    'a-*/b',
    'room.*',
    'room.a',
    'é',
    '日*',
    '*a*',
    'chat/1',
    '*/*',
    '*h*/*',
  ],
);

const target = fc.oneof({ arbitrary: someTarget, weight: 4 }, { arbitrary: fc.constant('*'), weight: 1 });

const often = (weight: number): fc.Arbitrary<boolean> =>
  fc.oneof({ arbitrary: fc.constant(true), weight }, { arbitrary: fc.constant(false), weight: 10 - weight });
const messaging = fc.record({ enabled: fc.boolean(), authenticatedOnly: fc.boolean() });

const rule: fc.Arbitrary<Rule> = fc
  .record({
    id: fc.integer({ min: 1, max: 40 }),
    target,
    nested: often(7),
    enabled: often(8),
    anonymousClients: fc.boolean(),
    presence: fc.boolean(),
    publicMessaging: messaging,
    authenticatedMessaging: fc.boolean(),
    privateMessaging: messaging,
    history: fc.constantFrom(0, 0, 25, 5000),
  })
  .map((spec) => ({ ...spec, version: 1, description: '', origin: 'store' as const }));

const offered = fc.constantFrom<boolean | 'server'>(true, 'server', false);
const features: fc.Arbitrary<Features> = fc.record({
  presence: often(9),
  history: often(9),
  deleteHistory: often(9),
  groups: often(9),
  appContext: often(9),
  files: often(9),
  reactions: often(9),
  signals: often(9),
  wildcards: often(9),
  revoke: often(9),
  globalHereNow: offered,
  listAll: offered,
});

export const settings: fc.Arbitrary<AccessSettings> = fc.record({
  enabled: fc.oneof({ arbitrary: fc.constant(true), weight: 49 }, { arbitrary: fc.constant(false), weight: 1 }),
  rules: often(7),
  grants: fc.boolean(),
  open: often(3),
  patternMatch: fc.constantFrom('full' as const, 'search' as const),
  unboundTokens: fc.constantFrom('stated' as const, 'authenticated' as const),
  groupAdd: fc.constantFrom('covered' as const, 'vendor' as const),
  explainToClients: fc.constantFrom('short' as const, 'full' as const),
  historyMax: fc.constantFrom(0, 10, 1000),
  historyDefault: fc.constantFrom(0, 100),
  historyWiden: fc.boolean(),
  wildcardDots: fc.constantFrom(1, 2, 3),
  features,
});

const tokenId = fc.constantFrom('token-1', 'token-2', 'token-3');
const keyId = fc.constantFrom('key-1', 'key-2');
const jti = fc.constantFrom('jti-1', 'jti-2');
const issuedAt = fc.constantFrom(0, SECOND - 100, SECOND - 50, SECOND - 50.5, SECOND - 10);

const revocation: fc.Arbitrary<Revocation> = fc
  .tuple(
    fc.integer({ min: 1, max: 99 }),
    fc.oneof(
      fc.record({ type: fc.constant('token' as const), token: tokenId }),
      fc.record({ type: fc.constant('key' as const), key: keyId }),
      fc.record({ type: fc.constant('jti' as const), jti }),
      fc.record({ type: fc.constant('user' as const), user, issuedBefore: issuedAt.map(Math.floor) }),
      fc.record({
        type: fc.constant('user-channel' as const),
        user,
        channel: name,
        issuedBefore: issuedAt.map(Math.floor),
      }),
      fc.record({
        type: fc.constant('issued-before' as const),
        issuedBefore: fc.constantFrom(0, SECOND - 100, SECOND - 51),
      }),
    ),
  )
  .map(([id, subject]) => ({ id, reason: '', keepUntil: NOW * 2, ...subject }));

const ban: fc.Arbitrary<Ban> = fc.record(
  {
    id: fc.integer({ min: 1, max: 99 }),
    user,
    channel: name,
    until: fc.constantFrom(NOW - 1, NOW, NOW + 1),
    reason: fc.constant(''),
    hold: fc.boolean(),
  },
  { requiredKeys: ['id', 'user', 'reason', 'hold'] },
);

const few = <T>(item: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
  fc.oneof({ arbitrary: fc.constant<T[]>([]), weight: 3 }, { arbitrary: fc.array(item, { maxLength }), weight: 1 });

export const source: fc.Arbitrary<PolicySource> = fc.record({
  app: fc.constant('app'),
  epoch: fc.constant(1),
  settings,
  // Ids are unique, as the store's are.
  rules: fc.uniqueArray(rule, { minLength: 1, maxLength: 8, size: 'max', selector: ({ id }) => id }),
  revocations: few(revocation, 2),
  bans: few(ban, 3),
});

const mask = fc.constantFrom(1, 2, 3, 4, 8, 32, 64, 128, 239, 1 | 2 | 8, 96);
const entries = (names: fc.Arbitrary<string>): fc.Arbitrary<ReadonlyMap<string, number>> =>
  fc.array(fc.tuple(names, mask), { maxLength: 3, size: 'max' }).map((pairs) => new Map(pairs));
const table = (
  channels: fc.Arbitrary<string>,
  groups: fc.Arbitrary<string>,
  uuids: fc.Arbitrary<string>,
): fc.Arbitrary<GrantTable> =>
  fc.record({ channels: entries(channels), groups: entries(groups), uuids: entries(uuids) });

const channelResource = fc.oneof(
  name,
  name.map((base) => `${base}-pnpres`),
  fc.constantFrom('room.*', 'room.*-pnpres', 'a.b.*'),
);
const channelPattern = fc.constantFrom(
  ...[
    '.*',
    'chat.*',
    '^chat/[0-9]$',
    'chat/.',
    'room\\..*',
    'room\\.\\*',
    'room',
    '[a-c/]+',
    '.*-pnpres',
    'a|a/b',
    'at',
    '^a$',
    '\\w+/\\d',
    '日.*',
  ],
);

const draftGrant = fc.record({
  issuedAt: fc.constantFrom(SECOND - 100, SECOND - 50, SECOND - 10),
  ttl: fc.constantFrom(1, 60, 60, 60, 60, 60, 60, 60),
  key: keyId,
  authorizedUser: fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: user, weight: 1 }),
  resources: table(channelResource, fc.constantFrom('g', ':g', 'h', 'g-pnpres'), user),
  patterns: table(channelPattern, fc.constantFrom('.*', '^:g$', 'g', 'h-pnpres'), fc.constantFrom('.*', 'b..', 'e')),
});

let minted = 0;
const fresh: fc.Arbitrary<Grant> = draftGrant.map(({ authorizedUser, ...draft }) => ({
  ...draft,
  // A token's id is the hash of what it says: no two that differ have one id.
  id: `grant-${++minted}`,
  meta: {},
  ...(authorizedUser === undefined ? {} : { authorizedUser }),
}));

/** Grants whose ids the random revocations name. */
const known: fc.Arbitrary<Grant> = fc.constantFrom(
  ...['token-1', 'token-2', 'token-3'].map((token, i) => ({
    id: token,
    key: 'key-1',
    issuedAt: SECOND - 50,
    ttl: 60,
    resources: { channels: new Map([['chat/1', 1 + i]]), groups: new Map(), uuids: new Map() },
    patterns: { channels: new Map([['chat.*', 3 - i]]), groups: new Map([['.*', 5]]), uuids: new Map() },
    meta: {},
  })),
);
const grant = fc.oneof({ arbitrary: fresh, weight: 4 }, { arbitrary: known, weight: 1 });

const credential: fc.Arbitrary<Credential> = fc.record(
  {
    type: fc.constantFrom('jwt' as const, 'grant' as const),
    id: fc.oneof({ arbitrary: fc.constantFrom('token-a', 'token-b'), weight: 3 }, { arbitrary: tokenId, weight: 1 }),
    key: keyId,
    jti,
    issuedAt,
    expiresAt: fc.oneof(
      { arbitrary: fc.constantFrom(NOW + 1, NOW + 60_000), weight: 9 },
      { arbitrary: fc.constantFrom(NOW, NOW - 1), weight: 1 },
    ),
  },
  { requiredKeys: ['type', 'id', 'key', 'issuedAt', 'expiresAt'] },
);

const id = fc.constantFrom<number | string>(1, 2, '1', 'ann', 'bob');
const proven = { credentials: few(credential, 2), grant: fc.option(grant, { nil: undefined, freq: 3 }) };

const principal: fc.Arbitrary<Principal> = fc
  .oneof(
    { arbitrary: fc.record({ kind: fc.constant('anonymous' as const), ...proven }), weight: 3 },
    {
      arbitrary: fc.record({
        kind: fc.constant('user' as const),
        user,
        table: id,
        row: id,
        extras: fc.constant({}),
        ...proven,
      }),
      weight: 5,
    },
    { arbitrary: fc.record({ kind: fc.constant('stated' as const), user, ...proven }), weight: 3 },
    { arbitrary: fc.record({ kind: fc.constant('server' as const), name: fc.constant('key'), ...proven }), weight: 1 },
    {
      arbitrary: fc.record({
        kind: fc.constant('trigger' as const),
        name: fc.constant('trigger 1'),
        channels: fc.array(fc.record({ target, nested: often(7) }), { maxLength: 3 }),
        ...proven,
      }),
      weight: 1,
    },
  )
  .map(({ grant: borne, ...rest }) => ownGrant(borne === undefined ? rest : { ...rest, grant: borne }));

/** Most tokens that name their user are presented by that user. */
function ownGrant(bearer: Principal): Principal {
  if (bearer.kind !== 'user' || bearer.grant?.authorizedUser === undefined || bearer.grant.ttl === 1) return bearer;
  return { ...bearer, grant: { ...bearer.grant, authorizedUser: bearer.user } };
}

const session = fc.constantFrom('s1', 's2');
const sendTarget: fc.Arbitrary<SendTarget> = fc.oneof(
  fc.constant({ to: 'everyone' as const }),
  fc.record({ to: fc.constantFrom('everyone' as const, 'authenticated' as const) }),
  fc.record({ to: fc.constant('session' as const), session }),
  fc.record({ to: fc.constant('user' as const), user }),
);
const audience: fc.Arbitrary<Audience> = fc.oneof(
  fc.record({ to: fc.constant('everyone' as const), anonymous: fc.boolean() }),
  fc.record({ to: fc.constant('authenticated' as const) }),
  fc.record({ to: fc.constant('presence' as const) }),
  fc.record({ to: fc.constant('table' as const), table: id }),
  fc.record({ to: fc.constant('row' as const), table: id, row: id }),
  fc.record({ to: fc.constant('user' as const), user, from: user }, { requiredKeys: ['to', 'user'] }),
  fc.record(
    { to: fc.constant('session' as const), session, from: session, pair: fc.tuple(user, user) },
    { requiredKeys: ['to', 'session', 'from'] },
  ),
);
const peer: fc.Arbitrary<PeerStanding> = fc.record({ joined: often(8), authenticated: fc.boolean(), self: often(2) });
const subject: fc.Arbitrary<Subject> = fc.record({ user, proven: fc.boolean() });
const via: fc.Arbitrary<Via> = fc.oneof(
  fc.record({ group: fc.constantFrom('g', 'h') }),
  fc.record({ wildcard: fc.constantFrom('room.*', 'a.b.*') }),
);

const operations = Object.keys(OPERATIONS) as Operation[];
const operation = fc.oneof(
  { arbitrary: fc.constantFrom(...operations), weight: 3 },
  {
    arbitrary: fc.constantFrom<Operation>('join', 'publish', 'publish', 'receive', 'roster', 'history', 'history.item'),
    weight: 2,
  },
);

function nameFor(asked: Operation): fc.Arbitrary<string> {
  const kind = OPERATIONS[asked].name;
  const usual: fc.Arbitrary<string> =
    kind === 'user'
      ? user
      : kind === 'group'
        ? fc.oneof(
            group,
            group.map((base) => `${base}-pnpres`),
          )
        : kind === 'wildcard'
          ? fc.oneof(
              wildcard,
              wildcard.map((base) => `${base}-pnpres`),
            )
          : kind === 'presence'
            ? name.map((base) => `${base}-pnpres`)
            : kind === 'member'
              ? fc.oneof(
                  name,
                  name.map((base) => `${base}-pnpres`),
                )
              : name;
  return fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: fc.oneof(name, badName, user), weight: 1 });
}

const extras = { joined: often(8), target: sendTarget, audience, session, peer, subject, via };
const rest = fc.record(extras, { requiredKeys: [] });
/** What these operations are about is nearly always said. */
const fullRest = fc.record(extras, { requiredKeys: ['target', 'audience', 'session', 'peer'] });
const SPEAKS_OF_AUDIENCES: readonly Operation[] = [
  'publish',
  'receive',
  'history.item',
  'reactions.add',
  'reactions.remove',
];

const withName = new Map(operations.map((asked) => [asked, nameFor(asked)]));

export const request: fc.Arbitrary<AccessRequest> = operation.chain((asked) =>
  fc
    .tuple(
      principal,
      fc.option(withName.get(asked) ?? name, { nil: undefined, freq: 100 }),
      SPEAKS_OF_AUDIENCES.includes(asked) ? fc.oneof(fullRest, fullRest, rest) : rest,
    )
    .map(([who, named, others]) => {
      const base = { operation: asked, principal: who, now: NOW, ...others };
      return named === undefined ? base : { ...base, name: named };
    }),
);
