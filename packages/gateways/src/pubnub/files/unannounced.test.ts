import { type FileRow, MemoryStore } from '@portcullis/engine';
import { expect, it } from 'vitest';
import { proven } from '../ask/desk.fixture.ts';
import { announceUploads, FOR_NOBODY, rememberUpload, unannouncedOf, withholdUploads } from './unannounced.ts';
import type { FileVault } from './vault.ts';

const BY = { app: 'a', channel: 'ch', principal: proven('ann') };
const file = (n: number): FileRow => ({
  app: 'a',
  channel: 'ch',
  id: `id-${n}`,
  name: 'note.txt',
  size: 1,
  type: 'text/plain',
  createdAt: n,
  state: 'stored',
  audience: FOR_NOBODY,
  expiresAt: 1_000,
});

async function uploaded(count: number) {
  const store = new MemoryStore();
  const vault: FileVault = { files: {} as never, key: new Uint8Array(32), random: (bytes) => new Uint8Array(bytes) };
  const deps = { store, vault } as unknown as Parameters<typeof unannouncedOf>[0];
  for (let n = 1; n <= count; n += 1) {
    await store.putFile(file(n), null);
    rememberUpload(vault, BY, file(n));
  }
  return { store, deps };
}

const ids = (rows: readonly FileRow[]) => rows.map(({ id }) => id);

it('an encrypted message stands for what its own sender uploaded there, and for no more than the last twenty', async () => {
  const { deps } = await uploaded(25);
  expect(ids(await unannouncedOf(deps, BY))).toEqual(Array.from({ length: 20 }, (_, n) => `id-${n + 6}`));
  for (const other of [
    { ...BY, channel: 'other' },
    { ...BY, app: 'b' },
    { ...BY, principal: proven('bo') },
  ]) {
    expect(await unannouncedOf(deps, other)).toEqual([]);
  }
});

it('what is announced is for whom its message was and stays; what is withheld after all is for nobody again', async () => {
  const { store, deps } = await uploaded(2);
  const rows = await unannouncedOf(deps, BY);
  await announceUploads(deps, BY, rows, { to: 'authenticated' });
  expect(await unannouncedOf(deps, BY)).toEqual([]);
  expect(await store.file('a', 'ch', 'id-1', 'note.txt')).toMatchObject({
    audience: { to: 'authenticated' },
    expiresAt: null,
  });
  await withholdUploads(deps, BY, rows);
  expect(await store.file('a', 'ch', 'id-1', 'note.txt')).toEqual(file(1));
  expect(ids(await unannouncedOf(deps, BY))).toEqual(['id-1', 'id-2']);
});

it('what was deleted meanwhile does not come back by being announced', async () => {
  const { store, deps } = await uploaded(1);
  const rows = await unannouncedOf(deps, BY);
  await store.deleteFile('a', 'ch', 'id-1', 'note.txt');
  await announceUploads(deps, BY, rows, { to: 'authenticated' });
  expect(await store.file('a', 'ch', 'id-1', 'note.txt')).toBeNull();
});
