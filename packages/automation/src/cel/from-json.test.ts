import type { CelMap } from '@bufbuild/cel';
import { expect, it } from 'vitest';
import { fromJson } from './from-json.ts';

it('looks at nothing of an object but what is asked for', () => {
  const object = {
    text: 'here',
    get other(): never {
      throw new Error('nobody asked for it');
    },
  };
  expect((fromJson({ inner: object }) as CelMap).get('inner')).toBeDefined();
  expect((fromJson(object) as CelMap).get('text')).toBe('here');
});

it('gives lists and objects as the same whenever they are asked for', () => {
  const map = fromJson({ list: [{ n: 1 }], inner: {} }) as CelMap;
  expect(map.get('inner')).toBe(map.get('inner'));
  const [first, second] = [map.get('list'), map.get('list')].map((list) => [...(list as Iterable<unknown>)][0]);
  expect(first).toBe(second);
});
