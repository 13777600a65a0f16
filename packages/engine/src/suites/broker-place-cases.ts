import { APP, type BrokerHarness, CHANNEL, draft, NOW, placed } from './broker-harness.ts';
import type { Case } from './case.ts';
import { check, checkSame } from './check.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** What a broker promises about positions, timetokens and policy epochs. */
export const placeCases: readonly Case<BrokerHarness>[] = [
  {
    name: 'a publication is its draft with a place, a timetoken and a stamp',
    async run({ broker }) {
      const asked = draft({ kind: 'event', table: 'users', row: 12, data: '{"a":1}' });
      const publication = await placed(broker, asked);
      const { position, timetoken, stamp, seq, ...rest } = publication;
      checkSame(rest, asked, 'the draft in it');
      checkSame([typeof position?.epoch, typeof timetoken, stamp, seq], ['string', 'bigint', 0, 1], 'its place');
    },
  },
  {
    name: 'logged publications of a channel take offsets without a gap; the others take none',
    async run({ broker }) {
      const first = await placed(broker);
      const unlogged = await placed(broker, { logged: false });
      const second = await placed(broker);
      checkSame(unlogged.position, null, 'the place of what is not logged');
      checkSame((second.position?.offset ?? 0) - (first.position?.offset ?? 0), 1, 'the step');
      checkSame(second.position?.epoch, first.position?.epoch, 'the epoch');
      check((first.position?.offset ?? 0) >= 1, 'offsets start at 1 at least');
    },
  },
  {
    name: 'channels and apps have logs of their own, whatever their names',
    async run({ broker }) {
      const places = [
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['a', 'b'],
        ['__proto__', 'constructor'],
        ['demo', 'ROOM/1'],
        ['demo', 'room/1'],
      ] as const;
      for (const [app, channel] of places) {
        await placed(broker, { app, channel });
        const { seq } = await placed(broker, { app, channel });
        checkSame([seq, await broker.lastSeq(app, channel)], [2, 2], `the second in ${app} ${channel}`);
      }
    },
  },
  {
    name: 'timetokens of an app strictly increase over all its channels, also while the clock stands still or steps back',
    async run({ broker, setTime }) {
      let last = 0n;
      for (const ms of [NOW, NOW, NOW - 60_000, NOW + 5, NOW + 4]) {
        setTime(ms);
        for (const channel of ['a', 'b', 'a']) {
          const { timetoken } = await placed(broker, { channel, logged: channel === 'a' });
          check(timetoken > last, `${timetoken} comes after ${last}`);
          last = timetoken;
        }
      }
    },
  },
  {
    name: 'a timetoken tells the time in units of 100 ns: 17 digits',
    async run({ broker, setTime }) {
      setTime(NOW);
      const { timetoken } = await placed(broker);
      const off = timetoken - BigInt(NOW) * TICKS_PER_MS;
      check(off >= 0n && off < TICKS_PER_MS, `${timetoken} lies in the millisecond ${NOW}`);
      checkSame(String(timetoken).length, 17, 'digits');
    },
  },
  {
    name: 'timetokens start above the floor, which never comes down',
    async run({ broker, setTime }) {
      setTime(NOW);
      const floor = BigInt(NOW + 60_000) * TICKS_PER_MS;
      broker.floor(floor);
      broker.floor(5n);
      check((await placed(broker)).timetoken > floor, 'a publication comes above it');
      check((await broker.raise('other', 1)) > floor, 'an epoch comes above it');
    },
  },
  {
    name: 'what was decided under an older epoch is stale, takes no place, and may ask again',
    async run({ broker }) {
      const before = await placed(broker);
      await broker.raise(APP, 5);
      for (const epoch of [0, 4]) checkSame(await broker.append(draft(), epoch), 'stale', `epoch ${epoch}`);
      const after = await placed(broker, {}, 5);
      checkSame(after.position?.offset, (before.position?.offset ?? 0) + 1, 'the next offset');
      checkSame([after.seq, after.stamp], [before.seq + 1, 5], 'the next number, and its stamp');
    },
  },
  {
    name: 'an epoch never comes down, and is the app’s own',
    async run({ broker }) {
      await broker.raise(APP, 5);
      await broker.raise(APP, 3);
      checkSame(await broker.append(draft(), 4), 'stale', 'epoch 4 after 5 and 3');
      checkSame((await placed(broker, { app: 'other' }, 0)).stamp, 0, 'another app');
    },
  },
  {
    name: 'raising an epoch parts the app’s publications in time: those before it and those after it',
    async run({ broker }) {
      const before = await Promise.all([placed(broker), placed(broker, { channel: 'b' })]);
      const raised = await broker.raise(APP, 1);
      const after = await Promise.all([placed(broker, {}, 1), placed(broker, { channel: 'b' }, 1)]);
      check(
        before.every(({ timetoken }) => timetoken <= raised),
        'none before is later',
      );
      check(
        after.every(({ timetoken }) => timetoken > raised),
        'each after is later',
      );
    },
  },
  {
    name: 'a restored channel goes on where its log ended, above its newest timetoken',
    async run({ broker, setTime }) {
      setTime(NOW);
      const timetoken = BigInt(NOW + 60_000) * TICKS_PER_MS;
      checkSame(broker.has(APP, CHANNEL), false, 'live before');
      broker.floor(timetoken);
      broker.restore(APP, CHANNEL, { epoch: 'from-before', offset: 41, timetoken });
      checkSame(broker.has(APP, CHANNEL), true, 'live after');
      const publication = await placed(broker);
      checkSame(publication.position, { epoch: 'from-before', offset: 42 }, 'its position');
      check(publication.timetoken > timetoken, 'its timetoken');
    },
  },
  {
    name: 'a head given for one channel alone lifts that channel’s timetokens',
    async run({ broker, setTime }) {
      setTime(NOW);
      const timetoken = BigInt(NOW + 60_000) * TICKS_PER_MS;
      broker.restore(APP, CHANNEL, { epoch: 'from-before', offset: 41, timetoken });
      check((await placed(broker)).timetoken > timetoken, 'its timetoken');
    },
  },
  {
    name: 'restoring does nothing to a channel that is live',
    async run({ broker }) {
      const first = await placed(broker);
      broker.restore(APP, CHANNEL, { epoch: 'from-before', offset: 41, timetoken: 1n });
      broker.restore(APP, CHANNEL, null);
      const second = await placed(broker);
      const expected = { epoch: first.position?.epoch, offset: (first.position?.offset ?? 0) + 1 };
      checkSame(second.position, expected, 'the next position');
    },
  },
  {
    name: 'a channel restored from nothing is live, with a log of its own',
    async run({ broker }) {
      broker.restore(APP, 'a', null);
      broker.restore(APP, 'b', null);
      checkSame([broker.has(APP, 'a'), broker.has('other', 'a')], [true, false], 'live');
      checkSame(broker.lastSeq(APP, 'a'), 0, 'the newest number');
      const [a, b] = [await placed(broker, { channel: 'a' }), await placed(broker, { channel: 'b' })];
      check(a.position?.epoch !== b.position?.epoch, 'two logs have two epochs');
    },
  },
  {
    name: 'no place is given twice, also after a channel was forgotten',
    async run({ broker }) {
      const first = await placed(broker);
      await broker.publish(first);
      broker.forget(APP, CHANNEL);
      checkSame([broker.has(APP, CHANNEL), broker.lastSeq(APP, CHANNEL)], [false, 0], 'forgotten');
      const again = await placed(broker);
      const [before, after] = [first.position, again.position];
      check(before?.epoch !== after?.epoch || before?.offset !== after?.offset, 'the place is another one');
      check(again.timetoken > first.timetoken, 'time goes on');
    },
  },
];
