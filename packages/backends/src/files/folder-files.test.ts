import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesCases } from '@portcullis/engine/suites';
import { afterEach, describe, expect, it } from 'vitest';
import { openFolderFiles } from './index.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-files-'));
  folders.push(folder);
  return join(folder, 'files');
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function* one(text: string) {
  yield Buffer.from(text);
}

describe('files in a folder keep the contract', () => {
  for (const { name, run } of filesCases) {
    it(name, async () => {
      const folder = await newFolder();
      const files = await openFolderFiles(folder);
      await run({ files, leftovers: async () => (await readdir(join(folder, 'incoming'))).length });
    });
  }
});

describe('files in a folder', () => {
  it('are there when it is opened again, and what was half written is not', async () => {
    const folder = await newFolder();
    const files = await openFolderFiles(folder);
    await files.put('a', one('kept'), 10);
    await writeFile(join(folder, 'incoming', '1'), 'half');
    const again = await openFolderFiles(folder);
    expect(await again.get('a')).toMatchObject({ size: 4 });
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  });

  it('can be read by nobody else on the machine', async () => {
    const folder = await newFolder();
    const files = await openFolderFiles(folder);
    await files.put('a', one('x'), 10);
    const names = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
    for (const path of [folder, ...names]) expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('are read on by whoever has begun when they are deleted', async () => {
    const files = await openFolderFiles(await newFolder());
    const size = 200 * 1024;
    async function* large() {
      yield new Uint8Array(size).fill(1);
    }
    await files.put('a', large(), size);
    let got = 0;
    for await (const chunk of (await files.get('a'))?.chunks ?? []) {
      if (got === 0) await files.delete('a');
      got += chunk.byteLength;
    }
    expect(got).toBe(size);
    expect(await files.get('a')).toBeNull();
  });
});
