import { expect, test } from 'vitest';
import { mergePatch } from './merge-patch.ts';

// The cases of RFC 7396, appendix A, that are objects at the top.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j with %j is %j', (target, patch, expected) => {
  expect(mergePatch(target, patch)).toEqual(expected);
});

test('a key named __proto__ is a key like any other', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__":{"admin":true}}'));
  expect(Object.hasOwn(merged as object, '__proto__')).toBe(true);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});
