import { type Publication, type Sender, SILENT_LOG } from '@portcullis/engine';
import { expect, it } from 'vitest';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { BatchTexts } from './batch-texts.ts';
import { Crowds } from './crowds.ts';

const ada: Sender = { session: 's1', user: 'ada', table: 0, row: 0, extras: {} };
const bob: Sender = { session: 's2', user: 'bob', table: 0, row: 0, extras: {} };
const ADA = { session: 's1', user: 'ada' };
const BOB = { session: 's2', user: 'bob' };

function said(offset: number, sender: Sender | null, more: Partial<Publication> = {}): Publication {
  return {
    app: 'demo',
    channel: 'room',
    kind: sender === null ? 'event' : 'message',
    audience: { to: 'everyone', anonymous: true },
    sender,
    data: String(offset),
    logged: true,
    position: { epoch: 'e', offset },
    timetoken: BigInt(offset),
    stamp: 1,
    seq: offset,
    ...more,
  };
}

const come: Publication = {
  ...said(9, null),
  kind: 'presence',
  audience: { to: 'presence' },
  presence: {
    action: 'join',
    occupancy: 1,
    occupantChanged: true,
    member: { session: 's3', user: 'eve', proven: true, table: 0, row: 0, extras: {} },
  },
};

function worded(...batch: Publication[]) {
  const crowds = new Crowds({
    engine: { announce: () => 0n, hereNow: (_, channel) => ({ channel, occupancy: 0, occupants: [] }) },
    clock: new ManualClock(),
    log: SILENT_LOG,
    settingsOf: () => ({ announceMax: 5, interval: 1_000 }),
  });
  return new BatchTexts(crowds).of(batch).map((text) => JSON.parse(text));
}

/** Who the messages of the wire say has sent each item. */
const senders = (messages: ReturnType<typeof worded>) =>
  messages
    .filter(({ type }) => type === 'messages')
    .map(({ from, messages }) => ({ from, each: messages.map((item: { from?: unknown }) => item.from) }));

it('several messages of one sender say once who it is', () => {
  expect(worded(said(1, ada), said(2, ada))).toEqual([
    {
      type: 'messages',
      channel: 'room',
      epoch: 'e',
      from: ADA,
      messages: [
        { offset: 1, timetoken: '1', data: 1 },
        { offset: 2, timetoken: '2', data: 2 },
      ],
    },
  ]);
});

it.each([
  ['one message', [said(1, ada)], [ADA]],
  ['those of several senders', [said(1, ada), said(2, ada), said(3, bob)], [ADA, ADA, BOB]],
  ['those of a server among them', [said(1, ada), said(2, null)], [ADA, undefined]],
  ['those of a server', [said(1, null), said(2, null)], [undefined, undefined]],
] as const)('%s: each says itself who sent it', (_, batch, each) => {
  expect(senders(worded(...batch))).toEqual([{ from: undefined, each }]);
});

it('a change of presence between them parts them', () => {
  const messages = worded(said(1, ada), said(2, ada), come, said(3, ada));
  expect(messages.map(({ type }) => type)).toEqual(['messages', 'presence', 'messages']);
  expect(senders(messages)).toEqual([
    { from: ADA, each: [undefined, undefined] },
    { from: undefined, each: [ADA] },
  ]);
});

it('a log that begins anew parts them', () => {
  const anew = said(1, ada, { position: { epoch: 'f', offset: 1 } });
  const messages = worded(said(7, ada), said(8, ada), anew, { ...anew, position: { epoch: 'f', offset: 2 } });
  expect(messages.map(({ epoch, from }) => [epoch, from])).toEqual([
    ['e', ADA],
    ['f', ADA],
  ]);
});

it('what this wire has no place for is nowhere', () => {
  const reaction = said(2, bob, { kind: 'action', position: null });
  expect(senders(worded(said(1, ada), reaction, said(3, ada)))).toEqual([{ from: ADA, each: [undefined, undefined] }]);
  expect(worded(reaction)).toEqual([]);
});
