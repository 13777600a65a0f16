import { describe, expect, test } from 'vitest';
import type { Audience, SendTarget } from '../audience.ts';
import { compilePolicy } from '../compile-policy.ts';
import { decide } from '../decide.ts';
import type { Operation } from '../operations.ts';
import type { PolicySource } from '../policy.ts';
import { ANONYMOUS, type Principal } from '../principal.ts';
import type { AccessRequest, PeerStanding } from '../request.ts';
import type { Rule } from '../rule.ts';
import { ruleFromSpec } from '../rule-spec.ts';
import { appSettings, sourceOf } from '../testing/policies.fixture.ts';
import { NOW } from './arbitraries.fixture.ts';
import { modelDecide } from './model.fixture.ts';

/** All 2⁷ switch combinations, history off and on, client kinds, operations: nothing random. */

const ANN: Principal = { kind: 'user', user: 'ann', table: 1, row: 'ann', extras: {}, credentials: [] };
const CLIENTS: readonly Principal[] = [
  ANONYMOUS,
  ANN,
  { kind: 'stated', user: 'ann', credentials: [] },
  { kind: 'server', name: 'key-1', credentials: [] },
];
const PEERS: readonly PeerStanding[] = [
  { joined: true, authenticated: true, self: false },
  { joined: true, authenticated: false, self: false },
  { joined: false, authenticated: false, self: false },
  { joined: true, authenticated: true, self: true },
];
const TARGETS: readonly SendTarget[] = [
  { to: 'everyone' },
  { to: 'authenticated' },
  { to: 'session', session: 's2' },
  { to: 'user', user: 'bob' },
];
const AUDIENCES: readonly Audience[] = [
  { to: 'everyone', anonymous: true },
  { to: 'everyone', anonymous: false },
  { to: 'authenticated' },
  { to: 'table', table: 1 },
  { to: 'row', table: 1, row: 'bob' },
  { to: 'user', user: 'ann' },
  { to: 'session', session: 's1', from: 's2', pair: ['bob', 'ann'] },
  { to: 'session', session: 's3', from: 's2' },
  { to: 'presence' },
];

function* rules(): Generator<Rule> {
  for (let bits = 0; bits < 256; bits++) {
    const on = (bit: number): boolean => (bits & (1 << bit)) !== 0;
    yield ruleFromSpec(
      {
        target: 'room',
        anonymousClients: on(0),
        presence: on(1),
        publicMessaging: { enabled: on(2), authenticatedOnly: on(3) },
        authenticatedMessaging: on(4),
        privateMessaging: { enabled: on(5), authenticatedOnly: on(6) },
        history: on(7) ? 25 : 0,
      },
      { id: 1, version: 1, origin: 'store' },
    );
  }
}

function* requests(principal: Principal): Generator<AccessRequest> {
  for (const joined of [true, false, undefined]) {
    const asked = (operation: Operation): AccessRequest => ({
      operation,
      principal,
      now: NOW,
      name: 'room',
      session: 's1',
      ...(joined === undefined ? {} : { joined }),
    });
    for (const operation of ['join', 'roster', 'history', 'here-now', 'event', 'messages.delete'] as const) {
      yield asked(operation);
    }
    for (const target of TARGETS) {
      for (const peer of PEERS) yield { ...asked('publish'), target, peer };
    }
    for (const audience of AUDIENCES) {
      yield { ...asked('receive'), audience };
      yield { ...asked('history.item'), audience };
    }
  }
}

function* policies(): Generator<PolicySource> {
  for (const rule of rules()) yield sourceOf([rule]);
}

describe('every combination of switches', () => {
  for (const principal of CLIENTS) {
    test(`for ${principal.kind} clients is answered as the specification says`, () => {
      let asked = 0;
      for (const source of policies()) {
        const policy = compilePolicy(source);
        for (const request of requests(principal)) {
          const decision = decide(request, policy);
          const model = modelDecide(source, request);
          asked++;
          const same =
            decision.allowed === model.allowed &&
            (decision.allowed ? decision.target?.to === model.target?.to : decision.code === model.code);
          if (!same) expect({ decision, request, rule: source.rules[0] }).toEqual(model);
        }
      }
      expect(asked).toBe(256 * 3 * (6 + 16 + 18));
    });
  }

  test('a sub-switch does nothing while its parent is off', () => {
    for (const source of policies()) {
      const rule = source.rules[0];
      if (rule === undefined || (rule.publicMessaging.enabled && rule.privateMessaging.enabled)) continue;
      const plain: Rule = {
        ...rule,
        publicMessaging: {
          ...rule.publicMessaging,
          authenticatedOnly: rule.publicMessaging.enabled && rule.publicMessaging.authenticatedOnly,
        },
        privateMessaging: {
          ...rule.privateMessaging,
          authenticatedOnly: rule.privateMessaging.enabled && rule.privateMessaging.authenticatedOnly,
        },
      };
      const [set, unset] = [compilePolicy(source), compilePolicy({ ...source, rules: [plain] })];
      for (const principal of CLIENTS) {
        for (const request of requests(principal)) {
          expect(decide(request, set).allowed).toBe(decide(request, unset).allowed);
        }
      }
    }
  });

  test('with both gates off by mistake, the rules stand', () => {
    const source = { ...sourceOf([]), settings: appSettings({ rules: false, grants: false, open: false }) };
    const decision = decide({ operation: 'join', principal: ANONYMOUS, now: NOW, name: 'room' }, compilePolicy(source));
    expect(decision).toMatchObject({ allowed: false, code: 'channel.no-rule' });
  });
});
