import { FUNCTION_NAME } from '@portcullis/automation/triggers';
import { validateTarget } from '@portcullis/policy';
import * as v from 'valibot';
import { choice, count, duration, leaf, onOff, size, text, url } from '../leaf.ts';
import { isRecord, key, listKey, optionalKey, requiredKey } from '../section.ts';

const expression = () => text('CEL expression', { max: 4_096 });

/** A dotted path into a payload. */
const FIELD = /^[^.\s]{1,128}(?:\.[^.\s]{1,128}){0,7}$/;
const FIELDS_FAULT = 'expected names of fields, dotted where they are inside others';

const expressions = leaf<readonly (readonly [string, string])[]>('fields and the expressions they become', (input) => {
  if (!isRecord(input)) return { fault: 'expected fields and CEL expressions' };
  const entries = Object.entries(input);
  if (!entries.every(([name]) => FIELD.test(name))) return { fault: FIELDS_FAULT };
  const texts = entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  if (texts.length < entries.length) return { fault: 'expected CEL expressions: put quotes around them' };
  return texts.length > 0 && texts.length <= 64 ? { value: texts } : { fault: 'expected 1 to 64 fields' };
});

const fields = leaf<readonly string[]>('list of fields', (input) => {
  const list: unknown[] = Array.isArray(input) ? input : [input];
  const names = list.flatMap((name) => (typeof name === 'string' && FIELD.test(name) ? [name] : []));
  return names.length === list.length && names.length > 0 && names.length <= 64
    ? { value: names }
    : { fault: FIELDS_FAULT };
});

const AUDIENCE = '`authenticated`, `{ user: expression }` or `{ table: expression }`';

type AudienceInput = { readonly to: 'authenticated' } | { readonly to: 'user' | 'table'; readonly expression: string };

const audience = leaf<AudienceInput>(AUDIENCE, (input) => {
  if (input === 'authenticated') return { value: { to: 'authenticated' } };
  const [entry, second] = isRecord(input) ? Object.entries(input) : [];
  const [to, text_] = entry ?? [];
  const right = second === undefined && (to === 'user' || to === 'table') && typeof text_ === 'string';
  return right ? { value: { to, expression: text_ } } : { fault: `expected ${AUDIENCE.replaceAll('`', '')}` };
});

const on = leaf<readonly ('join' | 'message')[]>('`join`, `message` or a list of them', (input) => {
  const list: unknown[] = Array.isArray(input) ? input : [input];
  const known = list.flatMap((word) => (word === 'join' || word === 'message' ? [word as 'join' | 'message'] : []));
  return known.length === list.length && known.length > 0
    ? { value: [...new Set(known)] }
    : { fault: 'expected join, message or a list of them' };
});

const channels = leaf<readonly string[]>('list of channels', (input) => {
  const list: unknown[] = Array.isArray(input) ? input : [input];
  const names = list.flatMap((name) => (typeof name === 'string' && validateTarget(name, true).ok ? [name] : []));
  return names.length === list.length ? { value: names } : { fault: 'expected channels or patterns with a *' };
});

const onError = () => choice(['block', 'pass']);
const returns = () => choice(['native', 'xano']);
const timeout = () => duration({ min: 10, max: 60_000 });

const http = v.object({
  url: requiredKey(url(), 'Where the input is posted to.'),
  secret: requiredKey(text('secret', { max: 512 }), 'Signs it (Standard Webhooks): `whsec_` and base64.'),
  timeout: optionalKey(timeout(), 'How long the whole call may take.', '`1s`'),
  onError: optionalKey(onError(), 'What holds when it fails.', '`block`'),
  returns: optionalKey(returns(), 'How its answer is read.', '`native`'),
});

const rate = v.object({
  per: requiredKey(choice(['user', 'channel']), 'Whose messages or joins are counted.'),
  limit: requiredKey(count('times', { min: 1, max: 1_000_000 }), 'So many at once, earned back over `in`.'),
  in: requiredKey(duration({ min: 100, max: 86_400_000 }), 'The time that they are earned back over.'),
  reason: optionalKey(text('text', { max: 300 }), 'What the client is told.', 'the sentence of the code'),
});

const step = v.object({
  when: optionalKey(expression(), 'A condition: the step is passed over where it is false.', 'always'),
  block: optionalKey(text('text', { max: 300 }), 'Refuse, and tell the client this.'),
  set: optionalKey(expressions, 'Set fields of the payload.'),
  remove: optionalKey(fields, 'Remove fields of the payload.'),
  replace: optionalKey(expression(), 'Replace the whole payload.'),
  audience: optionalKey(audience, 'Narrow whom the message reaches. It never reaches more than it would without.'),
  rate: optionalKey(rate, 'Refuse what comes too often.'),
  http: optionalKey(http, 'Ask an endpoint.'),
  function: optionalKey(
    text('name', { pattern: FUNCTION_NAME, of: 'the name of a file in the folder of functions, without its ending' }),
    'Call a function of the app.',
  ),
  timeout: optionalKey(timeout(), 'Of a function: how long its code may take.', '`1s`'),
  onError: optionalKey(onError(), 'What holds when the step fails or is late: `block` refuses.', '`block`'),
  returns: optionalKey(
    returns(),
    'How an answer is read: `{ allow, reason, payload }`, or as a Xano trigger answers.',
    '`native`',
  ),
});

/** A trigger as it is written: in the file, and in a request's body. */
export const triggerSchema = v.object({
  channel: requiredKey(
    text('channel or pattern', { max: 255 }),
    'The target of the rule it belongs to; with the channel gate off a nested pattern of its own.',
  ),
  on: optionalKey(on, 'What it runs on.', '`[join, message]`'),
  enabled: key(onOff(), 'on', 'A disabled trigger does not run.'),
  description: key(text('text', { min: 0, max: 1_000 }), '', 'For people.'),
  publishes: optionalKey(channels, 'Channels that its functions and endpoints may publish in.', 'none'),
  steps: listKey(step, 'What is done, in order. Each step says one thing that it does.'),
});

export const functionsSchema = v.object({
  folder: key(text('path'), 'triggers', 'Where the files of functions are, relative to the configuration file.'),
  workers: key(count('threads', { min: 1, max: 64 }), 2, 'Threads they run in.'),
  memory: key(size({ min: 8_388_608, max: 4_294_967_296 }), '64MiB', 'Heap of one thread.'),
  pending: key(count('calls', { min: 1, max: 1_000_000 }), 1_000, 'Calls under way; more fail at once.'),
  wait: key(duration({ min: 100, max: 60_000 }), '5s', 'How long a call may wait for a thread.'),
  answer: key(size({ min: 1_024, max: 16_777_216 }), '1MiB', 'The most of an answer.'),
});
