import { utf8Length } from '@portcullis/policy';
import type { Store } from '../ports/store.ts';
import type { OutboxEntry, WaitingEntry } from '../ports/store-outbox.ts';
import type { Case } from './case.ts';
import { check, checkSame, rejection } from './check.ts';
import { APP, CHANNEL, message, newest, rule, START, type StoreHarness } from './store-harness.ts';

const ACTION = 'denied/webhook';
/** Larger than 2³¹, as real ones are. */
const FIRST = 7_000_000_000_000_000;

function entry(n: number, changes: Partial<OutboxEntry> = {}): OutboxEntry {
  const event = `{"id":"evt-${n}","text":"ü — 😀"}`;
  return { seq: FIRST + n, app: APP, action: ACTION, channel: CHANNEL, event, at: 1_764_000_000_000 + n, ...changes };
}

const entries = (count: number): OutboxEntry[] => Array.from({ length: count }, (_, at) => entry(at + 1));

async function waiting(
  store: Store,
  changes: { action?: string; app?: string } = {},
): Promise<readonly WaitingEntry[]> {
  return store.waiting({ app: APP, action: ACTION, after: 0, limit: 100, ...changes });
}

const numbers = (found: readonly { readonly seq: number }[]): number[] => found.map(({ seq }) => seq - FIRST);

const OBJECT = { id: 'ann', fields: { name: 'Ann' }, updated: 1, etag: 'e1' };
const REACTION = {
  app: APP,
  channel: CHANNEL,
  messageTimetoken: START + 1n,
  type: 'reaction',
  user: 'ann',
  proven: true,
};

