import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.ts';

const LIMITS = { message: 200, messageDepth: 4 };
const read = (text: string) => decode(text, LIMITS);

describe('the frames of the SDK', () => {
  it.each([
    [
      '{"action":"join","options":{"channel":"a"},"payload":{"history":false,"presence":true}}',
      { type: 'join', channel: 'a', presence: true, history: false },
    ],
    [
      '{"action":"join","options":{"channel":"room/1"},"payload":{"history":true,"presence":false}}',
      { type: 'join', channel: 'room/1', presence: false, history: true },
    ],
    [
      '{"action":"message","options":{"channel":"a"},"payload":{"hi":1}}',
      { type: 'message', channel: 'a', target: { to: 'everyone' }, data: '{"hi":1}' },
    ],
    [
      '{"action":"message","options":{"authenticated":true,"channel":"a"},"payload":null}',
      { type: 'message', channel: 'a', target: { to: 'authenticated' }, data: 'null' },
    ],
    [
      '{"action":"message","options":{"socketId":"S","channel":"a"},"payload":"x"}',
      { type: 'message', channel: 'a', target: { to: 'session', session: 'S' }, data: '"x"' },
    ],
    ['{"action":"history","options":{"channel":"a"},"payload":null}', { type: 'history', channel: 'a' }],
    [
      '{"action":"history","options":{"channel":"a","socketId":"S"},"payload":null}',
      { type: 'history', channel: 'a', peer: 'S' },
    ],
    ['{"action":"leave","options":{"channel":"a"},"payload":null}', { type: 'leave', channel: 'a' }],
  ])('%s', (text, command) => {
    expect(read(text)).toEqual(command);
  });
});

describe('frames of other clients', () => {
  it.each([
    ['WeWeb names every option', '{"authenticated":false,"socketId":null,"channel":"a"}', { to: 'everyone' }],
    ['an empty session id is none', '{"authenticated":true,"socketId":"","channel":"a"}', { to: 'authenticated' }],
    [
      'a session id goes before the flag',
      '{"authenticated":true,"socketId":"S","channel":"a"}',
      { to: 'session', session: 'S' },
    ],
    ['unknown options are nothing to us', '{"channel":"a","foo":1,"timetoken":"1"}', { to: 'everyone' }],
  ])('%s', (_, options, target) => {
    expect(read(`{"action":"message","options":${options},"payload":1}`)).toMatchObject({ target });
  });

  it('a join without a payload asks for nothing beside', () => {
    const bare = { type: 'join', channel: 'a', presence: false, history: false };
    expect(read('{"action":"join","options":{"channel":"a"}}')).toEqual(bare);
    expect(read('{"action":"join","options":{"channel":"a"},"payload":null}')).toEqual(bare);
    expect(read('{"action":"join","options":{"channel":"a"},"payload":{"presence":"true","history":1}}')).toEqual(bare);
  });

  it('a message without a payload is null', () => {
    expect(read('{"action":"message","options":{"channel":"a"}}')).toMatchObject({ data: 'null' });
  });

  it('fields beside the four are nothing to us', () => {
    expect(read('{"id":1,"action":"leave","options":{"channel":"a"},"client":{"socketId":"forged"}}')).toEqual({
      type: 'leave',
      channel: 'a',
    });
  });
});

