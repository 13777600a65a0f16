import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePolicy, ruleFor } from '../compile-policy.ts';
import { ruleFromSpec } from '../rule-spec.ts';
import { SETTINGS } from '../testing/settings.fixture.ts';

const piece = fc.constantFrom('a', 'b', '/', '*', 'aa/');
const text = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const rule = fc
  .record({
    target: text,
    nested: fc.boolean(),
    enabled: fc.boolean(),
    history: fc.constantFrom(0, 10, 5_000),
    id: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ id, ...spec }) => ruleFromSpec(spec, { id, version: 1, origin: 'store' }));
const rules = fc.uniqueArray(rule, { maxLength: 40, selector: ({ id }) => id });
/** Puts a rule, takes one out, a run of them, turns the order round, or lets less history be kept. */
const edit = fc.record({
  put: fc.option(rule, { nil: undefined }),
  drop: fc.integer({ min: 1, max: 40 }),
  below: fc.constantFrom(0, 0, 0, 25),
  turned: fc.constantFrom(false, false, true),
  historyMax: fc.constantFrom(100, 100, 5),
});

test('a policy that was changed rule by rule finds what one compiled at once finds', () => {
  fc.assert(
    fc.property(rules, fc.array(edit, { maxLength: 8 }), fc.array(text, { minLength: 10 }), (first, edits, names) => {
      const sourceOf = (all: typeof first, historyMax: number) => ({
        app: 'a',
        epoch: 1,
        settings: { ...SETTINGS, historyMax },
        rules: all,
        revocations: [],
        bans: [],
      });
      let all = first;
      let policy = compilePolicy(sourceOf(all, 100));
      const plain = names.filter((name) => !name.includes('*'));
      for (const { put, drop, below, turned, historyMax } of edits) {
        all = all.filter(({ id }) => id !== drop && id !== put?.id && id >= below);
        if (turned) all = all.toReversed();
        if (put) all = [...all, put];
        policy = compilePolicy(sourceOf(all, historyMax), policy);
        const fresh = compilePolicy(sourceOf(all, historyMax));
        for (const name of plain) expect(ruleFor(policy, name)).toEqual(ruleFor(fresh, name));
      }
    }),
    { numRuns: 500 },
  );
});
