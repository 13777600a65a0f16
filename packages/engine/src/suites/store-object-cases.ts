import type { Store } from '../ports/store.ts';
import type { MembershipRow, ObjectRow } from '../ports/store-objects.ts';
import type { Case } from './case.ts';
import { checkSame } from './check.ts';
import { APP, type StoreHarness } from './store-harness.ts';

const UPDATED = 1_764_234_567_890_123;

function row(id: string, etag = 'e1'): ObjectRow {
  const fields = { name: `Name of ${id}`, custom: { n: 1.5, text: 'ü "😀" \u0000', none: null }, email: null };
  return { id, fields, updated: UPDATED, etag };
}

function belongs(user: string, channel: string, etag = 'e1'): MembershipRow {
  return { user, channel, fields: { status: 'active', custom: null }, updated: UPDATED, etag };
}

/** Names that only look alike, or mean something to somebody. */
const ODD = ['"a', '__proto__', 'A', 'a', 'a ', 'a\0b', 'a:b', 'ä', '\u{1f600}', '\ufffd', '\ud800'];

/** Page by page, in twos. */
async function scanned(read: (after: string | undefined) => Promise<readonly string[]>): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const page = await read(found.at(-1));
    if (page.length === 0) return found;
    found.push(...page);
  }
}

function scanUsers(store: Store): Promise<string[]> {
  return scanned(async (after) => {
    const page = await store.objects(APP, 'user', after === undefined ? { limit: 2 } : { after, limit: 2 });
    return page.map(({ id }) => id);
  });
}

/** What a store promises about what is written down of users and channels. */
export const objectCases: readonly Case<StoreHarness>[] = [
  {
    name: 'an object comes back as it was put, apart from those of other kinds, apps and names',
    async run({ store }) {
      for (const id of ODD) await store.putObject(APP, 'user', row(id, id));
      await store.putObject(APP, 'channel', row('a', 'of the channel'));
      await store.putObject('other', 'user', row('a', 'of the other app'));
      for (const id of ODD) checkSame(await store.object(APP, 'user', id), row(id, id), JSON.stringify(id));
      checkSame((await store.object(APP, 'channel', 'a'))?.etag, 'of the channel', 'the channel');
      checkSame((await store.object('other', 'user', 'a'))?.etag, 'of the other app', 'the other app’s');
      checkSame(await store.object(APP, 'channel', 'A'), null, 'what is not there');
      const counts = [await store.countObjects(APP, 'user'), await store.countObjects(APP, 'channel')];
      checkSame(counts, [ODD.length, 1], 'the counts');
      checkSame((await scanUsers(store)).sort(), [...ODD].sort(), 'the scan');
    },
  },
  {
    name: 'objects are scanned page by page in the order of their ids, whatever is put and deleted meanwhile',
    async run({ store }) {
      for (const id of ['b', 'd', 'c', 'B', 'a', 'f', 'e']) await store.putObject(APP, 'user', row(id));
      checkSame(await scanUsers(store), ['B', 'a', 'b', 'c', 'd', 'e', 'f'], 'all');
      const first = await store.objects(APP, 'user', { limit: 3 });
      await store.deleteObject(APP, 'user', 'b');
      await store.putObject(APP, 'user', row('aa'));
      const second = await store.objects(APP, 'user', { after: 'b', limit: 2 });
      checkSame(
        [...first, ...second].map(({ id }) => id),
        ['B', 'a', 'b', 'c', 'd'],
        'across a change',
      );
      const none = [
        await store.objects(APP, 'user', { after: 'f', limit: 9 }),
        await store.objects(APP, 'user', { limit: 0 }),
      ];
      checkSame(none, [[], []], 'nothing');
    },
  },
  {
    name: 'a put that expects another row than there is conflicts, and changes nothing',
    async run({ store }) {
      const puts = [
        [row('a', 'e0'), 'e9'],
        [row('a', 'e1'), null],
        [row('a', 'e2'), null],
        [row('a', 'e3'), 'e9'],
        [row('a', 'e4'), 'e1'],
        [row('a', 'e5'), 'e1'],
      ] as const;
      const answers = await Promise.all(puts.map(([put, expected]) => store.putObject(APP, 'user', put, expected)));
      checkSame(answers, ['conflict', 'put', 'conflict', 'conflict', 'put', 'conflict'], 'the answers');
      checkSame(await store.object(APP, 'user', 'a'), row('a', 'e4'), 'the row');
      checkSame(await store.putObject(APP, 'user', row('a', 'e6')), 'put', 'one that expects nothing');
      const deleted = [await store.deleteObject(APP, 'user', 'a'), await store.deleteObject(APP, 'user', 'a')];
      checkSame(deleted, [true, false], 'deleted twice');
      checkSame(await store.putObject(APP, 'user', row('a', 'e7'), 'e6'), 'conflict', 'over what was deleted');
    },
  },
];

export const durableObjectCases: readonly Case<StoreHarness>[] = [
  {
    name: 'app context survives closing and opening',
    async run({ store, reopen }) {
      await store.putObject(APP, 'user', row('ann'));
      await store.putMemberships(APP, [belongs('ann', 'room')]);
      const again = await reopen();
      checkSame(await again.object(APP, 'user', 'ann'), row('ann'), 'the object');
      checkSame(
        await again.membership(APP, { user: 'ann', channel: 'room' }),
        belongs('ann', 'room'),
        'the membership',
      );
    },
  },
];

