import { describe, expect, it } from 'vitest';
import { withField, withoutField } from './fields.ts';

const sent = (text: string) => JSON.parse(text);

describe('a field of a payload', () => {
  it.each([
    ['{"a":1,"b":2}', ['a'], '{"a":3,"b":2}'],
    ['{"a":1}', ['b'], '{"a":1,"b":3}'],
    ['{"a":{"x":1}}', ['a', 'y'], '{"a":{"x":1,"y":3}}'],
    ['{}', ['a', 'b'], '{"a":{"b":3}}'],
    ['{"__proto__":{"a":1},"b":2}', ['b'], '{"__proto__":{"a":1},"b":3}'],
    ['{"b":2}', ['__proto__'], '{"b":2,"__proto__":3}'],
    ['{"b":2}', ['__proto__', 'a'], '{"b":2,"__proto__":{"a":3}}'],
    ['{"b":2}', ['constructor', 'a'], '{"b":2,"constructor":{"a":3}}'],
  ])('of %s at %j is set, whatever it is called, and what was sent stays as it is', (text, path, expected) => {
    const payload = sent(text);
    expect(JSON.stringify(withField(payload, path, 3))).toBe(expected);
    expect(JSON.stringify(payload)).toBe(text);
  });

  it.each([['[1]'], ['"text"'], ['null']])('has no place in %s', (text) => {
    expect(withField(sent(text), ['a'], 1)).toBeUndefined();
  });

  it.each([
    ['{"a":1,"b":2}', ['a'], '{"b":2}'],
    ['{"a":{"x":1,"y":2}}', ['a', 'x'], '{"a":{"y":2}}'],
    ['{"a":1}', ['b'], '{"a":1}'],
    ['{"__proto__":{"a":1},"b":2}', ['b'], '{"__proto__":{"a":1}}'],
    ['{"__proto__":{"a":1},"b":2}', ['__proto__'], '{"b":2}'],
    ['{"b":2}', ['toString'], '{"b":2}'],
    ['[1]', ['0'], '[1]'],
  ])('of %s at %j is removed', (text, path, expected) => {
    const payload = sent(text);
    expect(JSON.stringify(withoutField(payload, path))).toBe(expected);
    expect(JSON.stringify(payload)).toBe(text);
  });
});
