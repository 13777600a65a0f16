import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../compile-policy.ts';
import { decide } from '../decide.ts';
import type { Grant, GrantTable } from '../grant/grant.ts';
import type { PolicySource } from '../policy.ts';
import { type Principal, statedUser } from '../principal.ts';
import type { AccessRequest } from '../request.ts';
import type { Rule } from '../rule.ts';
import { NOW, request, source } from './arbitraries.fixture.ts';

/** Taking away never allows more. */

const LONG = process.env.LONG_TESTS === '1';
const RUNS = { numRuns: LONG ? 20_000 : 600 };
const requests = fc.array(request, { minLength: 10, maxLength: 10 });

/** Whoever could before, and where to: a send may only come to reach fewer. */
function allowsNoMore(
  before: PolicySource,
  after: PolicySource,
  asked: AccessRequest,
  narrowed: AccessRequest = asked,
): void {
  const then = decide(asked, compilePolicy(before));
  const now = decide(narrowed, compilePolicy(after));
  if (!now.allowed) return;
  expect(then.allowed).toBe(true);
  if (then.allowed && now.target?.to === 'everyone') expect(then.target?.to).toBe('everyone');
}

const off = { enabled: false, authenticatedOnly: false };
const NARROWER: readonly ((rule: Rule) => Rule)[] = [
  (rule) => ({ ...rule, anonymousClients: false }),
  (rule) => ({ ...rule, presence: false }),
  (rule) => ({ ...rule, publicMessaging: off }),
  (rule) => ({ ...rule, publicMessaging: { ...rule.publicMessaging, authenticatedOnly: true } }),
  (rule) => ({ ...rule, authenticatedMessaging: false }),
  (rule) => ({ ...rule, privateMessaging: off }),
  (rule) => ({ ...rule, privateMessaging: { ...rule.privateMessaging, authenticatedOnly: true } }),
  (rule) => ({ ...rule, history: 0 }),
];

describe('taking away never allows more', { timeout: LONG ? 1_800_000 : 60_000 }, () => {
  test('switching a rule’s switch off, or authenticatedOnly on', () => {
    fc.assert(
      fc.property(source, requests, fc.nat(), fc.constantFrom(...NARROWER), (before, asked, pick, narrow) => {
        const rules = before.rules.map((rule, i) => (i === pick % before.rules.length ? narrow(rule) : rule));
        for (const one of asked) allowsNoMore(before, { ...before, rules }, one);
      }),
      RUNS,
    );
  });

  test('removing a permission from a grant', () => {
    fc.assert(
      fc.property(source, requests, fc.constantFrom(1, 2, 4, 8, 32, 64, 128), (before, asked, bit) => {
        // A narrower grant is another token: one that a revocation names is another case.
        const after = { ...before, revocations: [], settings: { ...before.settings, grants: true } };
        for (const one of asked) allowsNoMore(after, after, one, { ...one, principal: without(one.principal, bit) });
      }),
      RUNS,
    );
  });

  test('adding a revocation', () => {
    fc.assert(
      fc.property(source, source, requests, (before, other, asked) => {
        const after = { ...before, revocations: [...before.revocations, ...other.revocations] };
        for (const one of asked) allowsNoMore(before, after, one);
      }),
      RUNS,
    );
  });

  test('adding a ban: and its user gets nothing but out', () => {
    fc.assert(
      fc.property(source, requests, fc.boolean(), (before, asked, hold) => {
        for (const one of asked) {
          const user = statedUser(one.principal);
          if (user === undefined) continue;
          const after = { ...before, bans: [...before.bans, { id: 100, user, reason: '', hold, until: NOW + 1 }] };
          allowsNoMore(before, after, one);
          if (one.operation === 'leave' || one.operation === 'time') continue;
          // A hold everywhere is for those who connect.
          if (hold && (one.operation !== 'connect' || one.joined === true)) continue;
          expect(decide(one, compilePolicy(after)).allowed).toBe(false);
        }
      }),
      RUNS,
    );
  });

  test('disabling the app, a feature, or waiting', () => {
    fc.assert(
      fc.property(source, requests, (before, asked) => {
        const { settings } = before;
        const disabled = { ...before, settings: { ...settings, enabled: false } };
        const without = { ...before, settings: { ...settings, features: { ...settings.features, presence: false } } };
        for (const one of asked) {
          allowsNoMore(before, disabled, one);
          allowsNoMore(before, without, one);
          // Proofs expire; bans end, so there are none here.
          const unbanned = { ...before, bans: [] };
          allowsNoMore(unbanned, unbanned, one, { ...one, now: one.now + 10_000_000 });
        }
      }),
      RUNS,
    );
  });
});

let narrowedGrants = 0;
function without(principal: Principal, bit: number): Principal {
  const { grant } = principal;
  if (grant === undefined) return principal;
  const narrowed: Grant = {
    ...grant,
    id: `narrowed-${++narrowedGrants}`,
    resources: lacking(grant.resources, bit),
    patterns: lacking(grant.patterns, bit),
  };
  return { ...principal, grant: narrowed };
}

const lacking = ({ channels, groups, uuids }: GrantTable, bit: number): GrantTable => ({
  channels: lackingBit(channels, bit),
  groups: lackingBit(groups, bit),
  uuids: lackingBit(uuids, bit),
});

const lackingBit = (entries: ReadonlyMap<string, number>, bit: number): ReadonlyMap<string, number> =>
  new Map([...entries].map(([name, mask]) => [name, mask & ~bit]));