describe('bad frames', () => {
  it.each([
    ['not JSON', 'hello', 'request.malformed', undefined],
    ['nothing', '', 'request.malformed', undefined],
    ['null', 'null', 'request.malformed', undefined],
    ['an array', '[{"action":"join"}]', 'request.malformed', undefined],
    ['a string', '"join"', 'request.malformed', undefined],
    ['trailing text', '{"action":"leave","options":{"channel":"a"}}x', 'request.malformed', undefined],
    ['no action', '{"options":{"channel":"a"}}', 'request.malformed', undefined],
    ['an action that is no text', '{"action":1,"options":{"channel":"a"}}', 'request.malformed', undefined],
    ['no options', '{"action":"join"}', 'request.malformed', undefined],
    ['options as an array', '{"action":"join","options":["a"]}', 'request.malformed', undefined],
    ['options as null', '{"action":"join","options":null}', 'request.malformed', undefined],
    ['no channel', '{"action":"join","options":{}}', 'request.malformed', undefined],
    ['a channel that is no text', '{"action":"join","options":{"channel":{"a":1}}}', 'request.malformed', undefined],
    [
      'a channel only in the prototype',
      '{"action":"leave","options":{"__proto__":{"channel":"a"}}}',
      'request.malformed',
      undefined,
    ],
    [
      'a frame only in the prototype',
      '{"__proto__":{"action":"leave","options":{"channel":"a"}}}',
      'request.malformed',
      undefined,
    ],
    ['an unknown action', '{"action":"subscribe","options":{"channel":"a"}}', 'request.unknown-action', 'a'],
    ['an action of the server', '{"action":"presence_full","options":{"channel":"a"}}', 'request.unknown-action', 'a'],
    ['a name of the prototype', '{"action":"constructor","options":{"channel":"a"}}', 'request.unknown-action', 'a'],
    ['a join with an array', '{"action":"join","options":{"channel":"a"},"payload":[]}', 'request.malformed', 'a'],
    [
      'a flag that is no flag',
      '{"action":"message","options":{"channel":"a","authenticated":"yes"}}',
      'request.malformed',
      'a',
    ],
    [
      'a session id that is no text',
      '{"action":"message","options":{"channel":"a","socketId":7}}',
      'request.malformed',
      'a',
    ],
    [
      'a number out of range',
      '{"action":"message","options":{"channel":"a"},"payload":{"a":[1e400]}}',
      'request.malformed',
      'a',
    ],
    [
      'a long number out of range',
      `{"action":"message","options":{"channel":"a"},"payload":${'9'.repeat(310)}}`,
      'request.malformed',
      'a',
    ],
    [
      'a payload too large',
      `{"action":"message","options":{"channel":"a"},"payload":"${'x'.repeat(200)}"}`,
      'limit.message',
      'a',
    ],
    [
      'a payload too large in bytes',
      `{"action":"message","options":{"channel":"a"},"payload":"${'\u20ac'.repeat(67)}"}`,
      'limit.message',
      'a',
    ],
    [
      'a payload too deep',
      '{"action":"message","options":{"channel":"a"},"payload":[[[[[]]]]]}',
      'limit.messageDepth',
      undefined,
    ],
    ['options too deep', `{"action":"message","options":${'['.repeat(9_000)}`, 'limit.messageDepth', undefined],
  ])('%s', (_, text, code, channel) => {
    const problem = read(text);
    expect(problem).toMatchObject({ type: 'problem', code });
    expect('channel' in problem ? problem.channel : undefined).toBe(channel);
  });

  it('are refused without repeating what they hold', () => {
    const problem = read('{"action":"<script>","options":{"channel":"a"},"payload":"secret"}');
    expect(JSON.stringify(problem)).not.toMatch(/script|secret/);
  });
});

describe('payloads', () => {
  const data = (payload: string) => {
    const command = read(`{"action":"message","options":{"channel":"a"},"payload":${payload}}`);
    return 'data' in command ? command.data : command;
  };

  it('are made anew: one key, no space', () => {
    expect(data('{ "a" : 1, "a" : 2 }')).toBe('{"a":2}');
  });

  it('keep a key named __proto__ as a key', () => {
    expect(data('{"__proto__":{"admin":true}}')).toBe('{"__proto__":{"admin":true}}');
  });

  it('escape lone surrogates, so that what goes out is valid UTF-8', () => {
    expect(data('"\\ud800x"')).toBe('"\\ud800x"');
  });

  it('may use every level and every byte allowed', () => {
    expect(data('[[[[]]]]')).toBe('[[[[]]]]');
    expect(data(`"${'x'.repeat(198)}"`)).toHaveLength(200);
  });

  it('keep large numbers that fit', () => {
    expect(data('[1e308,-1e308,1e-400]')).toBe('[1e+308,-1e+308,0]');
  });

  it('do not overflow the stack when the configured depth would', () => {
    const deep = `{"action":"message","options":{"channel":"a"},"payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(decode(deep, { message: 1e9, messageDepth: 1e9 })).toMatchObject({ code: 'limit.messageDepth' });
  });
});

describe('whatever arrives', () => {
  const frames = [
    '{"action":"join","options":{"channel":"a"},"payload":{"history":false,"presence":true}}',
    '{"action":"message","options":{"authenticated":false,"socketId":null,"channel":"a"},"payload":{"a":[1,"\\ud83d\\ude00"]}}',
    '{"action":"history","options":{"channel":"a","socketId":"S"},"payload":null}',
  ];
  const judge = (text: string) => {
    const result = read(text);
    if (result.type === 'problem') {
      expect(result.message.length).toBeLessThan(200);
      return;
    }
    expect(typeof result.channel).toBe('string');
    if (result.type !== 'message') return;
    expect(Buffer.byteLength(result.data)).toBeLessThanOrEqual(LIMITS.message);
    expect(Buffer.from(result.data).toString()).toBe(result.data);
    expect(() => JSON.parse(result.data)).not.toThrow();
  };

  it('random text gets a command or a problem', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), judge), { numRuns: 1_000 });
  });

  it('random JSON gets a command or a problem', () => {
    const options = fc.oneof(fc.jsonValue(), fc.record({ channel: fc.jsonValue(), socketId: fc.jsonValue() }));
    const frame = fc.record({
      action: fc.oneof(fc.constantFrom('join', 'leave', 'message', 'history'), fc.jsonValue()),
      options,
      payload: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        frame.map((value) => JSON.stringify(value)),
        judge,
      ),
      { numRuns: 1_000 },
    );
  });

  it('mutated frames get a command or a problem', () => {
    const edit = fc.tuple(
      fc.nat(200),
      fc.nat(8),
      fc.constantFrom('', '"', '{', '}', '[', '\\', ',', '\ud800', '\u0000', '1e999', 'null'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.array(edit, { minLength: 1, maxLength: 6 }), (frame, edits) => {
        judge(edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), frame));
      }),
      { numRuns: 2_000 },
    );
  });
});
