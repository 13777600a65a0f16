import type { Member, Notice, Publication, Sender } from '@portcullis/engine';
import type { Audience } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { readTexts } from '../shared/read-frames.fixture.ts';
import { createXanoCodec } from './codec.ts';

const ADA: Member = { session: 'sA', user: 'ada', proven: true, table: 7, row: 42, extras: { name: 'Ada' } };
const ANON: Member = { session: 'sB', user: '', proven: false, table: 0, row: 0, extras: {} };
const STATED: Member = { ...ADA, session: 'sC', proven: false };
const ADA_TEXT = '{"socketId":"sA","extras":{"name":"Ada"},"permissions":{"dbo_id":7,"row_id":42}}';
const ANON_TEXT = '{"socketId":"sB","extras":{},"permissions":{"dbo_id":0,"row_id":0}}';
const EVERYONE: Audience = { to: 'everyone', anonymous: true };
const sender = (member: Member): Sender => member;

function publication(more: Partial<Publication>): Publication {
  return {
    app: 'demo',
    channel: 'a',
    kind: 'message',
    audience: EVERYONE,
    sender: sender(ADA),
    data: '{"x":1}',
    logged: true,
    position: { epoch: 'e', offset: 1 },
    timetoken: 17_000_000_000_000_001n,
    stamp: 1,
    seq: 1,
    ...more,
  };
}
const said = (...batch: Publication[]) => readTexts(createXanoCodec().publications(batch));
const told = (notice: Notice) => readTexts(createXanoCodec().notice(notice));

describe('publications, byte for byte', () => {
  it.each<[string, Partial<Publication>, string]>([
    [
      'a message to everyone',
      {},
      `{"action":"message","options":{"authenticated":false,"socketId":null,"channel":"a","timetoken":"17000000000000001"},"client":${ADA_TEXT},"payload":{"x":1}}`,
    ],
    [
      'a message of an anonymous client',
      { sender: sender(ANON), data: '"hi"' },
      `{"action":"message","options":{"authenticated":false,"socketId":null,"channel":"a","timetoken":"17000000000000001"},"client":${ANON_TEXT},"payload":"hi"}`,
    ],
    [
      'a message to the authenticated',
      { audience: { to: 'authenticated' }, data: 'null' },
      `{"action":"message","options":{"authenticated":true,"socketId":null,"channel":"a","timetoken":"17000000000000001"},"client":${ADA_TEXT},"payload":null}`,
    ],
    [
      'a private message',
      { audience: { to: 'session', session: 's"B', from: 'sA' } },
      `{"action":"message","options":{"authenticated":false,"socketId":"s\\"B","channel":"a","timetoken":"17000000000000001"},"client":${ADA_TEXT},"payload":{"x":1}}`,
    ],
    [
      'a message of a server',
      { sender: null },
      '{"action":"message","options":{"authenticated":false,"socketId":null,"channel":"a","timetoken":"17000000000000001"},"client":null,"payload":{"x":1}}',
    ],
    [
      'an event',
      { kind: 'event', sender: null },
      '{"action":"event","options":{"channel":"a","timetoken":"17000000000000001"},"client":null,"payload":{"data":{"x":1},"dbo_id":0,"row_id":0}}',
    ],
    [
      'an event for one row, with ids that are text',
      { kind: 'event', sender: null, channel: 'Räume/"1"', table: 7, row: 'c0ffee' },
      '{"action":"event","options":{"channel":"Räume/\\"1\\"","timetoken":"17000000000000001"},"client":null,"payload":{"data":{"x":1},"dbo_id":7,"row_id":"c0ffee"}}',
    ],
    [
      'somebody joins',
      {
        kind: 'presence',
        sender: null,
        data: '',
        presence: { action: 'join', member: ADA, occupancy: 2, occupantChanged: true },
      },
      `{"action":"presence_update","options":{"channel":"a"},"client":null,"payload":{"action":"join","presence":${ADA_TEXT}}}`,
    ],
    [
      'somebody times out',
      {
        kind: 'presence',
        sender: null,
        data: '',
        presence: { action: 'timeout', member: ANON, occupancy: 1, occupantChanged: true },
      },
      `{"action":"presence_update","options":{"channel":"a"},"client":null,"payload":{"action":"leave","presence":${ANON_TEXT}}}`,
    ],
  ])('%s', (_, more, text) => {
    expect(said(publication(more))).toEqual([text]);
    expect(() => JSON.parse(text)).not.toThrow();
  });
});