/** What a store promises about events on their way, dead letters, and listeners made through the API. */
export const outboxCases: readonly Case<StoreHarness>[] = [
  {
    name: 'entries wait whole and in the order of their numbers, each for its action in its app',
    async run({ store }) {
      await store.enqueue([entry(2), entry(1), entry(3, { action: 'other' }), entry(4, { app: 'elsewhere' })]);
      checkSame(
        await waiting(store),
        [entry(1), entry(2)].map((each) => ({ ...each, attempts: 0, due: 0 })),
        'waiting',
      );
      checkSame(numbers(await waiting(store, { action: 'other' })), [3], 'another action');
      checkSame(numbers(await waiting(store, { app: 'elsewhere' })), [4], 'another app');
    },
  },
  {
    name: 'entries are read page by page, and of one channel alone',
    async run({ store }) {
      await store.enqueue([...entries(5), entry(6, { channel: '' }), entry(7, { channel: 'b' })]);
      const query = { app: APP, action: ACTION };
      checkSame(numbers(await store.waiting({ ...query, after: FIRST + 1, limit: 2 })), [2, 3], 'a page');
      checkSame(numbers(await store.waiting({ ...query, after: 0, limit: 9, channel: '' })), [6], 'of no channel');
      checkSame(numbers(await store.waiting({ ...query, after: FIRST + 4, limit: 9, channel: CHANNEL })), [5], 'rest');
    },
  },
  {
    name: 'a message and what is told of it are there together, or neither',
    async run({ store }) {
      await store.append({ publication: message(1), keep: 10 }, [entry(1), entry(2)]);
      checkSame(numbers(await waiting(store)), [1, 2], 'with the message');
      await rejection(
        store.append({ publication: message(1, { data: '"again"' }), keep: 10 }, [entry(3)]),
        'a timetoken that is taken',
      ).catch(() => {});
      checkSame(
        numbers(await waiting(store)).includes(3),
        (await newest(store)).length > 1,
        'told of a message that is not kept',
      );
    },
  },
  {
    name: 'a change of authority that is refused tells nothing',
    async run({ store }) {
      await store.commit(APP, 3, [{ type: 'rule.put', rule: rule(1_000_000) }], [entry(1)]);
      await rejection(store.commit(APP, 3, [{ type: 'outside' }], [entry(2)]), 'an epoch that is not above');
      checkSame(numbers(await waiting(store)), [1], 'told');
    },
  },
  {
    name: 'what changes nothing tells nothing: reactions, metadata, memberships',
    async run({ store }) {
      await store.append({ publication: message(1), keep: 10 });
      const reaction = { ...REACTION, value: 'x', timetoken: START + 2n, now: 0 };
      await store.addAction(reaction, [entry(1)]);
      await store.addAction({ ...reaction, timetoken: START + 3n }, [entry(2)]);
      await store.removeAction(APP, CHANNEL, START + 1n, START + 2n, [entry(3)]);
      await store.removeAction(APP, CHANNEL, START + 1n, START + 2n, [entry(4)]);
      await store.putObject(APP, 'user', OBJECT, null, [entry(5)]);
      await store.putObject(APP, 'user', OBJECT, null, [entry(6)]);
      await store.putObject(APP, 'user', { ...OBJECT, etag: 'e2' }, 'e1', [entry(7)]);
      await store.deleteObject(APP, 'user', 'bob', [entry(8)]);
      await store.deleteObject(APP, 'user', 'ann', [entry(9)]);
      const row = { user: 'ann', channel: CHANNEL, fields: {}, updated: 1, etag: 'm1' };
      await store.putMemberships(APP, [{ ...row, expectedEtag: null }], [entry(10)]);
      await store.putMemberships(APP, [{ ...row, expectedEtag: null }], [entry(11)]);
      const keys = [row, { ...row, channel: 'other' }];
      const gone = await store.deleteMemberships(APP, keys, ({ channel }) => [entry(channel === CHANNEL ? 12 : 13)]);
      checkSame(gone, [row], 'the membership that was there');
      checkSame(numbers(await waiting(store)), [1, 3, 5, 7, 9, 10, 12], 'told');
    },
  },
  {
    name: 'what is done goes, what failed stays with its attempts, what is given up becomes a letter',
    async run({ store }) {
      await store.enqueue(entries(4));
      await store.settle(APP, ACTION, {
        done: [FIRST + 1],
        failed: [{ seq: FIRST + 2, attempts: 3, due: 1_764_000_009_000 }],
        dead: [{ seq: FIRST + 3, attempts: 8, diedAt: 1_764_000_010_000, reason: 'answered 500' }],
      });
      const left = await waiting(store);
      checkSame(
        left.map(({ seq, attempts, due }) => [seq - FIRST, attempts, due]),
        [
          [2, 3, 1_764_000_009_000],
          [4, 0, 0],
        ],
        'left',
      );
      const letters = await store.deadLetters({ app: APP, limit: 10 });
      checkSame(letters, [{ ...entry(3), attempts: 8, diedAt: 1_764_000_010_000, reason: 'answered 500' }], 'letters');
      await store.settle(APP, ACTION, { done: [FIRST + 1, FIRST + 99] });
      checkSame(numbers(await waiting(store)), [2, 4], 'what was not there');
    },
  },
  {
    name: 'dead letters are read newest first, played again under new numbers, deleted and trimmed',
    async run({ store }) {
      await store.enqueue([...entries(5), entry(6, { action: 'other' })]);
      const dead = (seq: number) => ({ seq, attempts: 8, diedAt: 1, reason: 'r' });
      await store.settle(APP, ACTION, { dead: [1, 2, 3, 4, 5].map((n) => dead(FIRST + n)) });
      await store.settle(APP, 'other', { dead: [dead(FIRST + 6)] });
      checkSame(numbers(await store.deadLetters({ app: APP, limit: 2 })), [6, 5], 'the first page');
      checkSame(numbers(await store.deadLetters({ app: APP, limit: 2, before: FIRST + 5 })), [4, 3], 'the next');
      checkSame(numbers(await store.deadLetters({ app: APP, action: 'other', limit: 9 })), [6], 'of one action');
      const moves = [
        { seq: FIRST + 1, to: FIRST + 11 },
        { seq: FIRST + 99, to: FIRST + 12 },
      ];
      checkSame(await store.replayLetters(APP, moves), [entry(1, { seq: FIRST + 11 })], 'played again');
      checkSame(await store.replayLetters('elsewhere', [{ seq: FIRST + 2, to: FIRST + 13 }]), [], 'of another app');
      checkSame(await waiting(store), [{ ...entry(1, { seq: FIRST + 11 }), attempts: 0, due: 0 }], 'waits anew');
      checkSame(await store.deleteLetters(APP, [FIRST + 2, FIRST + 99]), 1, 'deleted');
      checkSame(await store.countDeadLetters(APP), 4, 'counted');
      checkSame(await store.trimLetters(APP, 2), 2, 'trimmed');
      checkSame(numbers(await store.deadLetters({ app: APP, limit: 9 })), [6, 5], 'the newest stay');
    },
  },
  {
    name: 'totals say how much waits for each action, and what is dropped is gone',
    async run({ store }) {
      checkSame(await store.outboxTotals(), [], 'an empty outbox');
      await store.enqueue([...entries(2), entry(3, { action: 'other' })]);
      const totals = [...(await store.outboxTotals())].sort((one, other) => one.lastSeq - other.lastSeq);
      const bytes = utf8Length(entry(1).event);
      checkSame(
        totals,
        [
          { app: APP, action: ACTION, count: 2, bytes: bytes * 2, lastSeq: FIRST + 2 },
          { app: APP, action: 'other', count: 1, bytes, lastSeq: FIRST + 3 },
        ],
        'totals',
      );
      await store.dropWaiting(APP, ACTION);
      checkSame(numbers(await waiting(store)), [], 'dropped');
    },
  },
  {
    name: 'listeners are kept by app and name; a deleted app takes them and all that waits along',
    async run({ store }) {
      await store.putListener({ app: APP, name: 'b', body: '{"on":[]}' });
      await store.putListener({ app: APP, name: 'a', body: '{}' });
      await store.putListener({ app: APP, name: 'b', body: '{"on":["x"]}' });
      checkSame(
        await store.listeners(),
        [
          { app: APP, name: 'a', body: '{}' },
          { app: APP, name: 'b', body: '{"on":["x"]}' },
        ],
        'listeners',
      );
      checkSame(await store.deleteListener(APP, 'a'), true, 'deleted');
      checkSame(await store.deleteListener(APP, 'a'), false, 'deleted twice');
      await store.enqueue(entries(2));
      await store.settle(APP, ACTION, { dead: [{ seq: FIRST + 1, attempts: 1, diedAt: 1, reason: '' }] });
      await store.commit(APP, 1, [{ type: 'app.delete' }]);
      check((await store.listeners()).length === 0, 'no listener is left');
      checkSame(numbers(await waiting(store)), [], 'nothing waits');
      checkSame(await store.deadLetters({ app: APP, limit: 9 }), [], 'no letter is left');
    },
  },
];

export const durableOutboxCases: readonly Case<StoreHarness>[] = [
  {
    name: 'what waits, what was given up and who listens outlive the process',
    async run(harness) {
      await harness.store.append({ publication: message(1), keep: 10 }, entries(3));
      await harness.store.settle(APP, ACTION, {
        failed: [{ seq: FIRST + 1, attempts: 2, due: 9 }],
        dead: [{ seq: FIRST + 2, attempts: 8, diedAt: 1, reason: 'r' }],
      });
      await harness.store.putListener({ app: APP, name: 'a', body: '{}' });
      const again = await harness.reopen();
      checkSame(
        (await waiting(again)).map(({ seq, attempts }) => [seq - FIRST, attempts]),
        [
          [1, 2],
          [3, 0],
        ],
        'waiting',
      );
      checkSame(numbers(await again.deadLetters({ app: APP, limit: 9 })), [2], 'letters');
      checkSame((await again.listeners()).length, 1, 'listeners');
      checkSame(
        (await again.outboxTotals()).map(({ count }) => count),
        [2],
        'totals',
      );
    },
  },
];
