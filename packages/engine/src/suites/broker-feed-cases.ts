import type { Publication } from '../publication.ts';
import { APP, type BrokerHarness, CHANNEL, numbers, placed, received } from './broker-harness.ts';
import type { Case } from './case.ts';
import { checkSame } from './check.ts';

/** What a broker promises about handing publications on. */
export const feedCases: readonly Case<BrokerHarness>[] = [
  {
    name: 'nothing is handed on before it is published, and then once',
    async run({ broker, settled }) {
      const feed = received(broker);
      const publication = await placed(broker);
      await settled();
      checkSame(feed.length, 0, 'handed on before');
      await broker.publish(publication);
      await settled();
      checkSame(feed, [publication], 'handed on after');
    },
  },
  {
    name: 'a channel’s publications are handed on in the order of their places, whichever is published first',
    async run({ broker, settled }) {
      const feed = received(broker);
      const [one, two, three] = [await placed(broker), await placed(broker, { logged: false }), await placed(broker)];
      await broker.publish(three);
      await broker.publish(two);
      await settled();
      checkSame(numbers(feed), [], 'while the first is on its way to the disk');
      await broker.publish(one);
      await settled();
      checkSame(numbers(feed), [one.seq, two.seq, three.seq], 'afterwards');
    },
  },
  {
    name: 'a place that was given up is passed over',
    async run({ broker, settled }) {
      const feed = received(broker);
      const [one, two, three] = [await placed(broker), await placed(broker), await placed(broker)];
      await broker.publish(three);
      broker.drop(one);
      await settled();
      checkSame(numbers(feed), [], 'while the second is missing');
      broker.drop(two);
      await settled();
      checkSame(numbers(feed), [three.seq], 'afterwards');
      const four = await placed(broker);
      await broker.publish(four);
      await settled();
      checkSame(numbers(feed), [three.seq, four.seq], 'what comes later');
      checkSame(broker.lastSeq(APP, CHANNEL), four.seq, 'the newest number');
    },
  },
  {
    name: 'the head of the feed is what was handed on, not what has its place',
    async run({ broker, settled }) {
      received(broker);
      const begun = broker.feed(APP, CHANNEL);
      checkSame([begun.position.offset, begun.seq], [0, 0], 'at the beginning');
      const [one, two, three] = [await placed(broker), await placed(broker, { logged: false }), await placed(broker)];
      checkSame(broker.feed(APP, CHANNEL), begun, 'while nothing is handed on');
      await broker.publish(one);
      await broker.publish(two);
      await settled();
      checkSame(broker.feed(APP, CHANNEL), { position: one.position, seq: two.seq }, 'where the newest takes no place');
      broker.drop(three);
      await settled();
      checkSame(broker.feed(APP, CHANNEL), { position: one.position, seq: three.seq }, 'where one was given up');
      broker.renew(APP, CHANNEL);
      const renewed = broker.feed(APP, CHANNEL).position;
      checkSame(renewed.offset, 0, 'in a new log');
      checkSame(renewed.epoch === begun.position.epoch, false, 'of another epoch');
    },
  },
  {
    name: 'a restored log begins where it ended',
    async run({ broker }) {
      broker.restore(APP, CHANNEL, { epoch: 'before', offset: 7, timetoken: 5n });
      checkSame(broker.feed(APP, CHANNEL), { position: { epoch: 'before', offset: 7 }, seq: 0 }, 'the head');
    },
  },
  {
    name: 'one channel waiting for its disk holds no other up',
    async run({ broker, settled }) {
      const feed = received(broker);
      const waiting = await placed(broker);
      const other = await placed(broker, { channel: 'other' });
      const foreign = await placed(broker, { app: 'foreign' });
      await broker.publish(other);
      await broker.publish(foreign);
      await settled();
      checkSame(
        feed.map(({ app, channel }) => `${app} ${channel}`).sort(),
        ['demo other', 'foreign room/1'],
        'handed on',
      );
      await broker.publish(waiting);
      await settled();
      checkSame(feed.length, 3, 'in the end');
    },
  },
  {
    name: 'what the receiver publishes while it is handed something comes after it, in order',
    async run({ broker, settled }) {
      const feed: Publication[] = [];
      const [one, two, echo] = [await placed(broker), await placed(broker), await placed(broker)];
      broker.onPublication((publication) => {
        if (publication === one || publication.seq === one.seq) void broker.publish(echo);
        feed.push(publication);
      });
      await broker.publish(two);
      await broker.publish(one);
      await settled();
      checkSame(numbers(feed), [one.seq, two.seq, echo.seq], 'the order');
    },
  },
  {
    name: 'a channel with something on its way is not forgotten',
    async run({ broker, settled }) {
      const feed = received(broker);
      const publication = await placed(broker);
      broker.forget(APP, CHANNEL);
      await broker.publish(publication);
      await settled();
      checkSame(numbers(feed), [publication.seq], 'handed on');
    },
  },
  {
    name: 'a channel that was forgotten is handed on again when it comes back',
    async run({ broker, settled }) {
      const feed = received(broker);
      await broker.publish(await placed(broker));
      broker.forget(APP, CHANNEL);
      await broker.publish(await placed(broker));
      await settled();
      checkSame(feed.length, 2, 'handed on');
    },
  },
];
