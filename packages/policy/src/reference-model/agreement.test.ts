import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Code } from '../codes.ts';
import { compilePolicy } from '../compile-policy.ts';
import { decide, explain } from '../decide.ts';
import type { Decision } from '../decision.ts';
import type { PolicySource } from '../policy.ts';
import type { AccessRequest } from '../request.ts';
import { request, source } from './arbitraries.fixture.ts';
import { fromJson, type PolicyCase, toJson } from './case-json.fixture.ts';
import { type ModelAnswer, modelDecide } from './model.fixture.ts';

const CASES = new URL('../../cases/', import.meta.url);
/** Requests asked of each random policy. */
const PER_POLICY = 20;
const LONG = process.env.LONG_TESTS === '1';
const CASE_COUNT = LONG ? 1_000_000 : 50_000;

/** All that `decide` can say. */
const ANSWERS: readonly (Code | 'allowed')[] = [
  'allowed',
  'app.disabled',
  'identity.expired',
  'identity.revoked',
  'identity.banned',
  'identity.held-off',
  'identity.user-mismatch',
  'channel.bad-name',
  'channel.no-rule',
  'channel.anonymous-not-allowed',
  'channel.presence-off',
  'channel.public-messaging-off',
  'channel.public-messaging-authenticated-only',
  'channel.authenticated-messaging-off',
  'channel.private-messaging-off',
  'channel.private-messaging-authenticated-only',
  'channel.history-off',
  'channel.not-joined',
  'channel.peer-not-present',
  'channel.not-addressed',
  'operation.server-only',
  'operation.not-enabled',
  'operation.not-own',
  'limit.wildcardDots',
  'grant.none',
  'grant.not-covered',
  'grant.missing-permission',
  'request.malformed',
  'trigger.channel-not-named',
];

describe('decide() and the reference model', { timeout: LONG ? 3_600_000 : 120_000 }, () => {
  test(`agree on ${CASE_COUNT} random cases`, () => {
    const seen = new Map<string, number>();
    const asked: fc.Arbitrary<Asked> = fc.record({
      source,
      requests: fc.array(request, { minLength: PER_POLICY, maxLength: PER_POLICY }),
    });
    fc.assert(
      fc.property(asked, ({ source: rules, requests }: Asked) => {
        const policy = compilePolicy(rules);
        for (const one of requests) {
          const decision = decide(one, policy);
          if (!agrees(decision, modelDecide(rules, one))) return false;
          const answer = decision.allowed ? 'allowed' : decision.code;
          seen.set(answer, (seen.get(answer) ?? 0) + 1);
        }
        return true;
      }),
      { numRuns: CASE_COUNT / PER_POLICY, reporter: report, endOnFailure: false },
    );
    // The worlds are small enough that every answer there is comes up, and often.
    expect([...seen.keys()].sort()).toEqual([...ANSWERS].sort());
    for (const count of seen.values()) expect(count).toBeGreaterThan(CASE_COUNT / 10_000);
    expect(seen.get('allowed')).toBeGreaterThan(CASE_COUNT / 10);
  });

  test('explain() is the same decision, with its steps', () => {
    fc.assert(
      fc.property(source, request, (rules, one) => {
        const policy = compilePolicy(rules);
        const { steps, fix, ...explained } = explain(one, policy);
        expect(explained).toEqual(decide(one, policy));
        expect(steps.length).toBeGreaterThan(0);
        expect(fix === undefined).toBe(explained.allowed);
        expect(steps.filter(({ answer }) => answer === 'no').length).toBe(explained.allowed ? 0 : 1);
      }),
      { numRuns: 1000 },
    );
  });

  test('agree where policies follow one another and caches are warm', () => {
    fc.assert(
      fc.property(
        fc.array(source, { minLength: 2, maxLength: 4 }),
        fc.array(request, { minLength: 5, maxLength: 10 }),
        (sources, requests) => {
          let policy = compilePolicy(sources[0] as PolicySource);
          for (const next of sources) {
            policy = compilePolicy(next, policy);
            for (const one of requests) expect(answerOf(decide(one, policy))).toEqual(modelDecide(next, one));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  for (const file of readdirSync(CASES).filter((entry) => entry.endsWith('.json'))) {
    const kept = fromJson(readFileSync(new URL(file, CASES), 'utf8'));
    test(`case ${file}: ${kept.note}`, () => {
      expect(answerOf(decide(kept.request, compilePolicy(kept.source)))).toEqual(kept.expected);
      expect(modelDecide(kept.source, kept.request)).toEqual(kept.expected);
    });
  }
});

/** What the two have to agree on: the answer, its code, the rule and where a send goes. */
function answerOf(decision: Decision): ModelAnswer {
  const { rule } = decision.by;
  if (!decision.allowed) return { allowed: false, code: decision.code, ...(rule === undefined ? {} : { rule }) };
  return {
    allowed: true,
    ...(decision.rule === undefined ? {} : { rule: decision.rule.id }),
    ...(decision.target === undefined ? {} : { target: decision.target }),
  };
}

function agrees(decision: Decision, model: ModelAnswer): boolean {
  const answer = answerOf(decision);
  return (
    answer.allowed === model.allowed &&
    answer.code === model.code &&
    answer.rule === model.rule &&
    answer.target?.to === model.target?.to
  );
}

interface Asked {
  readonly source: PolicySource;
  readonly requests: readonly AccessRequest[];
}

/** A mismatch is written down as a case file, to be looked at and kept. */
function report(details: fc.RunDetails<[Asked]>): void {
  if (!details.failed) return;
  const asked = details.counterexample?.[0];
  const policy = asked && compilePolicy(asked.source);
  for (const one of asked?.requests ?? []) {
    const expected = modelDecide(asked?.source as PolicySource, one);
    if (policy === undefined || agrees(decide(one, policy), expected)) continue;
    const kept: PolicyCase = {
      note: 'found by the property test',
      source: asked?.source as PolicySource,
      request: one,
      expected,
    };
    const json = toJson(kept);
    mkdirSync(CASES, { recursive: true });
    const file = new URL(`found-${createHash('sha256').update(json).digest('hex').slice(0, 12)}.json`, CASES);
    writeFileSync(file, json);
    throw new Error(
      `decide() answers ${JSON.stringify(answerOf(decide(one, policy)))}, the model otherwise; kept as ${file.pathname}\n${json}`,
    );
  }
  throw new Error(fc.defaultReportMessage(details) ?? 'the property failed');
}
