import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientView, clientView } from './client-view.ts';
import type { Code } from './codes.ts';
import { compilePolicy } from './compile-policy.ts';
import { decide } from './decide.ts';
import type { Operation } from './operations.ts';
import type { Policy } from './policy.ts';
import { ANONYMOUS, type Principal } from './principal.ts';
import { request, source } from './reference-model/arbitraries.fixture.ts';
import type { AccessRequest } from './request.ts';
import { ann, grantOf, NOW, policyOf, stated } from './testing/policies.fixture.ts';

const REFUSED = 'Anonymous clients cannot join this channel.';

function told(policy: Policy, asked: AccessRequest): ClientView | undefined {
  const decision = decide(asked, policy);
  return decision.allowed ? undefined : clientView(decision, asked, policy);
}

const asking = (principal: Principal, operation: Operation, name = 'room'): AccessRequest => ({
  operation,
  principal,
  now: NOW,
  name,
});

describe('explainToClients: full', () => {
  const policy = policyOf([{ target: 'room' }]);
  test('shows the exact code', () => {
    expect(told(policy, asking(ANONYMOUS, 'join'))).toEqual({
      code: 'channel.anonymous-not-allowed',
      message: REFUSED,
    });
    expect(told(policy, asking(ann, 'join', 'none'))?.code).toBe('channel.no-rule');
    expect(told(policy, asking(ann, 'publish'))?.code).toBe('channel.public-messaging-off');
  });
});

describe('explainToClients: short', () => {
  const policy = policyOf(
    [
      { target: 'room' },
      { target: 'open', anonymousClients: true, privateMessaging: { enabled: true, authenticatedOnly: true } },
    ],
    {
      explainToClients: 'short',
    },
  );

  test('an anonymous join is refused with one sentence, whether there is such a channel or not', () => {
    const view = { code: 'channel.not-available', message: REFUSED };
    expect([told(policy, asking(ANONYMOUS, 'join', 'room')), told(policy, asking(ANONYMOUS, 'join', 'none'))]).toEqual([
      view,
      view,
    ]);
    expect(told(policy, asking(stated, 'subscribe', 'none'))).toEqual(view);
  });

  test('an authenticated one with another, which names nobody anonymous', () => {
    const view = told(policy, asking(ann, 'join', 'none'));
    expect(view?.code).toBe('channel.not-available');
    expect(view?.message).not.toMatch(/anonymous/i);
  });

  test('whoever is admitted is told the exact code', () => {
    expect(told(policy, asking(ann, 'publish'))?.code).toBe('channel.public-messaging-off');
    expect(told(policy, asking(ann, 'history'))?.code).toBe('channel.history-off');
    expect(told(policy, { ...asking(ann, 'publish'), joined: false })?.code).toBe('channel.not-joined');
    expect(told(policy, asking(ann, 'join', 'a,b'))?.code).toBe('channel.bad-name');
  });

  test('whether the other end is absent or only anonymous is not told', () => {
    const target = { to: 'session', session: 's2' } as const;
    const toPeer = (principal: Principal, joined: boolean): Code | undefined =>
      told(policy, {
        ...asking(principal, 'publish', 'open'),
        target,
        peer: { joined, authenticated: false, self: false },
      })?.code;
    expect([toPeer(ann, true), toPeer(ann, false)]).toEqual(['channel.peer-not-present', 'channel.peer-not-present']);
    expect([toPeer(ANONYMOUS, true), toPeer(ANONYMOUS, false)]).toEqual([
      'channel.private-messaging-authenticated-only',
      'channel.private-messaging-authenticated-only',
    ]);
  });

  test('nor that there is another end, to one who may write on a channel and not join it', () => {
    const rules = [{ target: 'room', privateMessaging: { enabled: true, authenticatedOnly: true } }];
    const writer = { ...ann, grant: grantOf({ channels: { room: ['write'] } }) };
    const sent = (some: Policy) =>
      told(some, {
        ...asking(writer, 'publish'),
        target: { to: 'user', user: 'bob' },
        peer: { joined: true, authenticated: false, self: false },
      });
    const settings = { explainToClients: 'short', grants: true } as const;
    expect(sent(policyOf(rules, settings))).toEqual(sent(policyOf([], settings)));
    expect(sent(policyOf(rules, settings))?.code).toBe('channel.not-available');
  });

  test('what is said of the identity, and of groups and users, is exact', () => {
    const both = policyOf([], { explainToClients: 'short', grants: true });
    const bearer = { ...ann, grant: grantOf({}) };
    expect(told(both, asking(bearer, 'subscribe.group', 'g'))?.code).toBe('grant.not-covered');
    expect(told(both, asking({ ...bearer, grant: grantOf({}, {}, { ttl: 1 }) }, 'join'))?.code).toBe(
      'identity.expired',
    );
    expect(told(both, asking(bearer, 'event'))?.code).toBe('operation.server-only');
  });

  test('nothing that is told depends on whether a channel exists that the asker is not admitted to', () => {
    let compared = 0;
    fc.assert(
      fc.property(source, fc.array(request, { minLength: 10, maxLength: 10 }), (some, requests) => {
        const settings = { ...some.settings, explainToClients: 'short', rules: true } as const;
        const policy = compilePolicy({ ...some, settings });
        const empty = compilePolicy({ ...some, settings, rules: [] });
        for (const asked of requests) {
          const { principal, now, name = '', via } = asked;
          const base = name.replace(/-pnpres$/, '');
          const admission = { principal, now, name: base };
          const join: AccessRequest =
            via === undefined
              ? { ...admission, operation: 'join' }
              : { ...admission, operation: 'subscribe.member', via };
          // Stateless writers need no right to read: they are admitted to what they may do, and told nothing more.
          if (decide(join, policy).allowed || decide(asked, policy).allowed) continue;
          expect(told(policy, asked)).toEqual(told(empty, asked));
          compared++;
        }
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(1000);
  });
});
