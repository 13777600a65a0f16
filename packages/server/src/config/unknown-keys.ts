import { didYouMean } from '@portcullis/policy';
import { isRecord } from './section.ts';
import type { Section, Shape } from './shape.ts';
import type { Path } from './source.ts';

export interface Found {
  readonly path: Path;
  readonly message: string;
}

/** Keys that the schema does not know, each with the nearest that it does. */
export function unknownKeys(data: unknown, shape: Shape, path: Path = []): Found[] {
  if (shape.kind === 'list') {
    if (!Array.isArray(data)) return [];
    return data.flatMap((item, index) => unknownKeys(item, shape.item, [...path, index]));
  }
  if (shape.kind === 'leaf') return [];
  if (Array.isArray(data)) return [{ path, message: 'expected keys and values, not a list' }];
  if (!isRecord(data)) return [];
  return Object.keys(data).flatMap((name) => {
    const known = shape.keys.get(name);
    if (known !== undefined) return unknownKeys(data[name], known.shape, [...path, name]);
    return [{ path: [...path, name], message: sayUnknown(name, shape) }];
  });
}

function sayUnknown(name: string, { keys, later }: Section): string {
  if (later.includes(name)) return 'is not offered in this version';
  const near = didYouMean(name, [...keys.keys(), ...later]);
  return `unknown key${near === '' ? `; known here: ${[...keys.keys()].join(', ')}` : near}`;
}
