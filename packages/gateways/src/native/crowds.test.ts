import type { Draft, Member, PresenceChange, Publication } from '@portcullis/engine';
import { SILENT_LOG } from '@portcullis/engine';
import { beforeEach, expect, it, vi } from 'vitest';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { announcedTexts, Crowds } from './crowds.ts';

let clock: ManualClock;
let crowds: Crowds;
let announced: Draft[];
let place: bigint;
let here: number;

beforeEach(() => {
  clock = new ManualClock();
  announced = [];
  place = 0n;
  here = 10;
  crowds = new Crowds({
    engine: {
      announce: (draft) => {
        announced.push(draft);
        return 0n;
      },
      hereNow: (_, channel) => ({ channel, occupancy: here, occupants: [] }),
    },
    clock,
    log: SILENT_LOG,
    settingsOf: () => ({ announceMax: 5, interval: 1_000 }),
  });
});

function change(action: PresenceChange['action'], session: string, occupancy: number, state?: object): Publication {
  const member: Member = { session, user: session, proven: true, table: 1, row: session, extras: {} };
  return {
    app: 'demo',
    channel: 'room',
    kind: 'presence',
    audience: { to: 'presence' },
    sender: null,
    data: '',
    presence: { action, member, occupancy, occupantChanged: true, ...(state && { state: state as never }) },
    logged: false,
    position: null,
    timetoken: ++place,
    stamp: 1,
    seq: Number(place),
  };
}
const told = () =>
  announced.flatMap((draft) =>
    announcedTexts(draft as Publication).map((text) => JSON.parse(text) as Record<string, unknown>),
  );

it('tells the changes of a small channel by themselves', () => {
  expect(crowds.tells(change('join', 'a', 5))).toBe(true);
  expect(crowds.tells(change('leave', 'a', 4))).toBe(true);
  clock.advance(10_000);
  expect(announced).toEqual([]);
});

it('gathers those of a crowded one, and tells them together with the occupancy of then', () => {
  for (const session of ['a', 'b', 'c']) expect(crowds.tells(change('join', session, 6))).toBe(false);
  expect(crowds.tells(change('leave', 'x', 8))).toBe(false);
  expect(announced).toEqual([]);
  clock.advance(1_000);
  expect(told().map(({ action, member, occupancy }) => [action, (member as Member).session, occupancy])).toEqual([
    ['join', 'a', 10],
    ['join', 'b', 10],
    ['join', 'c', 10],
    ['leave', 'x', 10],
  ]);
  expect(announced).toMatchObject([{ door: 'native', audience: { to: 'presence' }, logged: false }]);
});

it('does not mention whoever came and went in between, and shows others as they are in the end', () => {
  crowds.tells(change('join', 'a', 6));
  crowds.tells(change('join', 'b', 7));
  crowds.tells(change('leave', 'a', 6));
  expect(crowds.tells(change('state-change', 'b', 6, { mood: 'good' }))).toBe(false);
  clock.advance(1_000);
  expect(told()).toMatchObject([{ action: 'join', member: { session: 'b', state: { mood: 'good' } } }]);
});

it('counts a change once, whoever asks again and when', () => {
  const publication = change('join', 'a', 6);
  for (let times = 0; times < 3; times += 1) expect(crowds.tells(publication)).toBe(false);
  clock.advance(1_000);
  expect(crowds.tells(publication)).toBe(false);
  clock.advance(1_000);
  expect(told()).toHaveLength(1);
});

it('keeps the order: while changes are gathered none overtakes them, though the channel is small again', () => {
  crowds.tells(change('join', 'a', 6));
  expect(crowds.tells(change('leave', 'a', 5))).toBe(false);
  crowds.tells(change('join', 'b', 6));
  expect(crowds.tells(change('leave', 'c', 4))).toBe(false);
  clock.advance(1_000);
  expect(told().map(({ action }) => action)).toEqual(['join', 'leave']);
  expect(crowds.tells(change('join', 'd', 5))).toBe(true);
});

it('tells early what grows large', async () => {
  for (let n = 0; n < 400; n += 1) crowds.tells(change('join', `${'session'.repeat(10)}-${n}`, 100 + n));
  await vi.waitFor(() => expect(told().length).toBeGreaterThan(0));
});
