import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.ts';
import { decide, explain } from './decide.ts';
import { mintGrant } from './grant/mint-grant.ts';
import { equalInConstantTime, tokenId } from './grant/signature.ts';
import { verifyGrant } from './grant/verify-grant.ts';
import type { Operation } from './operations.ts';
import { ANONYMOUS, type Principal } from './principal.ts';
import { request } from './reference-model/arbitraries.fixture.ts';
import { targetMatches } from './reference-model/model-matching.fixture.ts';
import { ann, byGrants, grantOf, NOW, policyOf, rule, sourceOf } from './testing/policies.fixture.ts';

/** Classes of failures that servers of this kind have had, each held off by a test of its own name. */

const allowed = (
  policy: ReturnType<typeof policyOf>,
  principal: Principal,
  operation: Operation,
  name: string,
): boolean => decide({ operation, principal, now: NOW, name }, policy).allowed;

describe('wildcard overlap bypasses a denial', () => {
  test('of two targets that overlap, the narrower decides alone, whatever the wider allows', () => {
    const target = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), minLength: 1, maxLength: 6 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(target, fc.array(name, { minLength: 20, maxLength: 20 }), (closed, names) => {
        const shut = { target: closed, nested: closed.includes('*') };
        // The wider one matches every name, and is the least specific of all: where they tie, the lower id applies.
        const open = { target: '*', nested: true, anonymousClients: true, presence: true, history: 100 };
        const policy = policyOf([shut, open]);
        for (const one of names.filter((each) => targetMatches(shut, each))) {
          for (const operation of [
            'join',
            'receive',
            'roster',
            'history',
            'history.item',
            'publish',
            'subscribe.member',
          ] as const) {
            const audience = { to: 'everyone', anonymous: true } as const;
            expect(decide({ operation, principal: ANONYMOUS, now: NOW, name: one, audience }, policy).allowed).toBe(
              false,
            );
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a listed name with fewer permissions is not widened by a pattern that matches it too', () => {
    const grant = grantOf(
      { channels: { 'team.secret': ['read'] } },
      { channels: { 'team\\..*': ['read', 'write', 'delete'] } },
    );
    expect(allowed(byGrants(), { ...ann, grant }, 'publish', 'team.open')).toBe(true);
    expect(allowed(byGrants(), { ...ann, grant }, 'publish', 'team.secret')).toBe(false);
  });
});

describe('a wildcard subscribe ignores the rights on what it expands to', () => {
  test('each channel is decided by right, not by name', () => {
    const both = policyOf([{ target: 'room.*', nested: true, enabled: false }, { target: 'room.a' }], { grants: true });
    const grant = grantOf({ channels: { 'room.*': ['read'] } });
    const at = (name: string) =>
      decide(
        { operation: 'subscribe.member', principal: { ...ann, grant }, now: NOW, name, via: { wildcard: 'room.*' } },
        both,
      ).allowed;
    expect([at('room.a'), at('room.b')]).toEqual([true, false]);
  });
});

describe('a side path lacks the check', () => {
  const paths: readonly Operation[] = [
    ...([
      'join',
      'subscribe',
      'heartbeat',
      'publish',
      'fire',
      'signal',
      'receive',
      'roster',
      'here-now',
      'state.get',
    ] as const),
    ...([
      'state.set',
      'history',
      'history.item',
      'messages.count',
      'reactions.add',
      'reactions.get',
      'files.send',
    ] as const),
    ...(['files.list', 'files.download', 'subscribe.member'] as const),
  ];
  test.each(paths)('%s on a channel without a rule, and without a grant', (operation) => {
    const audience = { to: 'everyone', anonymous: true } as const;
    const asked = { operation, principal: ann, now: NOW, name: 'secret', audience, joined: true };
    expect(decide(asked, policyOf([{ target: 'open' }]))).toMatchObject({ code: 'channel.no-rule' });
    expect(decide(asked, byGrants())).toMatchObject({ code: 'grant.none' });
  });
});

describe('replay skips the check', () => {
  test('each stored item is decided for its reader, by what it was published to and by the rule of now', () => {
    const item = (policy: ReturnType<typeof policyOf>, to: 'everyone' | 'authenticated', principal: Principal) => {
      const audience = to === 'everyone' ? ({ to, anonymous: true } as const) : { to };
      return decide({ operation: 'history.item', principal, now: NOW, name: 'room', audience }, policy).allowed;
    };
    const open = policyOf([{ target: 'room', anonymousClients: true, history: 25 }]);
    const closed = policyOf([{ target: 'room', history: 25 }]);
    expect([
      item(open, 'authenticated', ANONYMOUS),
      item(closed, 'everyone', ANONYMOUS),
      item(closed, 'everyone', ann),
    ]).toEqual([false, false, true]);
  });
});

describe('a loose cache key crosses names, kinds, tokens or tenants', () => {
  test('answers are kept by token, kind and name, none of them joined', () => {
    const policy = byGrants();
    const first = { ...ann, grant: grantOf({ channels: { ab: ['read'] }, groups: { c: ['read'] } }, {}, { id: 'a' }) };
    const second = { ...ann, grant: grantOf({ channels: { b: ['read'] } }, {}, { id: 'aa' }) };
    for (let round = 0; round < 2; round++) {
      expect(['ab', 'b', 'c'].map((name) => allowed(policy, first, 'join', name))).toEqual([true, false, false]);
      expect(['ab', 'b'].map((name) => allowed(policy, second, 'join', name))).toEqual([false, true]);
      expect(['c', 'ab'].map((name) => allowed(policy, first, 'subscribe.group', name))).toEqual([true, false]);
    }
  });

  test('a full cache forgets, and never answers for another', () => {
    const policy = byGrants();
    const grant = grantOf({}, { channels: { 'room-[0-9]*[02468]': ['read'] } });
    for (let i = 0; i < 50_000; i++) {
      if (allowed(policy, { ...ann, grant }, 'join', `room-${i}`) !== (i % 2 === 0)) expect(i).toBe('as granted');
    }
    expect([10, 11].map((i) => allowed(policy, { ...ann, grant }, 'join', `room-${i}`))).toEqual([true, false]);
  });

  test('nothing is taken over from the policy of another app', () => {
    const rules = [rule({ target: 'room' })];
    const first = compilePolicy(sourceOf(rules));
    expect(decide({ operation: 'join', principal: ann, now: NOW, name: 'room' }, first).allowed).toBe(true);
    const second = compilePolicy({ ...sourceOf([]), app: 'other' }, first);
    expect(decide({ operation: 'join', principal: ann, now: NOW, name: 'room' }, second).allowed).toBe(false);
  });
});

describe('a revocation is compared with the wrong time', () => {
  test('with the time of issue, not with now', () => {
    const revocation = {
      id: 1,
      reason: '',
      keepUntil: 0,
      type: 'user',
      user: 'ann',
      issuedBefore: NOW / 1000 - 30,
    } as const;
    const policy = compilePolicy({ ...sourceOf([rule({ target: 'room' })]), revocations: [revocation] });
    const issued = (issuedAt: number): Principal => ({
      ...ann,
      credentials: [{ type: 'jwt', id: 'j', key: 'k', issuedAt, expiresAt: NOW + 1000 }],
    });
    expect(allowed(policy, issued(NOW / 1000 - 60), 'join', 'room')).toBe(false);
    expect(allowed(policy, issued(NOW / 1000 - 10), 'join', 'room')).toBe(true);
  });
});

describe('no identity becomes some identity', () => {
  test('without settings that open it, an app is closed', () => {
    const closed = policyOf([]);
    expect(decide({ operation: 'join', principal: ANONYMOUS, now: NOW, name: 'room' }, closed).allowed).toBe(false);
    const mistaken = policyOf([], { rules: false, grants: false, open: false });
    expect(decide({ operation: 'join', principal: ANONYMOUS, now: NOW, name: 'room' }, mistaken).allowed).toBe(false);
    const both = policyOf([], { rules: true, open: true });
    expect(decide({ operation: 'join', principal: ANONYMOUS, now: NOW, name: 'room' }, both).allowed).toBe(false);
  });
});

describe('a half-anchored pattern grants too much', () => {
  test.each(['chat', '^chat', 'chat$', 'a|chat', 'chat|', '^chat|b$'])(
    '%s does not cover what merely contains it',
    (pattern) => {
      const principal = { ...ann, grant: grantOf({}, { channels: { [pattern]: ['read'] } }) };
      for (const name of ['x-chat-x', 'x-chat', 'chat-x', 'xb', 'ax'])
        expect(allowed(byGrants(), principal, 'join', name)).toBe(false);
    },
  );
});

describe('a short hash or a leaky comparison forges a token', () => {
  test('the id is a whole SHA-256, the comparison looks at every byte', () => {
    expect(tokenId(new Uint8Array())).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(equalInConstantTime(bytes, bytes.slice())).toBe(true);
    for (let at = 0; at < 32; at++) expect(equalInConstantTime(bytes, bytes.with(at, 0xff))).toBe(false);
    expect([equalInConstantTime(bytes, bytes.slice(1)), equalInConstantTime(bytes.slice(1), bytes)]).toEqual([
      false,
      false,
    ]);
  });
});

describe('one kind of token passes for another', () => {
  test('a grant is signed with a key of its own, so that a plain HMAC with the secret is none', async () => {
    const secret = { id: 'k', secret: 'a secret that signs other things as well' };
    const minted = mintGrant(
      { ttl: 1, resources: { channels: new Map([['a', 1]]) } },
      { app: 'a', secret, now: NOW, nonce: '0123456789abcdef' },
    );
    if (!minted.ok) throw new Error('refused');
    const bytes = Buffer.from(minted.token, 'base64url');
    const { createHmac } = await import('node:crypto');
    bytes.set(createHmac('sha256', secret.secret).update(bytes.subarray(0, -32)).digest(), bytes.length - 32);
    const forged = `${bytes.toString('base64url')}${'='.repeat((3 - (bytes.length % 3)) % 3)}`;
    expect(verifyGrant(minted.token, { app: 'a', secrets: [secret] }).ok).toBe(true);
    expect(verifyGrant(forged, { app: 'a', secrets: [secret] })).toMatchObject({ code: 'identity.bad-signature' });
  });
});

describe('explanations leak', () => {
  test('they name tokens by their ids and never hold one, or a secret', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const marked: Principal = {
          ...asked.principal,
          credentials: [{ type: 'jwt', id: 'jwt-id', key: 'k', issuedAt: 1, expiresAt: NOW * 2 }],
        };
        const text = JSON.stringify(
          explain({ ...asked, principal: marked }, policyOf([{ target: '*', nested: true }])),
        );
        expect(text).not.toContain('extras');
        expect(text).not.toContain('credentials');
      }),
      { numRuns: 200 },
    );
  });
});
