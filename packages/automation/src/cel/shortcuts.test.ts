import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Budget } from './budget.ts';
import { fromJson } from './from-json.ts';
import { boundedFunctions } from './functions.ts';
import { Language } from './index.ts';
import { jsonOf } from './json-value.ts';
import { CEL_LIMITS } from './limits.ts';
import { shortcutOf, UNSURE } from './shortcuts.ts';

const NAMES = new Map([
  ['action', null],
  ['payload', null],
]);
const env = celEnv({ funcs: [...boundedFunctions(new Budget(() => 0))] });
const FAILED = Symbol('failed');

/** What the library alone says. */
function planned(text: string, payload: unknown): unknown {
  const result = plan(env, parse(text).expr as never)({ action: 'message', payload: fromJson(payload) as never });
  if (isCelError(result)) return FAILED;
  return jsonOf(result);
}

function shortened(text: string, payload: unknown): unknown {
  const shortcut = shortcutOf(parse(text).expr, NAMES);
  return shortcut ? shortcut({ action: 'message', payload }) : UNSURE;
}

const field = fc.constantFrom('a', 'b', 'text', '__proto__', 'constructor');
const word = fc.constantFrom('', 'a', 'darn', 'oh darn', 'ä$&', '𝒳');
const scalar = fc.oneof(
  word,
  fc.boolean(),
  fc.constant(null),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, -0, 1e300),
);
const { payload } = fc.letrec((tie) => ({
  payload: fc.oneof({ depthSize: 'small' }, scalar, tie('object'), fc.array(tie('payload'), { maxLength: 2 })),
  object: fc.dictionary(field, tie('payload'), { maxKeys: 4 }),
}));
const { expression } = fc.letrec<{ expression: string; path: string }>((tie) => {
  const part = tie('expression');
  return {
    path: fc.array(field, { maxLength: 2 }).map((path) => ['payload', ...path].join('.')),
    expression: fc.oneof(
      { depthSize: 'medium', maxDepth: 4 },
      tie('path'),
      fc.constantFrom(
        'action',
        'null',
        'true',
        'false',
        '3',
        '0',
        '0.5',
        '9007199254740993',
        '1u',
        'b"a"',
        '[1]',
        '{}',
      ),
      word.map((text) => JSON.stringify(text)),
      fc.array(field, { minLength: 1, maxLength: 2 }).map((path) => `has(payload.${path.join('.')})`),
      fc
        .tuple(part, fc.constantFrom('&&', '||', '==', '!=', '<', '<=', '>', '>=', '+', 'in'), part)
        .map(([a, sign, b]) => `(${a} ${sign} ${b})`),
      fc.tuple(part, part, part).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(part, fc.array(part, { maxLength: 3 })).map(([a, list]) => `(${a} in [${list.join(', ')}])`),
      fc
        .tuple(part, fc.constantFrom('contains', 'startsWith', 'endsWith'), part)
        .map(([a, name, b]) => `(${a}).${name}(${b})`),
      fc.tuple(part, part, part).map(([a, b, c]) => `(${a}).replace(${b}, ${c})`),
      part.map((a) => `!(${a})`),
      part.map((a) => `size(${a})`),
    ),
  };
});

it('a shortcut that is certain says what the library says', () => {
  let certain = 0;
  fc.assert(
    fc.property(expression, payload, (text, sent) => {
      const given: unknown = JSON.parse(JSON.stringify(sent));
      const answer = shortened(text, given);
      if (answer === UNSURE) return;
      certain += 1;
      expect(answer).toEqual(planned(text, given));
    }),
    { numRuns: 3_000 },
  );
  expect(certain).toBeGreaterThan(300);
});

it.each([
  ['action == "message" && payload.text.contains("darn")', { text: 'oh darn' }, true],
  ['action == "join" && payload.nowhere.all(x, x == 1)', {}, false],
  ['action == "message" || payload.nowhere.all(x, x == 1)', {}, true],
  ['has(payload.text) && !payload.text.startsWith("/") && payload.n >= 3', { text: 'x', n: 3 }, true],
  ['has(payload.text)', { text: null }, false],
  ['payload.to in ["ann", "bo"] ? payload.text : "****"', { to: 'cy', text: 'x' }, '****'],
  ['payload.text.replace("darn", "$&$1")', { text: 'darn, darn' }, '$&$1, $&$1'],
])('%s is known without the library', (text, sent, expected) => {
  expect(shortened(text, sent)).toBe(expected);
  expect(planned(text, sent)).toBe(expected);
});

it('whatever a shortcut does not know is asked of the library', () => {
  const language = new Language(() => 0);
  const value = (text: string, sent: unknown) => {
    const compiled = language.compile(text, NAMES);
    return compiled.ok ? compiled.expression.value({ action: 'message', payload: sent }) : compiled;
  };
  expect(value('payload.missing == 1', {})).toMatchObject({ ok: false, error: expect.stringContaining('missing') });
  expect(value('payload.n == payload.n', { n: [1] })).toEqual({ ok: true, value: true });
  expect(value('payload.text.replace("a", payload.text)', { text: 'a'.repeat(30_000) })).toMatchObject({ ok: false });
  expect(value('payload.text', { text: 'a'.repeat(CEL_LIMITS.text + 1) })).toMatchObject({ ok: false });
  const broken = {
    get payload(): never {
      throw new Error('cannot be read');
    },
  };
  const compiled = language.compile('payload.text == "a"', NAMES);
  expect(compiled.ok && compiled.expression.test(broken)).toEqual({ ok: false, error: 'cannot be read' });
});