/** What a store promises about who belongs where. */
export const membershipCases: readonly Case<StoreHarness>[] = [
  {
    name: 'memberships are read by user and by channel, page by page in the order of the other side',
    async run({ store }) {
      const rows = ['b', 'a', 'd', 'c'].flatMap((user) => [belongs(user, 'x'), belongs(user, `${user}-room`)]);
      checkSame(await store.putMemberships(APP, rows), 'put', 'the answer');
      await store.putMemberships('other', [belongs('a', 'x', 'theirs')]);
      const members = await scanned(async (after) => {
        const page = after === undefined ? { limit: 2 } : { after, limit: 2 };
        return (await store.memberships(APP, { channel: 'x' }, page)).map(({ user }) => user);
      });
      checkSame(members, ['a', 'b', 'c', 'd'], 'members of a channel');
      const mine = await store.memberships(APP, { user: 'a' }, { limit: 10 });
      checkSame(mine, [belongs('a', 'a-room'), belongs('a', 'x')], 'memberships of a user');
      checkSame(
        await store.memberships('other', { channel: 'x' }, { limit: 10 }),
        [belongs('a', 'x', 'theirs')],
        'another app',
      );
      const counts = [{ user: 'a' }, { channel: 'x' }, { user: 'x' }].map((of) => store.countMemberships(APP, of));
      checkSame(await Promise.all(counts), [2, 4, 0], 'the counts');
    },
  },
  {
    name: 'names that only look alike are members apart',
    async run({ store }) {
      const rows = ODD.flatMap((user) => [belongs(user, 'room', user), belongs('ann', user, user)]);
      await store.putMemberships(APP, rows);
      for (const put of rows) checkSame(await store.membership(APP, put), put, JSON.stringify(put.user));
      checkSame(await store.countMemberships(APP, { channel: 'room' }), ODD.length, 'members');
      const gone = await store.deleteMemberships(
        APP,
        ODD.map((user) => ({ user, channel: 'room' })),
      );
      checkSame(gone.map(({ user }) => user).sort(), [...ODD].sort(), 'what was deleted');
      checkSame(await store.countMemberships(APP, { user: 'ann' }), ODD.length, 'what was not');
    },
  },
  {
    name: 'several memberships are put together or, if one conflicts, not at all',
    async run({ store }) {
      const expecting = (channel: string, etag: string, expectedEtag: string | null) => ({
        ...belongs('ann', channel, etag),
        expectedEtag,
      });
      checkSame(await store.putMemberships(APP, [expecting('a', 'e1', null), belongs('ann', 'b')]), 'put', 'the first');
      const conflicting = [
        [expecting('c', 'e2', null), expecting('a', 'e2', 'e9')],
        [belongs('ann', 'c', 'e2'), expecting('a', 'e2', null)],
        [expecting('c', 'e2', 'e1')],
      ];
      for (const rows of conflicting)
        checkSame(await store.putMemberships(APP, rows), 'conflict', JSON.stringify(rows));
      const all = () => store.memberships(APP, { user: 'ann' }, { limit: 10 });
      checkSame(await all(), [belongs('ann', 'a'), belongs('ann', 'b')], 'after conflicts');
      const answer = await store.putMemberships(APP, [expecting('a', 'e2', 'e1'), expecting('c', 'e2', null)]);
      checkSame(answer, 'put', 'as expected');
      checkSame(
        (await all()).map(({ etag }) => etag),
        ['e2', 'e1', 'e2'],
        'afterwards',
      );
      checkSame(
        await store.putMemberships(APP, [belongs('ann', 'a', 'e3'), belongs('ann', 'a', 'e4')]),
        'put',
        'twice',
      );
      checkSame((await store.membership(APP, { user: 'ann', channel: 'a' }))?.etag, 'e4', 'the last one');
      checkSame(await store.putMemberships(APP, []), 'put', 'none at all');
    },
  },
  {
    name: 'deleting memberships answers which were there, each once',
    async run({ store }) {
      await store.putMemberships(APP, [belongs('ann', 'a'), belongs('ann', 'b'), belongs('bob', 'a')]);
      const key = { user: 'ann', channel: 'a' };
      const gone = await store.deleteMemberships(APP, [key, { user: 'ann', channel: 'never' }, key]);
      checkSame(gone, [belongs('ann', 'a')], 'what was there');
      checkSame(await store.deleteMemberships(APP, [key]), [], 'again');
      checkSame(await store.memberships(APP, { channel: 'a' }, { limit: 9 }), [belongs('bob', 'a')], 'of the channel');
      checkSame(await store.memberships(APP, { user: 'ann' }, { limit: 9 }), [belongs('ann', 'b')], 'of the user');
    },
  },
  {
    name: 'memberships stay when what they name is deleted, and go with their app',
    async run({ store }) {
      await store.putObject(APP, 'user', row('ann'));
      await store.putObject('other', 'user', row('ann'));
      await store.putMemberships(APP, [belongs('ann', 'undescribed')]);
      await store.deleteObject(APP, 'user', 'ann');
      checkSame(await store.countMemberships(APP, { user: 'ann' }), 1, 'after the user');
      await store.putObject(APP, 'channel', row('room'));
      await store.commit(APP, 1, [{ type: 'app.delete' }]);
      const left = [
        await store.countMemberships(APP, { user: 'ann' }),
        await store.countMemberships(APP, { channel: 'undescribed' }),
        await store.countObjects(APP, 'channel'),
        await store.countObjects('other', 'user'),
      ];
      checkSame(left, [0, 0, 0, 1], 'after the app');
    },
  },
];
