import { run } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CEL_LIMITS, type Expression, Language, type Names } from './index.ts';

const NAMES: Names = new Map<string, ReadonlySet<string> | null>([
  ['action', null],
  ['payload', null],
  ['principal', new Set(['user', 'extras', 'claimedUser'])],
]);
let time = 0;
const language = new Language(() => time);

function compiled(text: string): Expression {
  const compilation = language.compile(text, NAMES);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.problem));
  return compilation.expression;
}

function problem(text: string) {
  const compilation = language.compile(text, NAMES);
  if (compilation.ok) throw new Error('no problem was found');
  return compilation.problem;
}

const value = (text: string, payload: unknown = null) =>
  compiled(text).value({ action: 'message', payload, principal: {} });
const test = (text: string, payload: unknown = null) =>
  compiled(text).test({ action: 'message', payload, principal: {} });

describe('an expression', () => {
  it('is evaluated over JSON as it is', () => {
    expect(test('action == "message" && payload.text.contains("darn")', { text: 'oh darn' })).toEqual({
      ok: true,
      value: true,
    });
    expect(value('payload.list.map(x, x * 2.0)', { list: [1, 2] })).toEqual({ ok: true, value: [2, 4] });
    expect(value('{"a": payload.n, "b": [size(payload.s), null, 1u]}', { n: 1.5, s: 'äöü' })).toEqual({
      ok: true,
      value: { a: 1.5, b: [3, null, 1] },
    });
    expect(test('payload.n == 3 && payload.n > 2 && has(payload.n) && !has(payload.m)', { n: 3 })).toMatchObject({
      value: true,
    });
  });

  it('sees own fields alone', () => {
    for (const field of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(test(`has(payload.${field})`, {})).toEqual({ ok: true, value: false });
      expect(value(`payload.${field}`, {})).toMatchObject({ ok: false });
    }
  });

  it('sees what a stranger sends as its receivers do, whatever its fields are called', () => {
    const clean = { kind: { case: 'stringValue', value: 'clean' } };
    for (const payload of [
      { $typeName: 'google.protobuf.Struct', fields: { text: clean }, text: 'darn' },
      { $typeName: 'google.protobuf.StringValue', value: 'clean', text: 'darn' },
      { $typeName: 'nowhere.Type', text: 'darn' },
      { constructor: { name: 'Other' }, text: 'darn' },
      { constructor: 1, hasOwnProperty: 2, toString: 3, text: 'darn' },
    ]) {
      expect(test('payload.text.contains("darn")', payload)).toEqual({ ok: true, value: true });
      expect(test('payload.inner.text == "darn" && has(payload.inner)', { inner: payload })).toMatchObject({
        value: true,
      });
      expect(value('payload', payload)).toEqual({ ok: true, value: payload });
    }
    const parsed = JSON.parse('{"__proto__": {"text": "clean"}, "text": "darn"}');
    expect(test('payload.text.contains("darn")', parsed)).toEqual({ ok: true, value: true });
  });

  it('gives any JSON back as it came', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (json) => {
        const given = JSON.parse(JSON.stringify(json));
        expect(value('payload', given)).toEqual({ ok: true, value: given });
        expect(test('payload == payload', given)).toEqual({ ok: true, value: true });
      }),
      { numRuns: 500 },
    );
  });

  it('that errs says why and does not throw', () => {
    expect(value('payload.missing', {})).toEqual({ ok: false, error: expect.stringContaining('missing') });
    expect(value('1 / 0')).toMatchObject({ ok: false });
    expect(test('payload.text', { text: 'yes' })).toMatchObject({
      ok: false,
      error: expect.stringContaining('true or false'),
    });
    expect(value('payload.text.matches("(")', { text: '' })).toMatchObject({ ok: false });
    expect(value('double("NaN")')).toMatchObject({ ok: false });
    expect(value('9007199254740993')).toMatchObject({ ok: false });
    expect(value('b"x"')).toMatchObject({ ok: false });
    expect(value('{1: 2}')).toMatchObject({ ok: false });
  });

  it.each([
    ['action ==', 1, 8],
    ['"open', 1, 1],
    ['action == "a" &&\n  payload.x ==== 1', 2, 13],
    ['', 1, 1],
  ])('%j that cannot be read is refused with its place', (text, line, column) => {
    expect(problem(text)).toMatchObject({ line, column, message: expect.not.stringContaining('<input>') });
  });

  it.each([
    ['acton == "a"', 1, 1, 'unknown name "acton", did you mean "action"?'],
    ['true &&\n principal.usr == "a"', 2, 12, '"principal" has no field "usr", did you mean "user"?'],
    ['payload.text.contain("a")', 1, 14, 'unknown function "contain", did you mean "contains"?'],
    ['payload.all(x, y > 1)', 1, 16, 'unknown name "y"'],
  ])('%j is refused before it is run, with its place and the nearest spelling', (text, line, column, message) => {
    const found = problem(text);
    expect(found).toEqual({ message, line, column });
  });

  it('that is too long or nested too deeply is refused', () => {
    expect(problem('1'.repeat(CEL_LIMITS.length + 1)).message).toContain(String(CEL_LIMITS.length));
    expect(problem(`${'['.repeat(2_000)}1${']'.repeat(2_000)}`).message).toContain('nested');
    for (const open of ['(', '[', '!', '-']) language.compile(open.repeat(4_000), NAMES);
  });
});

