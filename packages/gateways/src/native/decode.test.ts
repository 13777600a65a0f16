import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, Problem } from './command.ts';
import { decode } from './decode.ts';
import { NATIVE_LIMITS as LIMITS } from './limits.fixture.ts';

const one = (message: unknown): Command | Problem => {
  const [only, ...more] = decode(typeof message === 'string' ? message : JSON.stringify(message), LIMITS);
  expect(more).toEqual([]);
  if (only === undefined) throw new Error('nothing was read');
  return only;
};
const fault = (message: unknown) => {
  const read = one(message);
  return read.type === 'problem' ? `${read.code}: ${read.message}` : 'none';
};

describe('every message', () => {
  it.each([
    ['connect', { type: 'connect', id: 1 }, { type: 'connect', id: 1 }],
    [
      'connect with a token and a user',
      { type: 'connect', id: 1, token: 't', user: 'u' },
      { type: 'connect', id: 1, token: 't', user: 'u' },
    ],
    ['join', { type: 'join', id: 2, channel: 'a' }, { type: 'join', id: 2, channel: 'a', presence: false, history: 0 }],
    [
      'join with all of it',
      {
        type: 'join',
        id: 2,
        channel: 'a',
        presence: true,
        history: 10,
        recover: { epoch: 'e', offset: 7 },
        state: { mood: 'good' },
      },
      {
        type: 'join',
        id: 2,
        channel: 'a',
        presence: true,
        history: 10,
        recover: { epoch: 'e', offset: 7 },
        state: { mood: 'good' },
      },
    ],
    ['leave', { type: 'leave', id: 3, channel: 'a' }, { type: 'leave', id: 3, channel: 'a' }],
    [
      'publish to everyone',
      { type: 'publish', id: 4, channel: 'a', data: null },
      { type: 'publish', id: 4, channel: 'a', target: { to: 'everyone' }, data: 'null' },
    ],
    [
      'publish to the authenticated',
      { type: 'publish', id: 4, channel: 'a', data: [1], to: 'authenticated' },
      { type: 'publish', id: 4, channel: 'a', target: { to: 'authenticated' }, data: '[1]' },
    ],
    [
      'publish to one connection, with a key and beside it something',
      { type: 'publish', id: 4, channel: 'a', data: 'x', to: { session: 's1' }, key: 'k', meta: { a: 1 } },
      {
        type: 'publish',
        id: 4,
        channel: 'a',
        target: { to: 'session', session: 's1' },
        data: '"x"',
        key: 'k',
        meta: '{"a":1}',
      },
    ],
    [
      'publish to one user',
      { type: 'publish', id: 4, channel: 'a', data: 1, to: { user: 'bob' } },
      { type: 'publish', id: 4, channel: 'a', target: { to: 'user', user: 'bob' }, data: '1' },
    ],
    ['roster', { type: 'roster', id: 5, channel: 'a' }, { type: 'roster', id: 5, channel: 'a' }],
    ['history', { type: 'history', id: 6, channel: 'a' }, { type: 'history', id: 6, channel: 'a' }],
    [
      'a page of history between two',
      {
        type: 'history',
        id: 6,
        channel: 'a',
        limit: 5,
        before: '17000000000000000',
        after: '16000000000000000',
        with: { user: 'bob' },
      },
      {
        type: 'history',
        id: 6,
        channel: 'a',
        limit: 5,
        before: 17_000_000_000_000_000n,
        after: 16_000_000_000_000_000n,
        with: { user: 'bob' },
      },
    ],
    [
      'state',
      { type: 'state', id: 7, channel: 'a', state: { x: 1 } },
      { type: 'state', id: 7, channel: 'a', state: { x: 1 } },
    ],
    [
      'state taken back',
      { type: 'state', id: 7, channel: 'a', state: null },
      { type: 'state', id: 7, channel: 'a', state: null },
    ],
    ['token', { type: 'token', id: 8, token: 't' }, { type: 'token', id: 8, token: 't' }],
    ['ping', { type: 'ping', id: 9 }, { type: 'ping', id: 9 }],
  ])('%s', (_, message, command) => {
    expect(one(message)).toEqual(command);
  });

  it('several in one frame, in order, and a bad one spoils no other', () => {
    const frame = JSON.stringify([{ type: 'ping', id: 1 }, { type: 'pong', id: 2 }, 3, { type: 'ping', id: 4 }]);
    expect(decode(frame, LIMITS).map((item) => ('id' in item ? [item.type, item.id] : [item.type]))).toEqual([
      ['ping', 1],
      ['problem', 2],
      ['problem'],
      ['ping', 4],
    ]);
  });

  it('payloads are made anew: one key of each name, no lone surrogate, no white space', () => {
    expect(one('{ "type":"publish", "id":1, "channel":"a", "data": { "a":1, "a":"\\ud800" } }')).toMatchObject({
      data: '{"a":"\\ud800"}',
    });
  });
});

