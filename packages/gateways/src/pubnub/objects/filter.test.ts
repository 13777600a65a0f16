import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../http/settings.fixture.ts';
import { type Facts, readFilter } from './filter.ts';

const FIELDS = new Set(['id', 'name', 'status', 'updated', 'custom', 'channel.name', 'channel.custom']);
const ROW: Facts = {
  id: 'ann',
  name: 'Ann *the* Admin',
  updated: '2026-11-23T01:44:03.123456Z',
  custom: { age: 42, vip: true, city: 'Ulm' },
  channel: { id: 'c', name: 'Room', custom: { topic: 'dogs' } },
};
const wants = (text: string, facts = ROW) => {
  const filter = readFilter(text, FIELDS, SETTINGS);
  if (!filter.ok) throw new Error(filter.detail.message);
  return filter.wants(facts);
};

describe('a filter of app context', () => {
  it.each([
    ['name == "Ann *the* Admin"', true],
    ["name == 'Ann'", false],
    ["name != 'Ann'", true],
    ["name LIKE 'Ann*'", true],
    ["name like '*the*'", true],
    ["name LIKE '*\\\\*the\\\\*'", false],
    ["name LIKE '*\\*the\\**'", true],
    ["name LIKE 'the'", false],
    ["name contains 'the'", true],
    ['custom.age > 41', true],
    ['custom.age >= 42 && custom.age <= 42', true],
    ['custom.age < 42', false],
    ['custom.age == "42"', false],
    ['custom.vip == true', true],
    ['custom.vip', true],
    ['!custom.vip', false],
    ['custom["city"] == "Ulm"', true],
    ['custom.none == null', true],
    ['custom.none != null', false],
    ['custom.none > 1', false],
    ['status == null', true],
    ["updated >= '2026-11-23T00:00:00Z' && updated < '2026-11-24'", true],
    ["channel.name == 'Room'", true],
    ["channel.custom.topic == 'dogs' || false", true],
    ["(name == 'x' || custom.vip) && !(status == 'gone')", true],
    ['-1 < 0', true],
    ['name', false],
    ['custom.__proto__ == null', true],
    ['custom.constructor == null', true],
  ])('%s is %s', (text, expected) => {
    expect(wants(text)).toBe(expected);
  });

  it.each([
    ['nmae == "x"', 'No field nmae'],
    ['channel.email == "x"', 'No field channel.email'],
    ['data.name == "x"', 'No field name'],
    ['custom.age + 1 == 2', 'No operator +'],
    ['~custom.age == 1', 'No operator ~'],
    ['name ==', 'At'],
    ['name == "x', 'At'],
    ['(name == "x"', 'At'],
    [`${'!'.repeat(1_000)}true`, 'At'],
    ['x'.repeat(5_000), 'Longer than 4096 characters'],
  ])('refuses %s', (text, problem) => {
    const filter = readFilter(text, FIELDS, SETTINGS);
    expect(filter.ok ? '' : filter.detail.message).toContain(problem);
  });

  it('never throws, whatever it is given', () => {
    const words = fc.constantFrom(
      'name',
      'custom.a',
      '==',
      '!=',
      '<',
      'LIKE',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '"a*"',
      '1',
      '.',
      '[',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((all) => all.join(' ')),
        ),
        (text) => {
          const filter = readFilter(text, FIELDS, SETTINGS);
          if (filter.ok) filter.wants(ROW);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('agrees with the same question asked in JavaScript', () => {
    const value = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom('a', 'b', ''),
      fc.boolean(),
      fc.constant(null),
    );
    const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
    fc.assert(
      fc.property(value, operator, value, (left, sign, right) => {
        const facts = left === null ? { custom: {} } : { custom: { x: left } };
        const ordered = (typeof left === 'number' || typeof left === 'string') && typeof left === typeof right;
        const [one, other] = [left as never, right as never];
        const expected = {
          '==': left === right,
          '!=': left !== right,
          '<': ordered && one < other,
          '<=': ordered && one <= other,
          '>': ordered && one > other,
          '>=': ordered && one >= other,
        }[sign];
        expect(wants(`custom.x ${sign} ${JSON.stringify(right)}`, facts)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