describe('what an expression costs', () => {
  const list = Array.from({ length: 1_000 }, (_, n) => n);

  it('is bounded in rounds, also where an error would be swallowed', () => {
    expect(value('payload.all(a, payload.all(b, true))', list)).toEqual({
      ok: false,
      error: `more than ${CEL_LIMITS.rounds} rounds of loops`,
    });
    expect(test('payload.exists(a, payload.all(b, payload.all(c, true))) || true', list)).toMatchObject({ ok: false });
    expect(value('payload.map(a, payload.map(b, payload))', list)).toMatchObject({ ok: false });
    expect(value('payload.map(a, payload)', list)).toMatchObject({
      ok: false,
      error: expect.stringContaining('values'),
    });
    expect(test('payload.all(a, true)', list)).toEqual({ ok: true, value: true });
  });

  it('is bounded in time', () => {
    const slow = new Language(() => {
      time += 1;
      return time;
    });
    const compilation = slow.compile('payload.all(a, true)', NAMES);
    expect(compilation.ok && compilation.expression.test({ payload: list })).toMatchObject({
      ok: false,
      error: `more than ${CEL_LIMITS.time} ms`,
    });
  });

  it('is bounded in the texts it makes', () => {
    const doubled = `["ab"]${'.map(x, x + x)'.repeat(40)}`;
    expect(value(doubled)).toMatchObject({ ok: false, error: expect.stringContaining('characters') });
    const text = 'x'.repeat(30_000);
    expect(value('payload.replace("", payload)', text)).toMatchObject({ ok: false });
    expect(value('[payload, payload].join(payload)', 'x'.repeat(600_000))).toMatchObject({ ok: false });
    const began = performance.now();
    expect(test('payload.matches("(a*)*(a*)*b")', 'a'.repeat(20_000))).toEqual({ ok: true, value: false });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(value(`payload.matches("${'a'.repeat(2_000)}")`, '')).toMatchObject({ ok: false });
  });
});

describe('functions that are bounded here', () => {
  it.each([
    ['"a-b-c".replace("-", "+")', 'a+b+c'],
    ['"a-b-c".replace("-", "+", 1)', 'a+b-c'],
    ['"a-b-c".replace("-", "+", 0)', 'a-b-c'],
    ['"a-b-c".replace("-", "+", -1)', 'a+b+c'],
    ['"ab".replace("", "_")', '_a_b_'],
    ['["a", "b"].join("-") + ["c"].join()', 'a-bc'],
    ['"a,b".split(",")[1].upperAscii()', 'B'],
  ])('%s is %j', (text, expected) => {
    expect(value(text)).toEqual({ ok: true, value: expected });
  });

  it('mean what the library’s own mean', () => {
    const word = fc.stringMatching(/^[abA ]{0,6}$/);
    const plain = (text: string, payload: unknown) => run(text, { payload: payload as never }, { funcs: strings });
    fc.assert(
      fc.property(
        word,
        word.filter((part) => part !== ''),
        word,
        fc.integer({ min: 0, max: 4 }),
        (text, from, to, most) => {
          const payload = { text, from, to };
          for (const call of [
            'payload.text.replace(payload.from, payload.to)',
            `payload.text.replace(payload.from, payload.to, ${most})`,
            'payload.text + payload.to == payload.from',
            'payload.text.matches(payload.from)',
            '[payload.text, payload.to].join(payload.from)',
            'payload.text.split(payload.from).exists(x, x == payload.to) ? payload.text : payload.from + payload.to',
          ]) {
            expect(value(call, payload)).toEqual({ ok: true, value: plain(call, payload) });
          }
        },
      ),
    );
  });
});