describe('what is refused, and in which words', () => {
  it.each([
    ['no JSON', 'nope', 'request.malformed: This is no JSON.'],
    ['nothing', '', 'request.malformed: This is no JSON.'],
    ['a number', '7', 'request.malformed: A message is one JSON object.'],
    ['null', 'null', 'request.malformed: A message is one JSON object.'],
    ['an empty array', '[]', 'request.malformed: An empty array says nothing.'],
    ['no type', { id: 1 }, 'request.malformed: The message has no `type`.'],
    [
      'an unknown type',
      { type: 'toString', id: 1 },
      'request.unknown-action: The types are connect, join, leave, publish, roster, history, state, token, ping.',
    ],
    ['no id', { type: 'ping' }, 'request.malformed: `ping.id` has to be a whole number from 1 to 2^53 - 1.'],
    ['id 0', { type: 'ping', id: 0 }, 'request.malformed: `ping.id` has to be a whole number from 1 to 2^53 - 1.'],
    [
      'a huge id',
      '{"type":"ping","id":9007199254740993}',
      'request.malformed: `ping.id` has to be a whole number from 1 to 2^53 - 1.',
    ],
    ['an unknown field', { type: 'ping', id: 1, extra: 1 }, 'request.malformed: `ping` has no field "extra".'],
    [
      'a field of an inherited name',
      '{"type":"ping","id":1,"__proto__":{}}',
      'request.malformed: `ping` has no field "__proto__".',
    ],
    [
      'an unknown field of a long name',
      { type: 'ping', id: 1, ['x'.repeat(500)]: 1 },
      `request.malformed: \`ping\` has no field "${'x'.repeat(40)}".`,
    ],
    ['no channel', { type: 'join', id: 1 }, 'request.malformed: `join.channel` is missing.'],
    [
      'a channel that is no text',
      { type: 'join', id: 1, channel: 5 },
      'request.malformed: `join.channel` has to be text.',
    ],
    ['no data', { type: 'publish', id: 1, channel: 'a' }, 'request.malformed: `publish.data` is missing.'],
    [
      'a receiver that is none',
      { type: 'publish', id: 1, channel: 'a', data: 1, to: 'all' },
      'request.malformed: `publish.to` has to name a `session` or a `user`.',
    ],
    [
      'two receivers',
      { type: 'publish', id: 1, channel: 'a', data: 1, to: { session: 's', user: 'u' } },
      'request.malformed: `publish.to` has no field "session".',
    ],
    [
      'an empty key',
      { type: 'publish', id: 1, channel: 'a', data: 1, key: '' },
      'request.malformed: `publish.key` has to be 1 to 64 characters.',
    ],
    [
      'a position without an epoch',
      { type: 'join', id: 1, channel: 'a', recover: { offset: 1 } },
      'request.malformed: `join.recover.epoch` is missing.',
    ],
    [
      'a position with more',
      { type: 'join', id: 1, channel: 'a', recover: { epoch: 'e', offset: 1, x: 1 } },
      'request.malformed: `join.recover` has no field "x".',
    ],
    [
      'a timetoken that is a number',
      { type: 'history', id: 1, channel: 'a', before: 17_000_000_000_000_000 },
      'request.malformed: `history.before` has to be 17 digits, as text.',
    ],
    [
      'a state that is none',
      { type: 'state', id: 1, channel: 'a', state: 1 },
      'request.malformed: `state.state` has to be an object.',
    ],
    [
      'an infinite number',
      '{"type":"publish","id":1,"channel":"a","data":1e999}',
      'request.malformed: A number is out of range.',
    ],
    [
      'a message that is too large',
      { type: 'publish', id: 1, channel: 'a', data: 'x'.repeat(LIMITS.message) },
      `limit.message: The message has more than ${LIMITS.message} bytes.`,
    ],
    [
      'a meta that is too large',
      { type: 'publish', id: 1, channel: 'a', data: 1, meta: { x: 'x'.repeat(LIMITS.meta) } },
      `limit.meta: \`meta\` has more than ${LIMITS.meta} bytes.`,
    ],
    [
      'a state that is too large',
      { type: 'state', id: 1, channel: 'a', state: { x: 'x'.repeat(LIMITS.state) } },
      `limit.state: The state has more than ${LIMITS.state} bytes.`,
    ],
    [
      'a token that is too large',
      { type: 'token', id: 1, token: 'x'.repeat(LIMITS.token + 1) },
      `identity.malformed: The token has more than ${LIMITS.token} bytes.`,
    ],
    [
      'a payload that is nested too deeply',
      { type: 'publish', id: 1, channel: 'a', data: nested(LIMITS.messageDepth + 1) },
      `limit.messageDepth: The message is nested deeper than ${LIMITS.messageDepth} levels.`,
    ],
    [
      'too many messages',
      JSON.stringify(Array.from({ length: LIMITS.commandsPerFrame + 1 }, (_, id) => ({ type: 'ping', id: id + 1 }))),
      `limit.commandsPerFrame: A frame has at most ${LIMITS.commandsPerFrame} messages; none of these ${LIMITS.commandsPerFrame + 1} was carried out.`,
    ],
  ])('%s', (_, message, words) => {
    expect(fault(message)).toBe(words);
  });

  it('payloads may be nested as deep as allowed, alone or in a batch', () => {
    const message = { type: 'publish', id: 1, channel: 'a', data: nested(LIMITS.messageDepth) };
    expect(one(message).type).toBe('publish');
    expect(decode(JSON.stringify([message]), LIMITS)[0]?.type).toBe('publish');
    expect(fault('['.repeat(100_000))).toContain('limit.messageDepth');
  });

  it('the answer can be told apart: it has the id and channel that were readable', () => {
    expect(one({ type: 'join', id: 5, channel: 'a', x: 1 })).toMatchObject({ id: 5, channel: 'a' });
    expect(one({ type: 'join', id: 'x', channel: 'y'.repeat(300) })).not.toHaveProperty('channel');
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const channel = text;
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const json = fc.jsonValue({ maxDepth: 4 });
const object = fc.dictionary(fc.string({ maxLength: 5 }), fc.integer(), { maxKeys: 3 });
const to = fc.oneof(
  fc.constant('everyone'),
  fc.constant('authenticated'),
  fc.record({ session: text }),
  fc.record({ user: text }),
);
const opt = { requiredKeys: ['type', 'id', 'channel'] } as const;
const message: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record(
    { type: fc.constant('join'), id, channel, presence: fc.boolean(), history: fc.nat(1_000), state: object },
    opt as never,
  ),
  fc.record({ type: fc.constant('leave'), id, channel }),
  fc.record({ type: fc.constant('publish'), id, channel, data: json, to, meta: object }),
  fc.record({ type: fc.constant('history'), id, channel, limit: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ type: fc.constant('state'), id, channel, state: fc.option(object) }),
  fc.record({ type: fc.constant('token'), id, token: text }),
  fc.record({ type: fc.constant('ping'), id }),
);

describe('whatever comes', () => {
  const RUNS = { numRuns: 1_000 };

  it('is read without a throw, and text that is no protocol is a problem', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (frame) => {
        for (const item of decode(frame, LIMITS)) expect(item.type).toBe('problem');
      }),
      RUNS,
    );
  });

  it('a well-formed message is a command that says the same', () => {
    fc.assert(
      fc.property(message, (said) => {
        const read = one(said);
        expect(read.type).toBe(said.type);
        for (const name of ['id', 'channel', 'token', 'limit', 'state', 'presence', 'history'] as const) {
          if (name in said) expect(read).toHaveProperty(name, said[name]);
        }
        if ('data' in said) expect(read).toHaveProperty('data', JSON.stringify(said.data));
      }),
      RUNS,
    );
  });

  it('one field more, one less or one of another form is a problem that names it', () => {
    const spoil = fc.constantFrom('more', 'less', 'form');
    fc.assert(
      fc.property(message, spoil, fc.nat(), (said, how, pick) => {
        const required = Object.keys(said).filter(
          (name) => ['channel', 'data', 'token', 'state'].includes(name) && !(said.type === 'join' && name === 'state'),
        );
        const name = required[pick % Math.max(1, required.length)];
        if (how === 'more') {
          expect(fault({ ...said, another: 1 })).toContain('"another"');
        } else if (name !== undefined && how === 'less') {
          const { [name]: _, ...rest } = said;
          expect(fault(rest)).toContain(`.${name}\` is missing`);
        } else if (name !== undefined && name !== 'data') {
          expect(fault({ ...said, [name]: 17 })).toContain(`.${name}\` has to be`);
        }
      }),
      RUNS,
    );
  });

  it('bytes flipped in a well-formed frame never throw', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(255), (batch, at, byte) => {
        const bytes = Buffer.from(JSON.stringify(batch));
        bytes[at % bytes.length] = byte;
        expect(decode(bytes.toString(), LIMITS).length).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });
});
