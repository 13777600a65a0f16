import type { AuditEntry } from '../ports/store.ts';
import type { Case } from './case.ts';
import { check, checkSame, rejection } from './check.ts';
import { APP, denial, keepAll, message, newest, type StoreHarness } from './store-harness.ts';

function entry(n: number, app: string | null = APP): AuditEntry {
  return { at: 1_764_000_000_000 + n, app, actor: `key-${n}`, action: 'rule.created', detail: { n, text: 'ü "😀"' } };
}

/** What a store promises about the audit trail, about counts of denials, and about being closed. */
export const trailCases: readonly Case<StoreHarness>[] = [
  {
    name: 'the audit trail is read newest first, page by page, of one app or of all',
    async run({ store }) {
      for (let n = 1; n <= 5; n += 1) await store.audit(entry(n, n === 3 ? null : n === 4 ? 'other' : APP));
      const all = await store.auditTrail({ limit: 10 });
      checkSame(
        all.map(({ detail }) => detail.n),
        [5, 4, 3, 2, 1],
        'all',
      );
      const mine = await store.auditTrail({ app: APP, limit: 2 });
      checkSame(
        mine.map(({ detail }) => detail.n),
        [5, 2],
        'the first page of one app',
      );
      const next = await store.auditTrail({ app: APP, limit: 2, before: mine[1]?.id ?? 0 });
      checkSame(
        next.map(({ detail }) => detail.n),
        [1],
        'the second page',
      );
      const { id, ...first } = next[0] ?? { id: 0 };
      checkSame(first, entry(1), 'an entry');
      check(id > 0, 'an entry has an id');
    },
  },
  {
    name: 'what the trail says of a commit is kept with it, or not at all',
    async run({ store }) {
      await store.commit(APP, 1, [{ type: 'outside' }, { type: 'trail', entry: entry(1) }]);
      await rejection(store.commit(APP, 1, [{ type: 'trail', entry: entry(2) }]), 'an epoch that is not above');
      await store.audit(entry(3));
      checkSame(
        (await store.auditTrail({ limit: 10 })).map(({ detail }) => detail.n),
        [3, 1],
        'entries',
      );
    },
  },
  {
    name: 'denials of one minute, app, code, principal and rule are one count',
    async run({ store }) {
      await Promise.all([
        store.countDenials([denial({ count: 2 }), denial({ count: 3 }), denial({ rule: 5 })]),
        store.countDenials([denial({ count: 10 }), denial({ principal: 'user:ann' }), denial({ app: 'other' })]),
        store.countDenials([
          denial({ code: 'grant.missing' }),
          denial({ minute: denial().minute + 1 }),
          denial({ rule: 0 }),
        ]),
      ]);
      await store.countDenials([]);
      const counted = await store.denials(APP, 0);
      const expected = [
        denial({ count: 15 }),
        denial({ rule: 5 }),
        denial({ rule: 0 }),
        denial({ principal: 'user:ann' }),
        denial({ code: 'grant.missing' }),
        denial({ minute: denial().minute + 1 }),
      ];
      checkSame(sorted(counted), sorted(expected), 'the counts');
      const later = await store.denials(APP, denial().minute + 1);
      checkSame(later, [denial({ minute: denial().minute + 1 })], 'since the next minute');
    },
  },
  {
    name: 'principals that only look alike are counted apart',
    async run({ store }) {
      const principals = [
        'stated:a',
        'stated:a\0b',
        'stated:\ud800',
        'stated:\ud801',
        'stated:\ufffd',
        '"stated:a"',
        'STATED:A',
      ];
      await store.countDenials(principals.map((principal) => denial({ principal })));
      const counted = await store.denials(APP, 0);
      checkSame(counted.map(({ principal }) => principal).sort(), [...principals].sort(), 'the principals');
      check(
        counted.every(({ count }) => count === 1),
        'each is counted once',
      );
    },
  },
  {
    name: 'a closed store rejects every call',
    async run({ store }) {
      await store.close();
      await rejection(store.load(), 'load');
      await rejection(store.commit(APP, 1, []), 'commit');
      await rejection(store.append({ publication: message(1), keep: 1 }), 'append');
      await rejection(newest(store), 'history');
      await rejection(store.audit(entry(1)), 'audit');
      await rejection(store.countDenials([denial()]), 'countDenials');
      await rejection(store.deleteRange({ app: APP, channel: 'room/1' }), 'deleteRange');
      await rejection(store.removeAction(APP, 'room/1', 1n, 1n), 'removeAction');
      await rejection(store.objects(APP, 'user', { limit: 1 }), 'objects');
      await rejection(store.putMemberships(APP, []), 'putMemberships');
      await rejection(store.fileTotals(APP), 'fileTotals');
    },
  },
  {
    name: 'closing twice is closing once',
    async run({ store }) {
      await keepAll(store, [message(1)]);
      await Promise.all([store.close(), store.close()]);
      await store.close();
    },
  },
];

export const durableTrailCases: readonly Case<StoreHarness>[] = [
  {
    name: 'the audit trail and the counts survive closing and opening',
    async run({ store, reopen }) {
      await store.audit(entry(1));
      await store.countDenials([denial({ count: 4 })]);
      const before = await store.auditTrail({ limit: 10 });
      const again = await reopen();
      await again.audit(entry(2));
      await again.countDenials([denial({ count: 5 })]);
      const after = await again.auditTrail({ limit: 10 });
      checkSame(after.slice(1), before, 'the entries from before');
      check((after[0]?.id ?? 0) > (after[1]?.id ?? 0), 'ids go on');
      checkSame(await again.denials(APP, 0), [denial({ count: 9 })], 'the counts');
    },
  },
];

function sorted(counts: readonly object[]): string[] {
  return counts.map((count) => JSON.stringify(Object.entries(count).sort())).sort();
}