describe('notices, byte for byte', () => {
  it.each<[string, Notice, string[]]>([
    [
      'joined',
      { type: 'joined', channel: 'a', self: ADA, position: null, presence: false },
      [`{"action":"join","options":{"channel":"a"},"client":${ADA_TEXT},"payload":{}}`],
    ],
    [
      'left',
      { type: 'left', channel: 'a', self: ANON },
      [`{"action":"leave","options":{"channel":"a"},"client":${ANON_TEXT},"payload":{}}`],
    ],
    [
      'a roster; whoever only states an id is a stranger',
      { type: 'roster', channel: 'a', members: [ADA, ANON, STATED], total: 3 },
      [
        `{"action":"presence_full","options":{"channel":"a"},"client":null,"payload":{"presence":[${ADA_TEXT},${ANON_TEXT},{"socketId":"sC","extras":{},"permissions":{"dbo_id":0,"row_id":0}}]}}`,
      ],
    ],
    [
      'a roster that is cut',
      { type: 'roster', channel: 'a', members: [ANON], total: 1_001 },
      [
        `{"action":"presence_full","options":{"channel":"a"},"client":null,"payload":{"presence":[${ANON_TEXT}],"total":1001}}`,
      ],
    ],
    [
      'no history',
      { type: 'history', channel: 'a', items: [], join: false, more: false },
      ['{"action":"history","options":{"channel":"a"},"client":null,"payload":{"history":[]}}'],
    ],
    [
      'history, whole frames, oldest first',
      {
        type: 'history',
        channel: 'a',
        join: false,
        more: false,
        items: [publication({}), publication({ kind: 'event', sender: null, timetoken: 17_000_000_000_000_002n })],
      },
      [
        `{"action":"history","options":{"channel":"a"},"client":null,"payload":{"history":[{"action":"message","options":{"authenticated":false,"socketId":null,"channel":"a","timetoken":"17000000000000001"},"client":${ADA_TEXT},"payload":{"x":1}},{"action":"event","options":{"channel":"a","timetoken":"17000000000000002"},"client":null,"payload":{"data":{"x":1},"dbo_id":0,"row_id":0}}]}}`,
      ],
    ],
    [
      'a channel lost',
      { type: 'lost', channel: 'a', code: 'channel.no-rule', message: 'Gone.', left: true, self: ADA },
      [
        '{"action":"error","options":{"channel":"a"},"client":null,"payload":{"message":"Gone.","code":"channel.no-rule"}}',
        `{"action":"leave","options":{"channel":"a"},"client":${ADA_TEXT},"payload":{}}`,
      ],
    ],
    [
      'presence lost',
      { type: 'lost', channel: 'a', code: 'channel.presence-off', message: 'Off.', left: false, self: ADA },
      [
        '{"action":"error","options":{"channel":"a"},"client":null,"payload":{"message":"Off.","code":"channel.presence-off"}}',
      ],
    ],
    [
      'refused, about the connection',
      { type: 'refused', code: 'identity.expired', message: 'Over.' },
      ['{"action":"error","options":{},"client":null,"payload":{"message":"Over.","code":"identity.expired"}}'],
    ],
    [
      'refused, with a name no client could have joined',
      { type: 'refused', channel: '\ud800', code: 'channel.bad-name', message: 'Bad.' },
      [
        '{"action":"error","options":{"channel":"\\ud800"},"client":null,"payload":{"message":"Bad.","code":"channel.bad-name"}}',
      ],
    ],
  ])('%s', (_, notice, texts) => {
    expect(told(notice)).toEqual(texts);
    for (const text of texts) expect(() => JSON.parse(text)).not.toThrow();
  });
});

describe('one buffer', () => {
  const one = publication({});
  const two = publication({ data: '2', seq: 2 });

  it('holds a batch in order', () => {
    expect(said(one, two)).toEqual([...said(one), ...said(two)]);
    expect(said()).toEqual([]);
  });

  it('is shared by all receivers of one publication', () => {
    const codec = createXanoCodec();
    expect(codec.publications([one])).toBe(codec.publications([one]));
  });

  it('is the same after anything else was encoded', () => {
    const codec = createXanoCodec();
    const before = Buffer.from(codec.publications([one, two]));
    for (let seq = 3; seq < 2_000; seq++) codec.publications([publication({ data: `"${'x'.repeat(500)}"`, seq })]);
    expect(codec.publications([one, two])).toEqual(before);
  });
});
