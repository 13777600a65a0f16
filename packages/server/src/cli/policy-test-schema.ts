import * as v from 'valibot';
import { choice, leaf, type Read, text } from '../config/leaf.ts';
import { isRecord, key, listKey, optionalKey, requiredKey, shortOr } from '../config/section.ts';
import { type Asked, readAsked } from './asking.ts';

/** One expectation: what is asked, and for a refusal the code it has to have. */
export interface Expectation {
  readonly words: string;
  readonly asked: Asked;
  readonly code?: string;
}

const words = leaf<readonly string[]>('text or list of texts', (input) => {
  const list = typeof input === 'string' ? [input] : input;
  const right = Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string' && item !== '');
  return right ? { value: list } : { fault: 'expected text or a list of texts' };
});

const id = leaf<number | string>('number or text', (input) => {
  const right = (typeof input === 'string' && input !== '') || Number.isSafeInteger(input);
  return right ? { value: input as number | string } : { fault: 'expected a number or text' };
});

const object = leaf<Record<string, unknown>>('object', (input) =>
  isRecord(input) ? { value: input } : { fault: 'expected keys and values' },
);

/** `publish`, `publish to authenticated`, and under `mayNot` also `{ publish: code }`. */
function expectation(withCode: boolean) {
  return leaf<Expectation>('operation', (input): Read<Expectation> => {
    const [words, code] = isRecord(input) && withCode ? (Object.entries(input)[0] ?? []) : [input, undefined];
    if (typeof words !== 'string') return { fault: 'expected an operation like join, or "publish to authenticated"' };
    const read = readAsked(words);
    if (!read.ok) return { fault: read.reason };
    return { value: { words, asked: read.asked, ...(typeof code === 'string' ? { code } : {}) } };
  });
}

const person = v.object({
  user: optionalKey(text('user'), 'A proven user.'),
  stated: optionalKey(text('user'), 'A user id that the client only states.'),
  table: optionalKey(id, 'Table of the user.', '1'),
  row: optionalKey(id, 'Row of the user.', 'the user id'),
  grant: optionalKey(object, 'A permission token it holds: { read: [channels], patterns: { read: [regexes] } }.'),
});

export type Person = v.InferOutput<typeof person>;

export const testSchema = v.object({
  name: key(text('text', { min: 0 }), '', 'What it is about.'),
  who: requiredKey(words, 'One or more of `people`.'),
  channel: requiredKey(words, 'One or more channels.'),
  may: listKey(expectation(false), 'Operations that have to be allowed.'),
  mayNot: listKey(expectation(true), 'Operations that have to be denied; as a pair also with which code.'),
});

export const policyTestSchema = v.object({
  config: optionalKey(text('path'), 'The configuration, relative to this file.', 'as for every command'),
  app: optionalKey(text('name'), 'The app.', 'the only one'),
  people: requiredKey(object, 'Who asks: name to person.'),
  tests: listKey(testSchema, 'The table.'),
});

export type PolicyTests = v.InferOutput<typeof policyTestSchema>;

/** A person: `anonymous`, `server`, or a section. */
export const personSchema = shortOr(choice(['anonymous', 'server']), person, {
  shape: '`anonymous`, `server`, or a section',
});
